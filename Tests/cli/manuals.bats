#!/usr/bin/env bats
# The manuals of the scripts, held against the scripts both ways.

load helpers

# scripts_with_pages: those that people run, and those that other programs run.
scripts_with_pages() {
  local script
  for script in "$REPO"/scripts/virby*; do
    if [ -f "$script" ]; then echo "${script##*/}"; fi
  done
}

# page NAME: the manual of that script; virby(7) is not virby(1).
page() {
  ls "$REPO/man/$1".[18]
}

@test "virby.conf(5) has every setting, and no other" {
  diff <(sed -n 's/^: "${\(VIRBY_[A-Z_]*\)[:=].*/\1/p' "$REPO/scripts/settings" | sort) \
    <(sed -n 's/^\.It Ev //p' "$REPO/man/virby.conf.5" | tr -d ' ' | tr , '\n' | sort)
}

@test "virby(1) has every verb, and no other" {
  diff <("$REPO/scripts/virby" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p' | sort) \
    <(sed -n '/^\.Sh DESCRIPTION/,/^\.Sh FILES/s/^\.It Cm \([a-z]*\).*/\1/p' "$REPO/man/virby.1" | sort)
}

@test "every script has a page, of its own name, with the same parts; README links to it and virby(7) lists it" {
  for script in $(scripts_with_pages); do
    echo "$script"
    page=$(page "$script")
    [ "$(sed -n 's/^\.Nm \([^ ]*\)$/\1/p' "$page" | head -n 1)" = "$script" ]
    [ "$(sed -n 2p "$page")" = ".Dt $(tr '[:lower:]' '[:upper:]' <<<"$script") ${page##*.}" ]
    for part in SYNOPSIS DESCRIPTION 'EXIT STATUS' 'SEE ALSO'; do grep -qx "\.Sh $part" "$page"; done
    # There is nothing to undo that an example could install.
    [ "$script" = virby-uninstall ] || grep -qx '\.Sh EXAMPLES' "$page"
    grep -qF "](man/${page##*/})" "$REPO/README.md"
    grep -qE "^\.(It )?(.*, )?Xr $script ${page##*.}( |$)" "$REPO/man/virby.7"
  done
}

@test "a page that another refers to is there, and each is referred to" {
  cd "$REPO/man"
  for page in *; do
    # The words after Xr may stand anywhere in a line.
    grep -ohE 'Xr virby[a-z.-]* [1-8]' "$page" | sed 's/^Xr //; s/ /./' | sort -u >"$BATS_TEST_TMPDIR/of.$page"
    while read -r other; do
      echo "$page: $other"
      [ -f "$other" ]
      [ "$other" = "$page" ] || echo "$other" >>"$BATS_TEST_TMPDIR/referred"
    done <"$BATS_TEST_TMPDIR/of.$page"
  done
  diff <(sort -u "$BATS_TEST_TMPDIR/referred") <(ls)
}

# options_of PAGE: those of the synopsis, and those that it explains.
options_of() {
  { sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/p' "$1" && grep '^\.It Fl' "$1"; } |
    grep -oE 'Fl (Fl |-)?[a-z][a-z-]*' | sed -E 's/^Fl (Fl |-)/--/; s/^Fl /-/' | grep -vxE -e '-h|--help' | sort -u
}

# options_said SCRIPT: those of its usage, and of the lines that explain one.
options_said() {
  { "$REPO/scripts/$1" --help 2>/dev/null || true; } | grep -E '^ *-|^usage:' |
    grep -oE -e '(^|[^a-z-])--?[a-z][a-z-]*' | grep -oE -e '--?[a-z][a-z-]*' | grep -vxE -e '-h|--help' | sort -u
}

@test "each option of a script is in its page, and no other" {
  for script in $(scripts_with_pages); do
    echo "$script"
    diff <(options_said "$script") <(options_of "$(page "$script")")
  done
  [ "$(options_said virby-doctor | wc -l)" = 5 ]
}

@test "each script says how it is used when it is asked, with no builder and no settings there" {
  for script in $(scripts_with_pages); do
    echo "$script"
    VIRBY_DIR=$PWD/nowhere run --separate-stderr -0 "$REPO/scripts/$script" --help
    [ -n "$output" ]
    [ "$stderr" = "" ]
  done
}

@test "virby-next-image: what is no derivation" {
  run --separate-stderr -64 "$REPO/scripts/virby-next-image" image.nix
  [ "$output" = "" ]
  [ "$stderr" = "virby-next-image: 'image.nix' is not a derivation
virby-next-image: hint: name a '.drv' in the store" ]
}

# statuses_of SCRIPT: those that it says itself, in its parts, and in what it calls of scripts/settings and values.
statuses_of() {
  local text function status
  text=$(cat "$REPO/scripts/$1" "$REPO/scripts/${1#virby-}.d"/* 2>/dev/null || true)
  grep -oE '\b(fail|exit) [0-9]+' <<<"$text" | sed 's/.* //'
  if ! grep -qF '"$scripts/settings"' <<<"$text"; then return; fi
  awk '/^[a-z_]+\(\) \{/ { name = $1; sub(/\(.*/, "", name) } /^\}/ { name = "" }
    match($0, /(fail|exit) [0-9]+/) { print (name == "" ? "read_settings" : name), substr($0, RSTART + 5, RLENGTH - 5) }' \
    "$REPO"/scripts/{settings,values} | while read -r function status; do
    # What reads the settings is called wherever they are read.
    if [ "$function" = read_settings ] || grep -qw "$function" <<<"$text"; then echo "$status"; fi
  done
}

@test "each exit status of a script is in its page, and no other" {
  # Those of a command that it runs, or of its last line.
  handed_on='virby 1, virby 75, virby-busy 255, virby-close 1, virby-close 255, virby-doctor 1, virby-status 1, '
  handed_on+='virbyd 69, virbyd 75, virbyd 137, '
  # What it finds out about the settings is its answer; what its part says in the guest is an answer to it.
  kept='virby-doctor 65, virby-doctor 71, virby-upgrade 1, '
  for script in $(scripts_with_pages); do
    echo "$script"
    {
      statuses_of "$script" | while read -r status; do
        if [[ $kept != *"$script $status, "* ]]; then echo "$status"; fi
      done
      tr , '\n' <<<"$handed_on" | sed -n "s/^ *$script \([0-9]*\)$/\1/p"
      # 0 is done and 70 an internal error, of all of them.
    } | grep -vxE '0|70' | sort -un >said
    sed -n '/^\.Sh EXIT STATUS/,/^\.Sh [^E]/p' "$(page "$script")" | sed -n 's/^\.It \([0-9]*\)$/\1/p' |
      grep -vx 0 | sort -un | diff said -
  done
  [ "$(statuses_of virby-prepare | sort -un | xargs)" = '64 65 69 70 71 75' ]
}
