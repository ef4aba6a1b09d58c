#!/usr/bin/env bats
# virby-doctor(1): Nix on the host, the machines it knows, and root's ssh.

load helpers
load scripts
load doctor

setup_nix() {
  command -v nix >/dev/null || skip 'needs Nix'
  listen
}

machine() {
  echo "$*" >system/etc/nix/machines
}

@test "no Nix here: nothing of it is looked at" {
  listen
  rm -r system/etc/nix
  mkdir bin
  find /usr/bin /usr/sbin ! -type d ! -name 'nix*' -exec ln -sf -t bin {} +
  PATH=$PWD/bash:$VIRBY_BIN:$PWD/bin run -0 "$REPO/scripts/virby-doctor" --root system
  grep -x 'skipped   nix        there is no Nix on this machine' <<<"$output"
  [[ $output != *machines* && $output != *root-ssh* ]]
}

@test "a nix.conf that Nix cannot read" {
  setup_nix
  echo 'what is this' >system/etc/nix/nix.conf
  verdict nix-conf fault "'what is this'"
}

@test "'builders' in line or empty, and the machines file is not read" {
  setup_nix
  printf 'max-jobs = 4\nbuilders = ssh://mac-mini aarch64-darwin\n' >system/etc/nix/nix.conf
  verdict builders-inline fault "$PWD/system/etc/nix/nix.conf:2:builders = ssh://mac-mini aarch64-darwin"
  # As Determinate has it.
  printf '!include nix.custom.conf\n' >system/etc/nix/nix.conf
  printf 'builders = ssh://mac-mini\n' >system/etc/nix/nix.custom.conf
  verdict builders-inline fault "nix.custom.conf:1:builders = ssh://mac-mini"
  echo 'builders =' >system/etc/nix/nix.custom.conf
  verdict builders-none fault "nix.custom.conf:1:builders ="
  # In line, and the builder among them.
  echo 'builders = ssh://mac-mini ; ssh-ng://virby-vm x86_64-linux - 1 1 - -' >system/etc/nix/nix.custom.conf
  run -0 doctor
  [[ $output == *'
verdict   down: '* ]]
}

@test "Nix's daemon without ssh on its PATH; Determinate's own builder" {
  setup_nix
  tool systemctl <<<"echo 'Environment=PATH=$PWD/builder FOO=bar'"
  verdict daemon-path fault "PATH=$PWD/builder"
  tool systemctl <<<'exit 1'
  mkdir system/etc/determinate
  printf '{ "builder": {\n "state": "enabled" } }\n' >system/etc/determinate/config.json
  verdict determinate-builder warning determinate/config.json
}

@test "a Mac's daemon without ssh on its PATH" {
  setup_nix
  on_a_mac
  VIRBY_DRIVER=qemu
  tool launchctl <<'END'
case $2 in
  system/org.nixos.nix-daemon) printf 'x = {\n\tenvironment = {\n\t\tPATH => /nowhere\n\t}\n}\n' ;;
  *) exit 113 ;;
esac
END
  finds daemon-path fault PATH=/nowhere
}

@test "machines: no line, or one that does not do" {
  setup_nix
  machine 'ssh-ng://other x86_64-linux'
  verdict machines-none fault "no line for ssh-ng://virby-vm in '$PWD/system/etc/nix/machines'"
  machine 'ssh-ng://virby-vm-2 x86_64-linux'
  finds machines-none fault
  rm system/etc/nix/machines
  finds machines-none fault
  machine 'ssh-ng://virby-vm?max-connections=3 x86_64-linux - 1 1 - - -'
  verdict machines-connections fault max-connections=3
  machine 'ssh://builder@virby-vm x86_64-linux - 1 1 - - -'
  verdict machines-protocol warning ssh://builder@virby-vm
  machine 'ssh-ng://virby-vm x86_64-linux - 1 1 kvm kvm -'
  verdict machines-mandatory warning 'kvm kvm'
  machine 'ssh-ng://virby-vm x86_64-linux - 0 1 - - -'
  verdict machines-no-jobs fault
}

@test "machines: the host key of before, but during a rotation either" {
  setup_nix
  machine "ssh-ng://virby-vm x86_64-linux - 1 1 - - $(virby-keys machines-key builder/keys/ssh_host_ed25519_key.pub)"
  run -0 doctor
  virby-keys rotate builder/keys >/dev/null
  run -0 doctor
  virby-keys rotate --finish builder/keys >/dev/null
  verdict machines-key fault
}

@test "machines: systems and features that the guest has not shown" {
  setup_nix
  printf 'system=aarch64-linux\nfeatures=benchmark big-parallel\ncores=8\n' >builder/proved
  verdict machines-system fault 'the guest runs aarch64-linux'
  machine 'ssh-ng://virby-vm aarch64-linux - 1 1 big-parallel,kvm,nixos-test - -'
  verdict machines-features fault ': kvm nixos-test'
  machine 'ssh-ng://virby-vm aarch64-linux - 1 1 big-parallel - -'
  run -0 doctor
}

# stanza WORDS...: lines before the builder's own for root's ssh, which the first one wins.
stanza() {
  { printf '%s\n' 'Host virby-vm' "$@" && cat builder/ssh_config; } >system/etc/ssh/ssh_config.d/100-virby-vm.conf
}

@test "root's ssh: no stanza, one for another port, one that cannot be read" {
  setup_nix
  # The file is there, but nothing includes it.
  : >system/etc/ssh/ssh_config
  verdict root-ssh-none fault '100-virby-vm.conf; includes: '
  echo 'Hots virby-vm' >system/etc/ssh/ssh_config
  verdict root-ssh-malformed fault 'terminating, 1 bad configuration options'
  echo "Include $PWD/system/etc/ssh/ssh_config.d/*.conf" >system/etc/ssh/ssh_config
  stanza 'Port 22'
  verdict root-ssh-stale fault 'port 22'
}

@test "root's ssh: keys, known hosts, and what the daemon cannot do" {
  setup_nix
  stanza "IdentityFile $PWD/gone" 'IdentitiesOnly yes'
  verdict root-ssh-key fault "there is no '$PWD/gone'"
  virby-keys ensure other >/dev/null
  stanza "IdentityFile $PWD/other/ssh_user_ed25519_key"
  verdict root-ssh-other-key warning "'$PWD/other/ssh_user_ed25519_key'"
  stanza 'StrictHostKeyChecking ask'
  verdict root-ssh-asks fault 'stricthostkeychecking ask'
  stanza 'GlobalKnownHostsFile /dev/null'
  verdict root-ssh-known-hosts fault "no 'virby-vm' in '/dev/null'"
  stanza 'ControlMaster auto' 'ControlPath ~/%C'
  verdict root-ssh-multiplex warning 'controlmaster auto'
  stanza 'ConnectTimeout 5'
  verdict root-ssh-timeout warning 'connecttimeout 5'
}
