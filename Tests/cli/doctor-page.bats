#!/usr/bin/env bats
# docs/doctor.md and the tests, held against what virby-doctor can say.

load helpers

setup() {
  own_folder
  # A code is the word after `fault` or `warning` where a command may stand.
  grep -hoE '(^|[;)]|then|else) *(fault|warning) [a-z]+(-[a-z]+)*( |$)' "$REPO"/scripts/doctor.d/[a-z]* "$REPO/scripts/virby-doctor" |
    sed -E 's/.*(fault|warning) ([a-z-]+).*/\2 \1/' | sort -u >said
  [ "$(wc -l <said)" -gt 70 ]
}

@test "the page lists each code with its level, and no others" {
  sed -n '/^## /,$p' "$REPO/docs/doctor.md" | sed -nE 's/^\| `([a-z-]+)`( \(warning\))? \|.*/\1\2/p' |
    sed -E 's/ \(warning\)/ warning/; t; s/$/ fault/' >listed
  [ "$(sort listed | uniq -d)" = "" ]
  sort listed | diff - said
  # Every row has its four columns filled.
  [ "$(sed -n '/^## /,$p' "$REPO/docs/doctor.md" | grep '^| `' | grep -cvE '^(\| [^|]+ ){4}\|$')" = 0 ]
}

@test "the verdicts without a finding are listed too" {
  grep -oE 'verdict=(ok|down|partial)' "$REPO/scripts/doctor.d/report" | sed 's/.*=//' | sort -u >plain
  sed '/^## /,$d' "$REPO/docs/doctor.md" | sed -nE 's/^\| `([a-z]+)`.*/\1/p' | sort | diff - plain
}

@test "each code is provoked in a test" {
  grep -hoE '(finds|verdict|diagnosed) [a-z-]+|code == "[a-z-]+"|^verdict   settings-file' "$REPO"/Tests/cli/doctor*.bats "$REPO/Tests/e2e/doctor.bats" |
    grep -oE '[a-z]+(-[a-z]+)*"?$' | tr -d '"' | sort -u >provoked
  cut -d ' ' -f 1 said | sort -u | comm -23 - provoked >unprovoked
  [ ! -s unprovoked ] || {
    cat unprovoked
    return 1
  }
}

@test "the manual names every option" {
  for option in --json --start --wait --label --root; do
    grep -q "^\.It Fl Fl ${option#--}" "$REPO/man/virby-doctor.1"
    grep -q -- "^#  *$option" "$REPO/scripts/virby-doctor"
  done
}
