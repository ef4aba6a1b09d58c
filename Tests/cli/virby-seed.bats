#!/usr/bin/env bats
# virby-seed: what it writes, with each program that makes such images. That it makes a builder is in Tests/e2e/seed.bats.

load helpers
load scripts

# The address that virby-boot gives the guest of this folder's disk.
address() {
  driver_words --driver vfkit builder/disk.img | sed -n 's/.*,mac=//p'
}

# only PROGRAM: of those that make ISO 9660 images no other is on PATH.
only() {
  mkdir -p bin
  ln -sf /usr/sbin/* /usr/bin/* bin
  rm -f bin/{xorrisofs,xorriso,genisoimage,mkisofs,hdiutil}
  if [ -n "$1" ]; then ln -s "$1" bin; fi
  # shellcheck disable=SC2153 # of helpers.bash
  PATH=$VIRBY_BIN:$REPO/scripts:$PWD/bin
}

# holds FILE: the image has the three files, by their whole names, under the label that cloud-init looks for.
holds() {
  run -0 blkid -p -o value -s LABEL -s TYPE "$1"
  [ "$output" = "cidata
iso9660" ]
  for name in user-data meta-data network-config; do
    isoinfo -J -i "$1" -x "/$name" >"read-$name"
    [ -s "read-$name" ]
  done
}

@test "the three files: YAML that names every file of the guest's, and nothing secret" {
  prepare
  run --separate-stderr -0 virby-seed --files seed
  [ "$output$stderr" = "" ]
  [ "$(ls seed)" = 'meta-data
network-config
user-data' ]
  [ "$(head -n 1 seed/user-data)" = '#cloud-config' ]
  grep -Ex 'instance-id: virby-[0-9]+-[0-9]+' seed/meta-data
  [ "$(cat seed/network-config)" = "version: 2
ethernets:
  virby:
    match:
      macaddress: '$(address)'
    dhcp4: true
    dhcp-identifier: mac" ]
  for key in builder/keys/*; do
    if [ -f "$key" ]; then run ! grep -qFf <(grep -v -e ---- "$key" | cut -c 1-60) seed/user-data; fi
  done

  # Each file as it stands in the repository, but for the shell and the console.
  python3 - "$REPO/scripts" <<'PYTHON'
import os, sys, yaml
scripts = sys.argv[1]
data = yaml.safe_load(open("seed/user-data"))
files = {entry["path"]: entry for entry in data["write_files"]}
assert len(files) == len(data["write_files"])
guest = f"{scripts}/guest/rootfs"
for path, entry in files.items():
    own = f"{scripts}/seed{path}", f"{scripts}/seed/lib/{os.path.basename(path)}", f"{guest}{path}"
    if path == "/etc/ssh/sshd_config.d/00-virby.conf":
        own = [f"{guest}/etc/ssh/sshd_config.d/virby.conf"]
    source = next(name for name in own if os.path.exists(name))
    text = open(source).read()
    if source.startswith(f"{guest}/usr/lib"):
        text = text.replace("#!/bin/busybox sh\n", "#!/bin/sh\n", 1).replace("/dev/console", "/dev/hvc0")
    assert entry["content"] == text, path
    runs = os.access(source, os.X_OK)
    assert entry["permissions"] == ("0755" if runs else "0644"), path
# What a program of the seed runs is there.
for path, entry in files.items():
    for word in entry["content"].replace('"', " ").replace("=", " ").split():
        if word.startswith("/usr/lib/virby/") and len(word) > 15:
            assert word.rstrip(";,:)") in files, (path, word)
        if word.startswith("$lib/"):
            assert "/usr/lib/virby/" + word[5:] in files, (path, word)
print("checked", len(files))
PYTHON
}

@test "what the seed brings is for sh, and knows nothing of busybox" {
  prepare
  virby-seed --files seed
  python3 - <<'PYTHON'
import os, yaml
os.mkdir("programs")
for entry in yaml.safe_load(open("seed/user-data"))["write_files"]:
    if entry["path"].startswith("/usr/lib/virby/"):
        with open("programs/" + os.path.basename(entry["path"]), "w") as file:
            file.write(entry["content"])
PYTHON
  for program in programs/*; do dash -n "$program"; done
  run -1 grep -lE 'busybox|usleep|udhcpc' programs/*
  # By dash and GNU's programs the guest's share is taken as by busybox.
  mkdir share given run
  cp builder/keys/guest/* share
  echo 'max-jobs = 3' >share/nix.conf
  for program in tell take-files check-keys check-nix-conf install-settings; do
    sed -i "s|/usr/lib/virby|$PWD/programs|g" "programs/$program"
    chmod +x "programs/$program"
  done
  run --separate-stderr -0 programs/take-files share given
  [ "$output$stderr" = "" ]
  run --separate-stderr -0 programs/install-settings "$PWD/given" "$PWD/run"
  [ "$output$stderr" = "" ]
  [ "$(cat run/nix.conf)" = 'max-jobs = 3' ]
  run --separate-stderr -0 programs/check-keys given run
  [ "$output$stderr" = "" ]
  cmp given/ssh_host_ed25519_key run/ssh_host_ed25519_key
  [ "$(cat run/authorized_keys)" = "restrict,pty $(cat given/ssh_user_ed25519_key.pub)" ]
}

@test "the image, by each program that makes one; there is none" {
  prepare
  for program in "$(command -v xorrisofs)" "$(command -v genisoimage)" "$REPO/Tests/standins/hdiutil"; do
    (
      only "$program"
      if [ "${program##*/}" = hdiutil ]; then ln -s /usr/bin/genisoimage bin; fi
      rm -f builder/seed.iso
      run --separate-stderr -0 virby-seed
      [ "$output$stderr" = "" ]
    )
    [ "$(stat -c %a builder/seed.iso)" = 600 ]
    holds builder/seed.iso
    [ "$(($(stat -c %s builder/seed.iso) % 512))" = 0 ]
  done
  only ''
  rm builder/seed.iso
  run --separate-stderr -69 virby-seed
  [ "$output" = "" ]
  [ "$stderr" = "virby-seed: there is no program that makes ISO 9660 images
virby-seed: hint: install xorriso or genisoimage" ]
  [ ! -e builder/seed.iso ]
  [ -z "$(ls -d builder/seed.* 2>/dev/null)" ]
}

