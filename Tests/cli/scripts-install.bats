#!/usr/bin/env bats
# virby-install and virby-uninstall on a pretended Mac: what they make, keep, refuse and take away.

load helpers
load install

@test "installed, installed again, uninstalled: a dry run tells all of it, and at the end nothing is left" {
  make_mac
  mac_tree >before
  run --separate-stderr -0 install --cores 4 --dry-run
  [ "$stderr" = "" ]
  [ -n "$output" ]
  told=$output
  same_tree before

  run --separate-stderr -0 install --cores 4
  [ "$stderr" = "" ]
  [ "$output" = "$told" ]
  [ "$(on_mac /etc/nix/machines)" = '# BEGIN virby virby-vm
ssh-ng://virby-vm aarch64-linux - 4 1 benchmark,big-parallel - -
# END virby virby-vm' ]
  [ "$(grep -v '^#' "$MAC/root/etc/virby/virby-vm.conf")" = 'VIRBY_DISK_SIZE=32MiB
VIRBY_CORES=4
VIRBY_PATH=/opt/homebrew/bin
VIRBY_IMAGE=/var/lib/virby/image.img' ]
  mac launchctl print system/org.nixos.virbyd
  [ "$(mac dscl . -read /Users/_virby UniqueID)" = 'UniqueID: 348' ]
  # As Nix's daemon connects, and as nobody else may.
  run -0 mac ssh -G virby-vm
  [[ $output == *$'\nport 31222\n'*$'\nhostkeyalias virby-vm\n'*$'\nidentityfile /var/lib/virby/keys/ssh_user_ed25519_key\n'* ]]
  mac cat /var/lib/virby/keys/ssh_user_ed25519_key >/dev/null
  run ! mac_as admin cat /var/lib/virby/keys/ssh_user_ed25519_key
  run ! mac_as admin ls /var/lib/virby
  # What people type is there, and says what is installed.
  run -1 mac sudo -u _virby virby-status
  [ "${lines[0]}" = 'vm        down' ]
  run -0 mac virby-doctor
  [ "${lines[0]}" = "ok        settings   '/etc/virby/virby-vm.conf'" ]
  [[ $output == *'
verdict   down: nothing is wrong '* ]]
  run -0 mac_as admin virby-doctor
  [[ $output == *"
verdict   partial: nothing is wrong "*"
unseen    folder "*"(run this with sudo, or as '_virby')" ]]
  run -0 mac virby-machines --check

  mac_tree >installed
  run --separate-stderr -0 install --cores 4
  [ "$output" = 'nothing to do' ]
  [ "$stderr" = "" ]
  run --separate-stderr -0 mac virby-install
  [ "$output" = 'nothing to do' ]
  same_tree installed

  run --separate-stderr -0 mac virby-uninstall --dry-run
  told=$output
  same_tree installed
  run --separate-stderr -64 mac virby-uninstall
  [ "$stderr" = "virby-uninstall: this would delete '/var/lib/virby/disk.img', and there is nobody to ask
virby-uninstall: hint: give --yes, or --keep-data" ]
  same_tree installed
  run --separate-stderr -0 mac virby-uninstall --yes
  [ "$output" = "$told" ]
  [ "$stderr" = "" ]
  [ "${lines[0]}" = "take 'virby-vm' out of '/etc/nix/machines'" ]
  run -113 mac launchctl print system/org.nixos.virbyd
  same_tree before
  run --separate-stderr -0 uninstall --yes
  [ "$output" = 'nothing is installed' ]
}

@test "a setting is changed in the file; the job is loaded again only when its own file has to change" {
  make_mac
  printf 'ssh-ng://other x86_64-linux' >"$MAC/root/etc/nix/machines"
  mac_tree >before
  install >/dev/null
  echo '# the house has few cores
VIRBY_TTL=10m' >>"$MAC/root/etc/virby/virby-vm.conf"
  run --separate-stderr -0 mac virby-install --cores 2 --set VIRBY_PROXY='http://proxy:3128/ a=b'
  [ "$output" = "write '/etc/virby/virby-vm.conf'
write the lines of 'virby-vm' in '/etc/nix/machines'" ]
  [ "$(tail -n 4 "$MAC/root/etc/virby/virby-vm.conf")" = '# the house has few cores
VIRBY_TTL=10m
VIRBY_CORES=2
VIRBY_PROXY=http://proxy:3128/ a=b' ]
  run --separate-stderr -0 mac virby-install --port 31333
  [ "$output" = "stop the job 'org.nixos.virbyd', for its file changes
write '/etc/virby/virby-vm.conf'
prepare '/var/lib/virby' again
write '/Library/LaunchDaemons/org.nixos.virbyd.plist'
load the job 'org.nixos.virbyd'
write '/etc/ssh/ssh_config.d/100-virby-vm.conf'" ]
  run -0 mac ssh -G virby-vm
  [[ $output == *$'\nport 31333\n'* ]]
  run -0 mac launchctl print system/org.nixos.virbyd
  [[ $output == *'127.0.0.1:31333'* ]]
  # What was said of it by hand stays, and is said to.
  run --separate-stderr -0 uninstall --yes
  [ "$(grep ^keep <<<"$output")" = "keep '/etc/virby/virby-vm.conf', which has been changed" ]
  rm -r "$MAC/root/etc/virby"
  same_tree before
}

@test "--always-on: a job that is kept alive; a wrong option or setting, before anything is done" {
  make_mac
  mac_tree >before
  while IFS='|' read -r status options message; do
    # shellcheck disable=SC2086 # words
    run --separate-stderr "-$status" install $options
    [ "$output" = "" ]
    [ "${stderr_lines[0]}" = "virby-install: $message" ]
    [[ ${stderr_lines[1]} == 'virby-install: hint: '* ]]
  done <<'END'
64|--fast|unknown option '--fast'
64|--cores|no value for '--cores'
64|--cores 0|'0' is not a number of cores
64|--memory lots|'lots' is not a size of memory
64|--disk-size 100|'100' is not a size of a disk
64|--ttl 3|'3' is not a duration
64|--port 70000|'70000' is not a port
64|--name -x|'-x' is not a host name
64|--label a/b|'a/b' is not a label
64|--prefix here|'here' is not an absolute path
64|--set CORES=3|'CORES=3' is not VIRBY_X=VALUE
64|--release http://x|'--release' without '--sha256'
64|--release ftp://x --sha256 0000000000000000000000000000000000000000000000000000000000000000|'ftp://x' is not an https, http or file URL
64|--sha256 00|'00' is not a SHA-256 checksum
64|--direct-boot|'--direct-boot' takes the kernel of a release
71|--image nowhere|cannot read 'nowhere'
71|--kernel nowhere|cannot read 'nowhere'
69|--set VIRBY_DRIVER=krunkit|cannot find 'krunkit', which runs the VM
END
  same_tree before

  install --always-on >/dev/null
  [ "$(plutil_of KeepAlive)$(plutil_of RunAtLoad)" = TrueTrue ]
  run --separate-stderr -0 mac virby-install --set VIRBY_ALWAYS_ON=
  [ "$(plutil_of KeepAlive)$(plutil_of RunAtLoad)" = FalseFalse ]
  uninstall --yes >/dev/null
  same_tree before
}

# answered TEXT COMMAND...: on a terminal of the Mac's, where that is typed.
answered() {
  run python3 - "$MAC_PID" "$MAC_PATH" "$@" <<'END'
import os, pty, sys
pid, path, text, *command = sys.argv[1:]
child, terminal = pty.fork()
if child == 0:
    os.execvp("nsenter", ["nsenter", "--target", pid, "--mount", "--pid", "--net", "--uts", "--ipc", "--root", "--wdns=/",
                          "/.linux/usr/bin/env", "-i", "PATH=" + path, "VIRBY_BIN=/.rig/bin", *command])
said = b""
while True:
    try:
        said += os.read(terminal, 4096)
    except OSError:
        break
    if text and said.endswith(b"[y/N] "):
        os.write(terminal, text.encode() + b"\n")
        text = ""
print(said.decode().replace("\r", ""), end="")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
END
}

@test "on a terminal it is asked first, after all has been told" {
  make_mac
  mac_tree >before
  command=("$REPO/scripts/virby-install" --image "$PWD/image" --disk-size 32MiB)
  run -0 install --dry-run
  told=$output
  answered n "${command[@]}"
  [ "$status" = 75 ]
  [ "$output" = "$told
Go on? [y/N] n
virby-install: nothing has been done" ]
  same_tree before
  answered y "${command[@]}"
  [ "$status" = 0 ]
  [ "$output" = "$told
Go on? [y/N] y
$told" ]
  answered '' "${command[@]}"
  [ "$output" = 'nothing to do' ]
  mac_tree >installed
  answered n virby-uninstall
  [ "$status" = 75 ]
  [ "$output" = "Delete '/var/lib/virby', with all that was built there? [y/N] n
virby-uninstall: nothing has been done
virby-uninstall: hint: --keep-data keeps it" ]
  same_tree installed
  answered y virby-uninstall
  [ "$status" = 0 ]
  same_tree before
}

# plutil_of KEY
plutil_of() {
  python3 -c 'import plistlib, sys; print(plistlib.load(open(sys.argv[1], "rb"))[sys.argv[2]])' \
    "$MAC/root/Library/LaunchDaemons/org.nixos.virbyd.plist" "$1"
}

# refused STATUS MESSAGE HINT [OPTION...]
refused() {
  run --separate-stderr "-$1" install "${@:4}"
  [ "$output" = "" ]
  [ "$stderr" = "virby-install: $2
virby-install: hint: $3" ]
}

@test "a job that takes its time to end: it is waited for, and what launchctl says meanwhile is no news" {
  make_mac
  install
  # launchctl waits for a second, and says that it is under way.
  mac_linux sed -i '2i trap "sleep 3; exit" TERM; sleep 60 & wait' /usr/local/libexec/virby/virbyd
  mac_linux bash -c 'exec 3<>/dev/tcp/127.0.0.1/31222'
  eventually 20 eval 'mac launchctl print system/org.nixos.virbyd | grep -q "state = running"'
  run --separate-stderr -0 mac virby-uninstall --yes
  [ "$stderr" = "" ]
  [[ $output == *"keep '/usr/local/libexec/virby/virbyd', which has been changed"* ]]
  run -113 mac launchctl print system/org.nixos.virbyd
}

@test "what is not ours is refused, each thing, and nothing is done" {
  make_mac
  mac mkdir -p /usr/local/libexec/virby /usr/local/bin /etc/virby /var/lib
  mac_tree >before
  whose='see whose it is; move it away if nothing needs it'
  for file in /Library/LaunchDaemons/org.nixos.virbyd.plist /etc/ssh/ssh_config.d/100-virby-vm.conf \
    /usr/local/libexec/virby/settings /usr/local/bin/virby-ssh /etc/virby/virby-vm.conf; do
    echo foreign >"$MAC/root$file"
    refused 65 "'$file' is there already, and not by virby-install" "$whose"
    rm "$MAC/root$file"
    ln -s /etc/static/virby "$MAC/root$file"
    refused 65 "'$file' is there already, and not by virby-install" \
      'remove services.virby from the nix-darwin configuration first'
    rm "$MAC/root$file"
  done
  mac mkdir /var/lib/virby
  touch "$MAC/root/var/lib/virby/diff.img"
  refused 65 "'/var/lib/virby' is there already, and not by virby-install" "$whose"
  mac rm -r /var/lib/virby
  mac ln -s /tmp /var/lib/virby
  refused 65 "'/var/lib/virby' is a symbolic link" 'set VIRBY_DIR to the folder it leads to'
  mac rm /var/lib/virby
  mac dscl . -create /Users/_virby
  refused 65 "the user '_virby' is there already, and not by virby-install" \
    'see whose it is; delete it if nothing needs it'
  mac dscl . -delete /Users/_virby
  mac dscl . -create /Groups/virby
  refused 65 "the group 'virby' is there already, and not by virby-install" \
    'see whose it is; delete it if nothing needs it'
  mac dscl . -delete /Groups/virby
  echo 'ssh-ng://builder@virby-vm aarch64-linux' >"$MAC/root/etc/nix/machines"
  refused 65 "'/etc/nix/machines' has a line for 'virby-vm' already" 'take it away, or give another --name'
  echo '# BEGIN virby virby-vm' >"$MAC/root/etc/nix/machines"
  refused 65 "'/etc/nix/machines' has a line '# BEGIN virby virby-vm' without '# END virby virby-vm'" \
    'take that line away, and what belongs to it'
  rm "$MAC/root/etc/nix/machines"
  ln -s /etc/static/nix/machines "$MAC/root/etc/nix/machines"
  refused 65 "'/etc/nix/machines' is a symbolic link" 'remove services.virby from the nix-darwin configuration first'
  rm "$MAC/root/etc/nix/machines"
  mac nc -lk 127.0.0.1 31222 >/dev/null 3>&- &
  eventually 10 eval 'mac lsof -nP -iTCP:31222 -sTCP:LISTEN >/dev/null'
  refused 75 "port 31222 is in use, by '$(mac lsof -nP -iTCP:31222 -sTCP:LISTEN -Fc | sed -n 's/^c//p')'" 'end that, or give another --port'
  mac kill "$(mac lsof -t -nP -iTCP:31222 -sTCP:LISTEN)"
  mac rm /opt/homebrew/bin/vfkit
  refused 69 "cannot find 'vfkit', which runs the VM" "install it, with 'brew install vfkit' for one"
  make_vfkit
  run --separate-stderr -71 mac_as admin "$REPO/scripts/virby-install" --image /etc/hosts
  [ "${stderr_lines[0]}" = 'virby-install: cannot install without being root' ]
  same_tree before
}

@test "a user ID that is taken, whoever has it: the next one" {
  make_mac
  mac dscl . -create /Users/_other
  mac dscl . -create /Users/_other UniqueID 348
  mac dscl . -create /Groups/others
  mac dscl . -create /Groups/others PrimaryGroupID 347
  install >/dev/null
  [ "$(mac dscl . -read /Users/_virby UniqueID)" = 'UniqueID: 346' ]
  [ "$(mac dscl . -read /Groups/virby PrimaryGroupID)" = 'PrimaryGroupID: 346' ]
}

@test "other versions: new programs, old ones gone; one that was changed by hand is left, and nothing is done" {
  make_mac
  mac_tree >before
  mkdir checkout
  cp -R "$REPO/scripts" "$REPO/templates" "$REPO/man" checkout
  touch checkout/scripts/virby-old
  chmod +x checkout/scripts/virby-old
  mac env VIRBY_BIN=/.rig/bin "$PWD/checkout/scripts/virby-install" --image "$PWD/image" --disk-size 32MiB >/dev/null
  exec 8<"$MAC/root/usr/local/libexec/virby/virbyd"
  rm checkout/scripts/virby-old
  echo '# newer' >>checkout/scripts/virbyd
  run --separate-stderr -0 mac env VIRBY_BIN=/.rig/bin "$PWD/checkout/scripts/virby-install"
  [ "$output" = "write '/usr/local/libexec/virby/virbyd'
remove '/usr/local/libexec/virby/virby-old', of an older version
remove '/usr/local/bin/virby-old', of an older version" ]
  # The one that runs is still all there.
  cmp - "$REPO/scripts/virbyd" <&8
  echo '# by hand' >>"$MAC/root/usr/local/libexec/virby/virbyd"
  echo '# newest' >>checkout/scripts/virbyd
  mac_tree >installed
  run --separate-stderr -65 mac env VIRBY_BIN=/.rig/bin "$PWD/checkout/scripts/virby-install"
  [ "$stderr" = "virby-install: '/usr/local/libexec/virby/virbyd' has been changed since it was installed
virby-install: hint: move it away, and run this again" ]
  same_tree installed
  run --separate-stderr -0 uninstall --yes
  [ "$(grep ^keep <<<"$output")" = "keep '/usr/local/libexec/virby/virbyd', which has been changed
keep '/usr/local/libexec/virby', which is not empty
keep '/usr/local/libexec', which is not empty" ]
  rm -r "$MAC/root/usr/local/libexec"
  same_tree before
}
