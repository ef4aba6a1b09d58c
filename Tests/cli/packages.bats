#!/usr/bin/env bats
# What a release has of the toolbox: the tarball, its bill of materials, the Debian package, Homebrew's formula; and the
# installation that all of them are made of.

load helpers

# Quick ones, and larger for it.
export GZIP_LEVEL=1 DPKG_DEB_COMPRESSOR_TYPE=none

setup_file() {
  [ "$(uname)" = Linux ] || return 0
  cd "$BATS_FILE_TMPDIR" || return
  # A release is made of a commit; the tests are of what is here.
  git clone -q "$REPO" clone
  (cd "$REPO" && git ls-files -z -m -o -c --exclude-standard | while IFS= read -r -d '' file; do
    if [ -e "$file" ]; then printf '%s\0' "$file"; fi
  done | tar --null -T - -c) | tar -C clone -x
  cd clone || return
  git add -A
  git -c user.name=test -c user.email=test@localhost commit -q --allow-empty -m 'as it is'
  scripts/release --bin "$VIRBY_BIN" ../release
  packaging/debian/build ../release/virby-*-linux-*.tar.gz ../release
}

setup() {
  linux_only 'packages are made on Linux'
  own_folder
  release=$BATS_FILE_TMPDIR/release clone=$BATS_FILE_TMPDIR/clone
  tarball=$(echo "$release"/virby-*-linux-*.tar.gz) package=$(echo "$release"/virby_*.deb)
  name=${tarball##*/}
  name=${name%.tar.gz}
}

@test "the tarball unpacks to a prefix that works where it lies" {
  mkdir 'some where'
  tar -C 'some where' -xzf "$tarball"
  prefix=$PWD/"some where"/$name
  run --separate-stderr -0 "$prefix/bin/virby-image" --version
  [ "${lines[0]}" = "$("$VIRBY_BIN/virby-image" --version | head -n 1)" ]
  # By the link, with no checkout around it and no commands on PATH.
  run --separate-stderr -64 env -i PATH=/usr/bin:/bin VIRBY_SETTINGS= VIRBY_DIR="$PWD/builder" "$prefix/bin/virby-prepare"
  [ "${stderr_lines[0]}" = "virby-prepare: there is no disk in '$PWD/builder' yet" ]
  make_image
  env -i PATH=/usr/bin:/bin VIRBY_SETTINGS= VIRBY_DIR="$PWD/builder" VIRBY_IMAGE=image VIRBY_DISK_SIZE=32MiB \
    "$prefix/bin/virby-prepare"
  [ -s builder/keys/ssh_known_hosts ]
}

make_image() {
  truncate -s 16M image
  sgdisk -o -n 1:0:+8M -c 1:root image >/dev/null
}

@test "what people type is in bin, each with a manual and completions; what only machines start is not" {
  tar -tzf "$tarball" | sed "s|^$name/||" >files
  sed -n 's|^bin/\(.\)|\1|p' files >programs
  while read -r program; do
    grep -qx "libexec/virby/$program" files
    grep -qx "share/bash-completion/completions/$program" files
    grep -qx "share/zsh/site-functions/_$program" files
    grep -qx "share/fish/vendor_completions.d/$program.fish" files
  done <programs
  for program in virby virby-boot virby-image virby-prepare virby-ssh virby-status; do grep -qx "bin/$program" files; done
  run ! grep -E '^bin/(virbyd|virby-busy|virby-close|settings)$' files
  for page in "$REPO"/man/*; do
    grep -qx "share/man/man${page##*.}/${page##*/}" files
    grep -qx "share/doc/virby/html/${page##*/}.html" files
  done
  while read -r program; do grep -qE "^share/man/man[1-8]/$program\.[1-8]$" files; done <programs
  for template in "$REPO"/templates/*; do grep -qx "share/virby/templates/${template##*/}" files; done
}

@test "nothing in the tarball tells who made it, where or when" {
  tar --numeric-owner -tvzf "$tarball" >listing
  [ "$(awk '{ print $2 }' listing | sort -u)" = 0/0 ]
  [ "$(awk '{ print $4, $5 }' listing | sort -u | wc -l)" -eq 1 ]
  [ "$(awk '{ print $1 }' listing | LC_ALL=C sort -u | tr '\n' ' ')" = '-rw-r--r-- -rwxr-xr-x drwxr-xr-x lrwxrwxrwx ' ]
  mkdir unpacked
  tar -C unpacked -xzf "$tarball"
  run ! grep -rlF -e "$BATS_FILE_TMPDIR" -e "$REPO" unpacked
}

