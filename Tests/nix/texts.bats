#!/usr/bin/env bats
# What services.virby makes is sound by itself, and the same as what the installer makes of the same settings.

load helpers

# Everything that an option can add is in one of these.
configurations() {
  evaluate "$(enabled '')" | render defaults
  evaluate "$(enabled 'allowUserSsh = true; onDemand.enable = true; port = 2222; cores = 3; memory = "3GiB"; speedFactor = 4;
    rosetta = true; debug = true; substituters = [ "https://a.example" "https://b.example" ]; guestNixConf = "timeout = 9";
    sharedDirectories = { "src" = "/Users/me/My \\ Files"; }; closing.maxUsed = "40GiB";')" | render many
  evaluate '{ services.virby.enable = false; }' | render disabled
}

@test "every script is one for bash, macOS's too, and shellcheck has nothing to say" {
  configurations
  for file in */checks */activation/*; do
    for bash in bash ${VIRBY_BASH-}; do "$bash" -n "$file"; done
    {
      echo '#!/usr/bin/env bash'
      cat "$file"
    } >script
    shellcheck -s bash script
  done
}

@test "every property list is one that launchd takes" {
  configurations
  for file in */Library/LaunchDaemons/*.plist; do
    python3 - "$file" "$REPO/Tests/mac" <<'END'
import plistlib, sys
sys.path.insert(0, sys.argv[2])
import launchd_plist
with open(sys.argv[1], "rb") as file:
    job = plistlib.load(file)
assert job["Label"].startswith("org.nixos.virby"), job
launchd_plist.check(sys.argv[1], job)
END
  done
}

# as_installed: the installer's files for the settings in conf, by its own scripts and templates.
as_installed() {
  (
    scripts=$REPO/scripts
    export VIRBY_SETTINGS=$PWD/conf VIRBY_ARCH=arm64
    "$scripts/virby-machines" nix >machines
    "$scripts/virby-machines" ssh >ssh
    . "$REPO/scripts/settings"
    fill launchd.plist LABEL=org.nixos.virbyd LIBEXEC=/etc/virby/libexec SETTINGS=/etc/virby/virby-vm.conf USER=_virby \
      GROUP=virby DIR="$VIRBY_DIR" PORT="$VIRBY_PORT" EXIT_TIMEOUT=$((${VIRBY_STOP_TIMEOUT%s} + 30)) \
      ALWAYS_ON="$([ -n "$VIRBY_ALWAYS_ON" ] && echo true || echo false)" >job
  )
}

# same_job ONE OTHER: to the byte, when both are written by one hand; but the module waits for /nix, a volume of its own.
same_job() {
  python3 - "$@" <<'END'
import plistlib, sys
texts = []
for name in sys.argv[1:]:
    with open(name, "rb") as file:
        job = plistlib.load(file)
    if job["ProgramArguments"][0] == "/bin/sh":
        wait = "/bin/wait4path /nix/store && exec "
        assert job["ProgramArguments"][2].startswith(wait), job
        job["ProgramArguments"] = [job["ProgramArguments"][2][len(wait):]]
    texts.append(plistlib.dumps(job).decode())
sys.exit(texts[0] != texts[1] and f"{texts[0]}\n{texts[1]}")
END
}

@test "the installer makes the same line, stanza and job of the same settings, which its scripts take" {
  configurations
  for made in defaults many; do
    cp "$made/etc/virby/virby-vm.conf" conf
    chmod 644 conf
    as_installed
    # What a guest can do beyond what any can, it has to prove to the installer.
    sed 's/aarch64-linux,x86_64-linux/aarch64-linux/' "$made/etc/nix/machines" | sed '/^$/d' | cmp machines -
    sed '$ { /^$/d; }' "$made/etc/ssh/ssh_config.d/100-virby-vm.conf" | cmp ssh -
    same_job job "$made/Library/LaunchDaemons/org.nixos.virbyd.plist"
  done
}
