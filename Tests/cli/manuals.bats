#!/usr/bin/env bats
# The manuals of the scripts, held against the scripts both ways.

load helpers

@test "virby.conf(5) has every setting, and no other" {
  diff <(sed -n 's/^: "${\(VIRBY_[A-Z_]*\)[:=].*/\1/p' "$REPO/scripts/settings" | sort) \
    <(sed -n 's/^\.It Ev //p' "$REPO/man/virby.conf.5" | tr -d ' ' | tr , '\n' | sort)
}

@test "virby(1) has every verb, and no other" {
  diff <("$REPO/scripts/virby" --help | sed -n 's/^  \([a-z]*\)  .*/\1/p' | sort) \
    <(sed -n '/^\.Sh DESCRIPTION/,/^\.Sh FILES/s/^\.It Cm \([a-z]*\).*/\1/p' "$REPO/man/virby.1" | sort)
}