@test "a seed that would be the same is left alone; what changes is another instance" {
  prepare
  virby-seed
  before=$(stat -c '%i %Y' builder/seed.iso)
  virby-seed
  [ "$(stat -c '%i %Y' builder/seed.iso)" = "$before" ]
  first=$(isoinfo -J -i builder/seed.iso -x /meta-data)

  # The disk under another name has another address.
  mv builder other
  export VIRBY_DIR=$PWD/other
  virby-seed
  [ "$(isoinfo -J -i other/seed.iso -x /meta-data)" != "$first" ]
  # Half an image is none.
  truncate -s 4096 other/seed.iso
  virby-seed
  holds other/seed.iso
}

@test "virby-prepare writes it if VIRBY_SEED says so, and virbyd attaches it" {
  prepare
  [ ! -e builder/seed.iso ]
  export VIRBY_SEED=yes
  virby-prepare
  holds builder/seed.iso

  mkdir stages
  printf '%s\n' '#!/bin/sh' "echo \"\$@\" >'$PWD/words'" >stages/virby-boot
  chmod +x stages/virby-boot
  for command in image keys lease forward idle; do ln -s "$VIRBY_BIN/virby-$command" stages; done
  words() {
    VIRBY_BIN=$PWD/stages VIRBY_PORT=$((20000 + RANDOM % 10000)) timeout 20 virbyd >/dev/null 2>&1 || true
    grep -o -- '--seed .*\.iso' words
  }
  # virby-prepare has written it, and has no address from such a virby-boot.
  export VIRBY_SEED=$PWD/own.iso
  [ "$(words)" = "--seed $PWD/own.iso" ]

  VIRBY_SEED=no run --separate-stderr -64 virby-prepare
  [ "$stderr" = "virby-prepare: 'no' is neither 'yes' nor the path of a seed
virby-prepare: hint: set VIRBY_SEED to 'yes', or to a name that begins with '/'" ]
}

@test "wrong calls" {
  run --separate-stderr -64 virby-seed --what
  [ "$stderr" = "virby-seed: unknown argument '--what'
virby-seed: hint: see 'virby-seed --help'" ]
  run --separate-stderr -64 virby-seed --files
  [ "${stderr_lines[0]}" = "virby-seed: no value for '--files'" ]
  run --separate-stderr -71 virby-seed
  [ "$stderr" = "virby-seed: there is no disk in '$PWD/builder' yet
virby-seed: hint: run 'virby-prepare' first" ]
  run --separate-stderr -0 virby-seed --help
  [ "${lines[0]}" = 'usage: virby-seed [--files DIR]' ]
}
