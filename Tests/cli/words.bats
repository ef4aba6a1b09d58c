#!/usr/bin/env bats
# What wrong calls are told: the right form, the subcommand that was meant, and no remedy that does harm.

load helpers

# refused STATUS MESSAGE HINT COMMAND...
refused() {
  run --separate-stderr "-$1" "${@:4}"
  [ "$output" = "" ]
  [ "$stderr" = "$4: $2
$4: hint: $3" ]
}

@test "a size, a duration, an address: the hint names the right form" {
  refused 64 "the value '5GB' is invalid for '-s <size>'" 'write a size such as 100GiB or 512MiB' virby-image create -s 5GB a b
  refused 64 "the value '5' is invalid for '-t <duration>'" 'write a duration such as 90s, 180m or 3h' virby-idle -t 5
  refused 64 "the value 'x' is invalid for '--mac <mac>'" 'write an address such as 02:94:00:0a:01:02' virby-boot --mac x d
  refused 64 "the value 'x' is invalid for '<mac>'" 'write an address such as 02:94:00:0a:01:02' virby-lease x
  refused 64 "the value 'x' is invalid for '-l <address>'" 'write 127.0.0.1:31222, unix:PATH or fd:3' virby-forward -l x
  refused 64 "the value 'host:22' is invalid for '-a <alias>'" \
    "write '[host]:22', as ssh does for a port other than 22" virby-keys known-hosts -a host:22
}

@test "a negative number is not a missing one" {
  refused 64 "the value '-1GiB' is invalid for '-s <size>'" \
    "a negative number means nothing here; see 'virby-image grow --help'" virby-image grow -s -1GiB d
  refused 64 "the value '-5s' is invalid for '-t <duration>'" \
    "a negative number means nothing here; see 'virby-idle --help'" virby-idle -t -5s
}

@test "a misspelt subcommand, and the help of the one that was called wrongly" {
  refused 64 "'virby-image' has no subcommand 'creat'" "did you mean 'create'?" virby-image creat x y
  refused 64 "'virby-keys' has no subcommand 'rotat'" "did you mean 'rotate'?" virby-keys rotat keys
  refused 64 "'virby-image' has no subcommand 'mount'" "see 'virby-image --help'" virby-image mount x y
  refused 64 "missing expected argument '<disk>'" "see 'virby-image create --help'" virby-image create x
}

@test "an image and a disk the wrong way round: nobody is told to replace the image" {
  echo image >nixos.img
  refused 71 "cannot open 'disk.img': No such file or directory" \
    'the image comes first: virby-image create nixos.img disk.img' virby-image create disk.img nixos.img
}

@test "a folder of the system's: no remedy that would do harm" {
  refused 71 "cannot use the folder '/etc': it is not private" 'name one that is not there yet; it is made' \
    virby-boot --accelerator tcg --control /etc "$(disk)"
  mkdir -m 1777 tmp
  refused 65 "cannot keep keys in 'tmp': others may write to it" 'name a folder for the keys alone; it is made' \
    virby-keys ensure tmp
  virby-keys ensure keys
  chmod g+w keys
  refused 65 "cannot keep keys in 'keys': others may write to it" 'run: chmod go-w keys' virby-keys check keys
}

# disk: the name of one that can be booted.
disk() {
  truncate -s 1M disk.img
  printf '\x55\xaa' | dd of=disk.img bs=1 seek=510 conv=notrunc status=none
  echo disk.img
}

@test "a folder that one may not look into is not one that is missing" {
  [ "$(id -u)" = 0 ] || skip 'needs root, to be somebody else'
  for_everyone
  mkdir -m 755 place
  mkdir -m 700 place/secret
  virby-keys ensure place/secret/keys
  run --separate-stderr -71 setpriv --reuid=65534 --regid=65534 --clear-groups \
    sh -c 'cd /; PATH=$1; exec virby-keys check "$2/place/secret/keys"' sh "$PATH" "$PWD"
  [ "$stderr" = "virby-keys: cannot open the folder '$PWD/place/secret/keys': Permission denied
virby-keys: hint: run as its owner" ]
}

@test "too little memory is refused, and a pipe for a console" {
  disk >/dev/null
  for size in 2 255MiB 1B; do
    run --separate-stderr -64 virby-boot -m "$size" disk.img
    [[ $stderr == "virby-boot: the value '$size' is invalid for '-m <memory>': no guest boots with less than 256MiB"* ]]
  done
  mkfifo console
  refused 71 "cannot write the console to '$(pwd -P)/console': it is not a file" "name a file with '--serial'" \
    virby-boot --accelerator tcg --serial console disk.img
}

@test "what is compressed is named by virby-boot as by virby-image" {
  gzip -c <"$(disk)" >disk.img.gz
  truncate -s %512 disk.img.gz
  refused 65 "'disk.img.gz' is compressed with gzip, not a raw disk" \
    'gzip -dc disk.img.gz | virby-image create - disk.img' virby-boot --accelerator tcg disk.img.gz
}

@test "virby-idle: an empty --busy, and commands that are not there, at the start" {
  refused 64 "an empty '--busy' would be busy for ever; leave it out" "see 'virby-idle --help'" virby-idle -t 1h --busy ' '
  refused 69 "cannot start 'virby-bussy': No such file or directory" 'install it, or add its folder to PATH' \
    virby-idle -t 1h --busy 'virby-bussy -q'
  refused 69 "cannot start 'virby-clos': No such file or directory" 'install it, or add its folder to PATH' \
    virby-idle -t 1h -- virby-clos
  run --separate-stderr -1 virby-idle -t 1h --busy '[ -e x ] && true' -- true </dev/null
}

@test "colour for warnings on a terminal, and nowhere else" {
  type script >/dev/null || skip 'needs script(1)'
  printf '{\n\tname=x\n\tip_address=192.168.64.5\n\thw_address=1,2:94:0:a:1:2\n\tidentifier=1,2:94:0:a:1:2\n\tlease=0x10\n}\n' >leases
  on_terminal() { env -u NO_COLOR "$@" script -qec 'virby-lease -f leases 02:94:00:0a:01:02' /dev/null </dev/null; }
  [[ $(on_terminal TERM=xterm) == *$'virby-lease: \e[33mwarning: \e[mno live lease'* ]]
  for plain in NO_COLOR=1 TERM=dumb; do
    [[ $(on_terminal TERM=xterm "$plain") == *'virby-lease: warning: no live lease'* ]]
  done
  run --separate-stderr -0 virby-lease -f leases 02:94:00:0a:01:02
  [[ $stderr == 'virby-lease: warning: no live lease'* ]]
}
