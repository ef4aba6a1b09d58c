#!/usr/bin/env bats
# services.virby, evaluated. What it makes is kept in golden/; `VIRBY_GOLDEN=write bats Tests/nix` writes it anew.

load helpers

@test "every file parses, and none hides undefined names behind 'with lib'" {
  local file
  while IFS= read -r file; do
    nix-instantiate --parse "$file" >/dev/null
    run -1 grep -n '^ *with \(lib\|pkgs\)' "$file"
  done < <(find "$REPO/nix" "$REPO/Tests/nix" "$REPO/flake.nix" -name '*.nix')
}

@test "the defaults" {
  golden defaults defaults
}

@test "disabled: no builder is told of, no file, no job; what was made is removed" {
  golden disabled disabled
  evaluate '{ services.virby.enable = false; }' >found
  [ "$(jq -c '[.nix, .etc, .daemons]' <found)" = '[{"buildMachines":[],"distributedBuilds":false},{},{}]' ]
}

@test "the NixOS guest" {
  golden guest guest
}

@test "each option changes what it should, and nothing else" {
  golden options changes
}

@test "each wrong value has an error that names the option and says what is right" {
  golden refused refusals
}