@test "made again, elsewhere and by another: the same bytes, all of them" {
  git clone -q "$clone" 'else where'
  cd 'else where'
  umask 077
  TZ=Asia/Tokyo LC_ALL=C.UTF-8 run -0 scripts/release --bin "$VIRBY_BIN" ../again
  run -0 packaging/debian/build "../again/${tarball##*/}" ../again
  cd ../again
  diff "$release/SHA256SUMS" SHA256SUMS
  sha256sum --check --strict --quiet SHA256SUMS
  [ "$(wc -l <SHA256SUMS)" -eq "$(find . -type f ! -name SHA256SUMS | wc -l)" ]
}

@test "--check: made twice, with everything else different; what is not the same is told, and both are kept" {
  run --separate-stderr -0 "$clone/scripts/release" --check --bin "$VIRBY_BIN" again
  [ -z "$output$stderr" ]
  [ "$(ls -A again)" = "$(printf '%s\n' SHA256SUMS "$name.cdx.json" "$name.tar.gz")" ]
  grep -F -f again/SHA256SUMS "$release/SHA256SUMS" | cmp - again/SHA256SUMS
  (cd again && sha256sum --check --strict --quiet SHA256SUMS)

  # A command that says something else each time.
  mkdir bin
  cp "$VIRBY_BIN"/virby-{boot,forward,image,keys,lease} bin
  printf '%s\n' '#!/bin/sh' 'echo "# $TZ"' "exec '$VIRBY_BIN/virby-idle' \"\$@\"" >bin/virby-idle
  chmod +x bin/virby-idle
  run --separate-stderr -1 env TZ=UTC "$clone/scripts/release" --check --bin bin different
  [ -z "$output" ]
  completion=$name/share/bash-completion/completions/virby-idle
  [ "${stderr_lines[0]}" = "release: Files first/$completion and second/$completion differ" ]
  [ "${stderr_lines[-2]}" = 'release: made twice, it is not the same' ]
  [ "${stderr_lines[-1]}" = "release: hint: compare '$PWD/different/first' with '$PWD/different/second'" ]
  [ "$(ls -A different)" = "$(printf '%s\n' first second)" ]
  run ! cmp -s "different/first/$name.tar.gz" "different/second/$name.tar.gz"
}

@test "no loop over a literal of tuples on a line of its own: Swift 6.3 unrolls such a one in another way each time" {
  run ! grep -rnE ' in \[\(.*\)\]' "$REPO/Sources"
}

@test "the bill of materials: valid, of this tarball and commit, with the versions of what is linked" {
  run --separate-stderr -0 "$REPO/scripts/check-materials" "$release/$name.cdx.json"
  [ -z "$output$stderr" ]
  jq -e --arg sum "$(sha256sum <"$tarball" | cut -d ' ' -f 1)" --arg commit "$(git -C "$clone" rev-parse HEAD)" '
    .metadata.component | .hashes[0].content == $sum and .pedigree.commits[0].uid == $commit' "$release/$name.cdx.json"
  [ "$(jq -r '.components[].name' "$release/$name.cdx.json" | tr '\n' ' ')" = 'swift-argument-parser swift openssl glibc ' ]
  run ! grep unknown "$release/$name.cdx.json"
  sed 's/"library"/"libary"/' "$release/$name.cdx.json" >broken
  run -1 "$REPO/scripts/check-materials" broken
}

@test "a checkout that differs from its commit makes no release" {
  git clone -q "$clone" dirty
  echo >>dirty/LICENSE
  run --separate-stderr -65 dirty/scripts/release --bin "$VIRBY_BIN" out
  [ "${stderr_lines[0]}" = "release: the checkout differs from its commit '$(git -C "$clone" rev-parse --short=12 HEAD)'" ]
  [ ! -e out ]
}

@test "install: wrong usage; a prefix of one's own; again, over programs that run" {
  run --separate-stderr -64 "$REPO/scripts/install" --prefix relative
  [ "${stderr_lines[0]}" = "install: 'relative' is not an absolute path" ]
  run --separate-stderr -0 "$REPO/scripts/install" --prefix "$PWD/opt"
  [ -z "$output$stderr" ]
  mkfifo events
  opt/bin/virby-idle -t 1h <>events >/dev/null 2>&1 3>&- &
  running=$!
  run --separate-stderr -0 "$REPO/scripts/install" --prefix "$PWD/opt"
  kill "$running"
  [ -z "$(find opt -name '*.new')" ]
  [ ! -e opt/lib ]
}

@test "Debian: lintian has nothing to say" {
  command -v lintian >/dev/null || skip 'needs lintian'
  run -0 lintian --allow-root --fail-on error,warning --suppress-tags \
    uses-no-compression-for-control-tarball,uses-no-compression-for-data-tarball "$package"
}

