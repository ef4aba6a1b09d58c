# What builder.bats is made of. MAC_DRIVER, MAC_ARCH, MAC_IMAGE and, for QEMU, MAC_KERNEL, MAC_INITRD and MAC_CMDLINE
# name the machine; MAC_ENDS and MAC_FIGURES ask for more, as scripts/ci/mac-builder says.
# shellcheck shell=bash disable=SC2034,SC2154 # the tests use what is set here, and the other way round

label=org.nixos.virbyd
job=/Library/LaunchDaemons/$label.plist
builder=/var/lib/virby
log=$builder/log/virbyd.log
driver=${MAC_DRIVER-}
# Seconds that a start and a build may take, emulated.
patience=1200

# able: this machine can run these tests; if not, says what it lacks.
able() {
  if [ "$(uname)" != Darwin ]; then
    echo 'needs macOS'
  elif [ "$(id -u)" != 0 ]; then
    echo 'needs root'
  elif [ -z "${MAC_IMAGE-}" ]; then
    echo 'needs a guest, from scripts/ci/mac-builder'
  elif ! command -v nix >/dev/null; then
    echo 'needs Nix'
  else
    return 0
  fi
  return 1
}

install_builder() {
  local options=(--yes --image "$MAC_IMAGE" --ttl 20s --cores 2 --memory 2GiB --disk-size 8GiB
    --set "VIRBY_DRIVER=$driver" --set "VIRBY_PATIENCE=${patience}s" --set VIRBY_DEBUG=yes)
  if [ "$driver" = qemu ]; then
    options+=(--kernel "$MAC_KERNEL" --initrd "$MAC_INITRD" --cmdline "$MAC_CMDLINE" --set "VIRBY_ARCH=$MAC_ARCH")
  fi
  "$REPO/scripts/virby-install" "${options[@]}"
}

# tree: what an installation could change, with the sums of files.
tree() {
  local place
  for place in /etc/virby /etc/nix /etc/ssh /Library/LaunchDaemons /usr/local/bin /usr/local/libexec /usr/local/share \
    /var/lib /Library/Caches/virby; do
    if [ -e "$place" ]; then
      find "$place" -type f -exec shasum -a 256 {} + 2>/dev/null
      find "$place" ! -type f
    fi
  done | sort
}

# off: no VM.
off() {
  local said status=0
  said=$(sudo -u _virby env VIRBY_SETTINGS=/etc/virby/virby-vm.conf /usr/local/bin/virby-status) || status=$?
  [ "$status" = 1 ] && grep -q '^vm *down' <<<"$said"
}

forgotten() {
  local status=0
  launchctl print "system/$label" >/dev/null 2>&1 || status=$?
  [ "$status" = 113 ]
}

system() {
  case $MAC_ARCH in
    amd64) echo x86_64-linux ;;
    arm64) echo aarch64-linux ;;
  esac
}

# build SEED [SECONDS]: Nix builds in the guest, and nowhere else; prints the output's path.
build() {
  timeout "$patience" nix build --extra-experimental-features nix-command --no-link --print-out-paths \
    --print-build-logs --max-jobs 0 --builders @/etc/nix/machines --option substituters '' \
    --file "$REPO/Tests/e2e/hello.nix" --argstr system "$(system)" --argstr seed "$1.$RANDOM" --argstr seconds "${2-0}"
}

# built PATH SEED: a Linux has built that.
built() {
  grep -E "^built by Linux version .*, up [0-9.]+ s, seed $2\\." "$1"
}

# banner: the guest's sshd greets through the port.
banner() {
  local line
  exec 9<>/dev/tcp/127.0.0.1/31222
  read -r -t "$patience" line <&9
  exec 9>&-
  [[ $line == SSH-2.0-* ]]
}

# figure RUN BEGAN GREETED BUILT: a line of the figures, in seconds from the connection.
figure() {
  awk -v run="$1" -v began="$2" -v greeted="$3" -v built="$4" \
    'BEGIN { printf "%d\t%.2f\t%.2f\n", run, greeted - began, built - began }' >>"$MAC_FIGURES/cold-starts.tsv"
}

# report: the figures as a table for the run's summary.
report() {
  {
    echo "### Cold starts: $(sysctl -n hw.model), macOS $(sw_vers -productVersion), $driver, $MAC_ARCH"
    printf '%s\n' '' '| run | SSH banner | nix build done |' '|---|---|---|'
    awk -F '\t' '{ printf "| %d | %s s | %s s |\n", $1, $2, $3 }' "$MAC_FIGURES/cold-starts.tsv"
  } >"$MAC_FIGURES/cold-starts.md"
}
