#!/usr/bin/env bats
# The Mac's users and groups, and who may do what.

load ../cli/helpers
load rig
load session

@test "users and groups: dscl" {
  says 'UniqueID: 501' dscl . -read /Users/admin UniqueID
  says 'RealName:
 System Administrator' dscl . read /Users/root RealName
  refuses 56 '<dscl_cmd> DS Error: -14136 (eDSRecordNotFound)' dscl . -read /Users/_test
  run -0 mac dscl . -read /Users/root NoSuchKey
  [ "$output" = 'No such key: NoSuchKey' ]
  mac dscl . -create /Groups/test PrimaryGroupID 300
  mac dscl . -create /Users/_test
  mac dscl . -create /Users/_test UniqueID 300
  mac dscl . -create /Users/_test PrimaryGroupID 300
  mac dscl . -create /Users/_test NFSHomeDirectory /var/empty
  mac dscl . -create /Users/_test UserShell /usr/bin/false
  mac dscl . -create /Users/_test RealName 'A test'
  mac dscl . -create /Users/_test IsHidden 1
  says 'uid=300(_test) gid=300(test) groups=300(test)' id _test
  says 'dsAttrTypeNative:IsHidden: 1' dscl . -read /Users/_test IsHidden
  says '_test		UniqueID = (
    300
)' dscl . -search /Users UniqueID 300
  mac dscl . -list /Users UniqueID | grep -qx '_test  *300'
  mac dscl . -append /Groups/test GroupMembership admin
  says 'uid=501(admin) gid=20(staff) groups=20(staff),80(admin),300(test)' id admin
  run --separate-stderr -40 mac_as admin dscl . -create /Users/_test UserShell /bin/sh
  [ "$stderr" = '<main> attribute status: eDSPermissionError
<dscl_cmd> DS Error: -14120 (eDSPermissionError)' ]
  mac dscl . -delete /Users/_test
  refuses 56 '<main> delete status: eDSRecordNotFound' dscl . -delete /Users/_test
  mac dscl . -delete /Groups/test
  refuses 1 '' id _test
}

@test "users and groups: dseditgroup and sysadminctl, which always ends with 0" {
  mac dseditgroup -o create -i 301 -r 'A group' others
  refuses 73 '' dseditgroup -o create -i 301 others
  run -67 mac dseditgroup -o checkmember -m admin others
  [ "$output" = 'no admin is NOT a member of others' ]
  mac dseditgroup -o edit -a admin -t user others
  says 'yes admin is a member of others' dseditgroup -o checkmember -m admin others
  run -0 mac sysadminctl -addUser _role -UID 299 -GID 301 -roleAccount
  says 'uid=299(_role) gid=301(others) groups=301(others)' id _role
  run -0 mac sysadminctl -addUser role -UID 298 -roleAccount
  [[ $output == *'Role accounts require name starting with _ and UID in 200-400 range.' ]]
  refuses 1 '' id role
  run -0 mac sysadminctl -deleteUser _role
  refuses 1 '' id _role
  mac dseditgroup -o delete others
}

@test "sudo" {
  run -0 mac env VIRBY_X=1 sudo -u admin env
  [[ $'\n'$output == *$'\n'USER=admin* ]]
  [[ $output != *VIRBY_X* ]]
  [[ $output == *HOME=/Users/admin* ]]
  says 1 sudo -u admin X=1 sh -c 'echo $X'
  refuses 1 'sudo: unknown user nobody-at-all' sudo -u nobody-at-all true
  run --separate-stderr -1 mac_as admin sudo -n true
  [ "$stderr" = 'sudo: a password is required' ]
}
