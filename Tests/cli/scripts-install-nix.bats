#!/usr/bin/env bats
# virby-install beside what the user has already told Nix and ssh.

load helpers
load install

@test "the user's lines in Nix's list of machines stay as they are, to the byte" {
  make_mac
  machines=$MAC/root/etc/nix/machines
  block='# BEGIN virby virby-vm
ssh-ng://virby-vm aarch64-linux - 8 1 benchmark,big-parallel - -
# END virby virby-vm'
  printf '# mine\nssh-ng://other x86_64-linux' >"$machines"
  chmod 640 "$machines"
  mac_tree >before
  install >/dev/null
  [ "$(cat "$machines")" = "# mine
ssh-ng://other x86_64-linux
$block" ]
  [ "$(stat -c %a "$machines")" = 640 ]
  uninstall --yes >/dev/null
  same_tree before

  # Whatever comes before and behind, and whoever has changed what is between.
  install >/dev/null
  printf 'ssh-ng://last x86_64-linux - 1\n' >>"$machines"
  sed -i 's/ - 8 1 / - 2 9 /' "$machines"
  run --separate-stderr -0 mac virby-install
  [ "$stderr" = "" ]
  [ "$output" = 'nothing to do' ]
  run --separate-stderr -0 mac virby-install --cores 3
  [ "$stderr" = "virby-install: warning: the lines of 'virby-vm' in '/etc/nix/machines' have been changed, and stay" ]
  run -0 uninstall --yes
  [ "${lines[1]}${lines[2]}${lines[4]}" = "the lines of 'virby-vm' had been changed; they were:# BEGIN virby virby-vm# END virby virby-vm" ]
  [ "${lines[3]}" = 'ssh-ng://virby-vm aarch64-linux - 2 9 benchmark,big-parallel - -' ]
  [ "$(cat "$machines")" = '# mine
ssh-ng://other x86_64-linux
ssh-ng://last x86_64-linux - 1' ]
}

@test "builders in nix.conf, or in what it includes, that hide the list of machines: the line is named" {
  make_mac determinate
  conf=$MAC/root/etc/nix/nix.custom.conf
  before=$(sha256sum "$conf" "$MAC/root/etc/nix/nix.conf")
  install >/dev/null
  [ "$(sha256sum "$conf" "$MAC/root/etc/nix/nix.conf")" = "$before" ]
  printf 'builders = ssh://mac aarch64-darwin\n' >>"$conf"
  run --separate-stderr -0 mac virby-install
  [ "$output" = 'nothing to do' ]
  [ "$stderr" = "virby-install: warning: '/etc/nix/nix.custom.conf', line 2 sets 'builders', so Nix does not read '/etc/nix/machines'
virby-install: hint: make it 'builders = @/etc/nix/machines ; ssh://mac aarch64-darwin', and restart Nix's daemon when nothing is building" ]
  # Nix says the same of both.
  [ "$(nix_says builders)" = 'ssh://mac aarch64-darwin' ]
  sed -i 's|^builders.*|builders = @/etc/nix/machines ; ssh://mac aarch64-darwin|' "$conf"
  run --separate-stderr -0 mac virby-install
  [ "$stderr" = "" ]
  # The last one counts.
  printf 'builders =\n' >>"$MAC/root/etc/nix/nix.conf"
  run --separate-stderr -0 mac virby-install
  [[ $stderr == *"'/etc/nix/nix.conf', line "*"hint: make it 'builders = @/etc/nix/machines', and"* ]]
  [ "$(nix_says builders)" = '' ]
}

# nix_says NAME: the setting, as Nix reads its files on the Mac.
nix_says() {
  mac_linux nix --extra-experimental-features nix-command show-config | sed -n "s/^$1 = //p" | xargs
}

@test "an ssh_config that does not include the folder, or that says other things before: both are told" {
  make_mac
  config=$MAC/root/etc/ssh/ssh_config
  printf 'Host virby-vm\n  Port 22\nHost *\nInclude /etc/ssh/ssh_config.d/*\n' >"$config"
  run --separate-stderr -0 install
  [ "$stderr" = "virby-install: warning: '/etc/ssh/ssh_config' says other things of 'virby-vm' before it includes '/etc/ssh/ssh_config.d/100-virby-vm.conf'" ]
  echo 'Host *' >"$config"
  run --separate-stderr -0 mac virby-install
  [ "$output" = 'nothing to do' ]
  [ "$stderr" = "virby-install: warning: '/etc/ssh/ssh_config' does not include '/etc/ssh/ssh_config.d', so ssh does not know 'virby-vm'
virby-install: hint: put the line 'Include /etc/ssh/ssh_config.d/*' at its top" ]
}

@test "a Mac without Nix: the list of machines is made, and its folder goes again" {
  make_mac none
  mac_tree >before
  install >/dev/null
  [ -e "$MAC/root/etc/nix/machines" ]
  uninstall --yes >/dev/null
  same_tree before
}

@test "virby-allow: a key of the user's own, until it is revoked; nothing of it stays after virby-uninstall" {
  make_mac
  mac_tree >before
  run --separate-stderr -0 install --allow-user admin
  home=$MAC/root/Users/admin/.ssh
  [ "$(stat -c '%n %a %u' "$home"/* | sed 's/.*\///' | sort)" = 'virby-vm 600 501
virby-vm.conf 600 501
virby-vm.known_hosts 600 501
virby-vm.pub 600 501' ] || [ "$(stat -c '%a %u' "$home/virby-vm")" = '600 501' ]
  key=$(cut -d ' ' -f 1,2 "$home/virby-vm.pub")
  run -0 mac_as admin ssh -G -F /Users/admin/.ssh/virby-vm.conf virby-vm
  [[ $output == *$'\nport 31222\n'*$'\nidentityfile /Users/admin/.ssh/virby-vm\n'* ]]
  # The guest is told at its next start.
  mac sudo -u _virby env VIRBY_SETTINGS=/etc/virby/virby-vm.conf /usr/local/libexec/virby/virby-settings
  [ "$(cat "$MAC/root/var/lib/virby/guest/authorized_keys")" = "$key admin" ]
  run --separate-stderr -0 mac virby-allow admin
  [ "$output" = "'admin' can log in when the VM starts the next time: ssh -F '/Users/admin/.ssh/virby-vm.conf' virby-vm" ]
  [ "$(cut -d ' ' -f 1,2 "$home/virby-vm.pub")" = "$key" ]

  # After a rotation it is the same key, and the guest's new one.
  for step in rotate 'rotate --finish'; do
    # shellcheck disable=SC2086 # words
    mac sudo -u _virby /usr/local/libexec/virby/virby-keys $step -a virby-vm /var/lib/virby/keys
  done
  run -1 cmp "$home/virby-vm.known_hosts" "$MAC/root/var/lib/virby/keys/ssh_known_hosts"
  mac virby-allow admin
  cmp "$home/virby-vm.known_hosts" "$MAC/root/var/lib/virby/keys/ssh_known_hosts"
  [ "$(cut -d ' ' -f 1,2 "$home/virby-vm.pub")" = "$key" ]

  run --separate-stderr -0 mac virby-allow --revoke admin
  [ "$output" = "the key of 'admin' no longer counts when the VM starts the next time" ]
  [ "$(ls "$home")" = "" ]
  mac sudo -u _virby env VIRBY_SETTINGS=/etc/virby/virby-vm.conf /usr/local/libexec/virby/virby-settings
  [ ! -e "$MAC/root/var/lib/virby/guest/authorized_keys" ]
  run --separate-stderr -1 mac virby-allow --revoke admin
  [ "$stderr" = "virby-allow: 'admin' has no key for 'virby-vm'" ]

  mac virby-allow admin
  uninstall --yes >/dev/null
  same_tree before
}

@test "virby-allow: wrong usage; a key that is there already is not taken" {
  make_mac
  install >/dev/null
  run --separate-stderr -64 mac virby-allow
  [ "${stderr_lines[0]}" = 'virby-allow: exactly one user is needed' ]
  run --separate-stderr -64 mac virby-allow '../x'
  [ "${stderr_lines[0]}" = "virby-allow: '../x' is not a user's name" ]
  run --separate-stderr -64 mac virby-allow nobodyknows
  [ "${stderr_lines[0]}" = "virby-allow: there is no user 'nobodyknows'" ]
  mac_as admin mkdir -m 700 /Users/admin/.ssh
  mac_as admin ssh-keygen -q -t ed25519 -N '' -f /Users/admin/.ssh/virby-vm
  run --separate-stderr -65 mac virby-allow admin
  [ "${stderr_lines[0]}" = "virby-allow: '/Users/admin/.ssh/virby-vm' is there already, and not by virby-allow" ]
}
