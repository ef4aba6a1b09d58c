#!/usr/bin/env bats
# The manuals as HTML.

load helpers

setup_file() {
  if ! command -v mandoc >/dev/null; then return; fi
  "$REPO/scripts/manuals" "$BATS_FILE_TMPDIR/html"
}

setup() {
  command -v mandoc >/dev/null || skip 'needs mandoc'
  cd "$BATS_FILE_TMPDIR/html" || return
}

@test "each page is there, and in the index with what it is for" {
  diff <(cd "$REPO/man" && printf '%s.html\n' * index virby.css | sed 's/css.html$/css/' | sort) <(printf '%s\n' * | sort)
  for page in "$REPO"/man/*; do
    name=${page##*/}
    grep -qF "<a href=\"$name.html\">${name%.*}(${name##*.})</a></dt>" index.html
    grep -qF "<dd>$(sed -n 's/^\.Nd //p' "$page")</dd>" index.html
  done
  pages=("$REPO"/man/*)
  [ "$(grep -c '<dt>' index.html)" = ${#pages[@]} ]
}

@test "every link leads to a file that is there and to a part of it" {
  count=0
  for page in *.html; do
    while read -r link; do
      count=$((count + 1))
      file=${link%%#*}
      case $link in
        http*) continue ;;
        '#'*) file=$page ;;
      esac
      [ -f "$file" ] || { echo "$page: $link" && false; }
      case $link in
        *'#'*) grep -qF "id=\"${link#*#}\"" "$file" || { echo "$page: $link" && false; } ;;
      esac
    done < <(grep -oE 'href="[^"]*"' "$page" | sed 's/href="//; s/"$//')
    [ "$page" = index.html ] || grep -q '<a class="Xr" href="virby[a-z.-]*\.[1-8]\.html">' "$page"
  done
  [ "$count" -gt 500 ]
}

@test "nothing of mdoc is left in it, and every tag that is opened is closed" {
  # A macro at the beginning of a line, outside what a page shows as it stands.
  run ! grep -nE '^ *\.(Sh|Ss|Bl|It|Nm|Xr|Pp|Bd|Fl|Ar|Ev|Pa) ' ./*.html
  run ! grep -nE '(^|[ >])(Fl Fl|Xr virby|Op Fl|Ns [A-Z][a-z])( |<)' ./*.html
  python3 - ./*.html <<'END'
import sys
from html.parser import HTMLParser

class Balance(HTMLParser):
    def __init__(self):
        super().__init__()
        self.open = []
    def handle_starttag(self, tag, attributes):
        if tag not in ("meta", "link", "br", "hr", "col"):
            self.open.append(tag)
    def handle_startendtag(self, tag, attributes):
        pass
    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, f"{name}: {self.getpos()}: </{tag}>"

for name in sys.argv[1:]:
    balance = Balance()
    balance.feed(open(name, encoding="utf-8").read())
    assert not balance.open, f"{name}: {balance.open}"
END
}

@test "rendered again: the same bytes; what else is there stays" {
  cp -R . "$BATS_TEST_TMPDIR/again"
  echo mine >"$BATS_TEST_TMPDIR/again/mine.html"
  "$REPO/scripts/manuals" "$BATS_TEST_TMPDIR/again"
  [ "$(cat "$BATS_TEST_TMPDIR/again/mine.html")" = mine ]
  rm "$BATS_TEST_TMPDIR/again/mine.html"
  diff -r . "$BATS_TEST_TMPDIR/again"
}

@test "wrong usage; no mandoc; a folder that cannot be made" {
  run --separate-stderr -64 "$REPO/scripts/manuals"
  [ "$stderr" = "manuals: no folder is named
manuals: hint: see 'manuals --help'" ]
  run --separate-stderr -64 "$REPO/scripts/manuals" a b
  [ "${stderr_lines[0]}" = "manuals: unexpected argument 'b'" ]
  mkdir "$BATS_TEST_TMPDIR/bin"
  for tool in bash env readlink dirname; do ln -s "$(type -P "$tool")" "$BATS_TEST_TMPDIR/bin"; done
  run --separate-stderr -69 env PATH="$BATS_TEST_TMPDIR/bin" "$REPO/scripts/manuals" "$BATS_TEST_TMPDIR/out"
  [ "${stderr_lines[0]}" = "manuals: cannot find 'mandoc'" ]
  [ ! -e "$BATS_TEST_TMPDIR/out" ]
  run --separate-stderr -71 "$REPO/scripts/manuals" /dev/null/out
}
