#!/usr/bin/env bats
# What scripts/guest makes: the same bytes each time, the files of a release; and nothing, if it cannot.

bats_require_minimum_version 1.5.0

setup() {
  load ../cli/helpers
  own_folder
  mkdir cache
  PATH=$REPO/scripts/guest:$PATH
}

# fails COMMAND...: to make a guest, with nothing on standard output and nothing left.
fails() {
  run --separate-stderr -69 env XDG_CACHE_HOME="$PWD/cache" "$@"
  [ -z "$output" ]
  [ "${stderr_lines[1]}" = 'guest: failed while installing packages:' ]
  [ "$(ls -A cache/virby/guest)" = lock ]
}

@test "a guest made again is the same to the byte, in another folder, on another host, after a build that was killed" {
  first=$(build)

  export XDG_CACHE_HOME=$PWD/cache TZ=Asia/Tokyo LANG=de_DE.UTF-8
  # A host whose file systems have other features.
  printf '%s\n' '[fs_types]' 'ext4 = {' 'features = has_journal,extent' '}' >mke2fs.conf
  export MKE2FS_CONFIG=$PWD/mke2fs.conf
  umask 077
  build >killed.out 2>killed.err 3>&- &
  killed=$!
  eventually 600 occurs configuring killed.err
  kill -KILL "$killed"
  run -137 wait "$killed"
  [ ! -s killed.out ]

  second=$(build)
  [ "$(ls -A "${second%/*}")" = "${second##*/}"$'\n'lock ]
  [ "${second##*/}" = "${first##*/}" ]
  [ "$(ls "$second")" = "$(printf '%s\n' cmdline disk.img initrd packages vmlinuz)" ]
  cmp "$first/packages" "$second/packages" || skip "Debian has published other packages since the first was made"
  for file in disk.img vmlinuz initrd cmdline; do cmp "$first/$file" "$second/$file"; done
  # Each architecture has its own two.
  [ "$(build)" = "$second" ]
}

@test "a release has the guest's files and their checksums" {
  arch=$(dpkg --print-architecture)
  guest=$(build)
  ZSTD_CLEVEL=1 GZIP_LEVEL=1 release --arch "$arch" release
  name=virby-guest-$arch
  [ "$(ls -A release)" = "SHA256SUMS
$name.cmdline
$name.img.gz
$name.img.zst
$name.initrd
$name.packages
$name.vmlinuz" ]
  (cd release && sha256sum --strict -c SHA256SUMS)
  [ "$(wc -l <release/SHA256SUMS)" -eq 6 ]
  zstd -dcq "release/$name.img.zst" | cmp - "$guest/disk.img"
  gzip -dc "release/$name.img.gz" | cmp - "$guest/disk.img"
  for part in vmlinuz initrd cmdline packages; do cmp "release/$name.$part" "$guest/$part"; done
  grep -q '^nix-bin=2' "release/$name.packages"

  # Made again: the other architecture's stay, and are in the sums.
  echo other >release/virby-guest-other.cmdline
  ZSTD_CLEVEL=1 GZIP_LEVEL=1 release release --arch "$arch"
  [ "$(wc -l <release/SHA256SUMS)" -eq 7 ]
  (cd release && sha256sum --strict -c SHA256SUMS)
}

@test "no network, no such release of Debian, no space: the reason is told, nothing is left" {
  fails unshare -n build
  [[ $stderr == *'Temporary failure resolving'* ]]
  fails build --suite nosuch
  [[ $stderr == *"nosuch Release' does not have a Release file"* ]]
  fails unshare -m sh -c 'mount -t tmpfs -o size=200M none cache || exit 1
    build; status=$?; ls -A cache/virby/guest >left; exit $status'
  [[ $stderr == *"You don't have enough free space"* ]]
  [ "$(cat left)" = lock ]
}
