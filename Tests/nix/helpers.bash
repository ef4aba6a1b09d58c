# Evaluates services.virby as nix-darwin would, without nixpkgs: `load helpers`.
#
# VIRBY_NIX names another nix-instantiate. VIRBY_NIXPKGS_LIB and VIRBY_NIX_DARWIN, and VIRBY_DETERMINATE, name the real
# things, which are used instead of the stand-ins then.
# shellcheck shell=bash disable=SC2016,SC2119,SC2120

bats_require_minimum_version 1.5.0

REPO=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

setup() {
  cd "$BATS_TEST_TMPDIR" || return
}

# evaluate MODULE [ARGUMENT...]: what nix-darwin makes of it, as JSON. A store is not needed, nor made.
evaluate() {
  local by=("$REPO/Tests/nix/evaluate.nix")
  if [ -n "${VIRBY_NIX_DARWIN-}" ]; then
    by=("$REPO/Tests/nix/real.nix" --arg nixpkgsLib "$VIRBY_NIXPKGS_LIB" --arg nixDarwin "$VIRBY_NIX_DARWIN")
    if [ -n "${VIRBY_DETERMINATE-}" ]; then by+=(--arg determinateModule "$VIRBY_DETERMINATE/modules/nix-darwin"); fi
  fi
  "${VIRBY_NIX:-nix-instantiate}" --store dummy:// --eval --strict --json "${by[@]}" --arg configuration "$1" "${@:2}"
}

# enabled OPTIONS [MORE]: the least that can be switched on, and those; MORE are options of nix-darwin.
enabled() {
  echo "{ lib, ... }: { services.virby = lib.mkMerge [ { enable = true; image = \"/images/disk.img\"; } { $1
} ]; ${2-} }"
}

render() {
  python3 "$REPO/Tests/nix/render.py" "$@"
}

# try LINE: evaluates one of a golden file: `> OPTIONS`, with words for `evaluate` behind a #, and behind a & options of
# nix-darwin.
try() {
  local options=${1#> } words=() more=
  case $options in *' # '*) read -ra words <<<"${options##* # }" ;; esac
  options=${options% # *}
  case $options in *' & '*) more=${options##* & } ;; esac
  evaluate "$(enabled "${options% & *}" "$more")" "${words[@]}"
}

nameless() {
  sed -e 's|/nix/store/[0-9a-f]*-etc|/nix/store/…-etc|g' \
    -e 's|/nix/store/[0-9a-f]*-virby-guest.drv|/nix/store/…-virby-guest.drv|g' | cat -s
}

# changes <CASES: for each line `> OPTIONS`, what they change in all that is made with the defaults. Lines without > are
# dropped, so a golden file makes itself anew.
changes() {
  local line
  evaluate "$(enabled '')" | render >default || return
  while IFS= read -r line; do
    case $line in '> '*) ;; *) continue ;; esac
    printf '%s\n' "$line"
    if try "$line" >found; then render <found >made; else echo failed; fi
    # A file's name in the store is another whenever the file is.
    diff -U 0 <(nameless <default) <(nameless <made) | sed -n '/^[-+][-+]/!{/^[-+]/p;}'
    echo
  done
}

# refusals <CASES: for each line `> OPTIONS`, what Nix says of them.
refusals() {
  local line said
  while IFS= read -r line; do
    case $line in '> '*) ;; *) continue ;; esac
    printf '%s\n' "$line"
    if said=$(try "$line" 2>&1 >/dev/null); then
      echo 'is taken'
    else
      # Where in these files is no part of it; from Nix 2.19 on there is a trace.
      sed -n '/^ *error: /,${s/^ *error: //;s|'"$REPO"'/||g;/^ *… /,$d;/^ *at /,$d;s/^ *//;/^(use /d;/^$/d;p;}' <<<"$said" | tail -n 12
    fi
    echo
  done
}

# in_ours NAME: golden/NAME, or with the real things, whose errors of types have other words, without these.
in_ours() {
  if [ -n "${VIRBY_NIX_DARWIN-}" ]; then
    awk '/^$/ { told = 0 } /^(A definition for|The) option / { print "an error"; told = 1 } !told' "$1"
  else
    cat "$1"
  fi
}

# golden NAME COMMAND...: what it prints is in golden/NAME; its input is what is there.
golden() {
  local file=$REPO/Tests/nix/golden/$1
  "${@:2}" <"$file" >new
  if [ -n "${VIRBY_GOLDEN-}" ]; then cp new "$file"; fi
  diff -u <(in_ours "$file") <(in_ours new)
}

defaults() {
  evaluate "$(enabled '')" | render | nameless
}

disabled() {
  evaluate '{ services.virby.enable = false; }' | render | nameless
}

guest() {
  set -e
  "${VIRBY_NIX:-nix-instantiate}" --store dummy:// --eval --strict --json "$REPO/Tests/nix/guest.nix" >made
  sed "s|$REPO/||g" made | jq -S .
}