# in_a_debian COMMAND: in a copy of this machine's files, thrown away.
in_a_debian() {
  [ "$(id -u)" = 0 ] || skip 'needs root'
  unshare -m true 2>/dev/null || skip 'needs mounts of its own'
  mkdir layer root
  # shellcheck disable=SC2016
  unshare -m --propagation private sh -ec '
    mount -t tmpfs none layer
    mkdir layer/upper layer/work
    mount -t overlay -o "lowerdir=/,upperdir=layer/upper,workdir=layer/work" none root
    mount -t proc none root/proc
    mount --bind /dev root/dev
    mkdir -p root/release
    cp "$1" root/release/virby.deb
    exec chroot root /bin/bash -ec "$2"' - "$package" "$1"
}

@test "Debian: installed, used by its user, kept when removed, gone when purged" {
  run -0 in_a_debian '
    export PATH=/usr/sbin:/usr/bin:/sbin:/bin
    unset VIRBY_BIN VIRBY_SETTINGS
    cd /
    cat /etc/passwd /etc/group >/release/before
    dpkg --force-depends --force-unsafe-io -i /release/virby.deb >/release/said 2>&1 || { cat /release/said; exit 1; }

    echo "user $(id -un _virby) $(id -gn _virby) $(stat -c "%U %a" /var/lib/virby)"
    echo "version $(virby-image --version | head -n 1)"
    ls /etc/systemd/system/*.wants | grep virby || echo "no unit is enabled"
    systemd-analyze verify /usr/lib/systemd/system/virbyd.socket /usr/lib/systemd/system/virbyd.service 2>&1 |
      grep virby || echo "units are sound"
    truncate -s 16M /var/lib/virby/image
    sgdisk -o -n 1:0:+8M -c 1:root /var/lib/virby/image >/dev/null
    echo VIRBY_IMAGE=/var/lib/virby/image >>/etc/virby/virby-vm.conf
    echo VIRBY_DISK_SIZE=32MiB >>/etc/virby/virby-vm.conf
    runuser -u _virby -- virby-prepare
    runuser -u _virby -- virby-keys check -a virby-vm /var/lib/virby/keys && echo "keys are sound"
    virby-image inspect /var/lib/virby/disk.img >/dev/null && echo "there is a disk"

    dpkg --force-depends --force-unsafe-io --force-confold -i /release/virby.deb >/dev/null 2>&1
    grep -c VIRBY_DISK_SIZE=32MiB /etc/virby/virby-vm.conf
    dpkg -L virby >/release/files
    dpkg -r virby >/dev/null 2>&1
    ls /usr/bin/virby* /usr/libexec/virby 2>/dev/null || echo "no program is left"
    ls -d /var/lib/virby/disk.img /etc/virby/virby-vm.conf
    dpkg -P virby >/dev/null 2>&1
    while read -r file; do [ -d "$file" ] || ls "$file" 2>/dev/null || true; done </release/files
    find /etc /usr /var/lib -xdev -name "*virby*" ! -path "*/dpkg/*" -print
    cat /etc/passwd /etc/group | diff /release/before - && echo "nothing is left"
  '
  echo "$output"
  [ "$output" = "user _virby virby _virby 700
version $("$VIRBY_BIN/virby-image" --version | head -n 1)
no unit is enabled
units are sound
keys are sound
there is a disk
1
no program is left
/etc/virby/virby-vm.conf
/var/lib/virby/disk.img
nothing is left" ]
}

@test "Homebrew: the formula is filled in from the release's sums, Ruby reads it, and it installs the tarball" {
  command -v ruby >/dev/null || skip 'needs ruby'
  version=$("$VIRBY_BIN/virby-image" --version | head -n 1)
  sum=$(sha256sum <"$tarball" | cut -d ' ' -f 1)
  for platform in macos-arm64 macos-amd64 linux-arm64 linux-amd64; do
    echo "$sum  virby-$version-$platform.tar.gz"
  done >sums
  run --separate-stderr -0 "$REPO/packaging/homebrew/formula" https://example.org/virby "$version" sums
  echo "$output" >virby.rb
  run ! grep @ virby.rb
  ruby -wc virby.rb
  mkdir unpacked prefix
  tar -C unpacked --strip-components 1 -xzf "$tarball"
  ruby "$REPO/Tests/cli/formula.rb" virby.rb unpacked prefix >said
  grep -qx "https://example.org/virby/releases/download/v$version/virby-$version-macos-arm64.tar.gz $sum" said
  [ "$(prefix/bin/virby-image --version | head -n 1)" = "$version" ]

  sed -i 1d sums
  run --separate-stderr -65 "$REPO/packaging/homebrew/formula" https://example.org/virby "$version" sums
  [ "$stderr" = "formula: 'sums' has no sum of virby-$version-macos-arm64.tar.gz" ]
}
