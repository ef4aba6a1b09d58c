#!/usr/bin/env bats
# docs/troubleshooting.md, held against docs/doctor.md and the scripts.

load helpers

setup() {
  own_folder
  page=$REPO/docs/troubleshooting.md
}

# anchors FILE: those of its headings, as GitHub makes them.
anchors() {
  sed -n 's/^##* //p' "$1" | tr '[:upper:]' '[:lower:]' | sed 's/[^a-z0-9 _-]//g; s/ /-/g'
}

# rows: those of its tables, without their heads.
rows() {
  grep '^| ' "$page" | grep -vE '^\| symptom '
}

# coded FILE: each code of docs/doctor.md with the anchor of its part.
coded() {
  local line anchor=''
  while IFS= read -r line; do
    case $line in
      '## '*) anchor=$(anchors /dev/stdin <<<"$line") ;;
      '| `'*) if [ -n "$anchor" ]; then sed -E "s/^\| \`([a-z-]+)\`.*/\1 $anchor/" <<<"$line"; fi ;;
    esac
  done <"$REPO/docs/doctor.md"
}

@test "each code that it names is in docs/doctor.md, in the part that it links to; none is left out" {
  coded | sort >codes
  [ "$(wc -l <codes)" -gt 70 ]
  grep -oE '\[`[a-z-]+`\]\(doctor\.md#[a-z-]+\)' "$page" | sed -E 's/\[`(.*)`\]\(doctor\.md#(.*)\)/\1 \2/' | sort -u | diff - codes
}

@test "every link leads to a file, and to a part of it" {
  grep -oE '\]\([^)]*\)' "$page" | sed 's/^](//; s/)$//' | sort -u >links
  [ -s links ]
  while IFS= read -r link; do
    echo "$link"
    file=$REPO/docs/${link%%#*}
    [ -f "$file" ]
    case $link in *'#'*) anchors "$file" | grep -qxF -e "${link#*#}" ;; esac
  done <links
}

@test "each row has a symptom, codes, and one command that there is" {
  rows >rows
  [ "$(wc -l <rows)" -gt 30 ]
  run ! grep -vE '^\| [^|]+ \| \[`[^|]+\) \| `[^|`]+` \|$' rows
  sed -E 's/.*\| `([^`]*)` \|$/\1/' rows | sort -u >commands
  while read -r sudo command verb rest; do
    echo "$command $verb $rest"
    [ "$sudo" = sudo ]
    [ -x "$REPO/scripts/$command" ]
    case $verb in
      '"$USER"') continue ;;
      -*) ;;
      *)
        "$REPO/scripts/virby" --help | grep -qE "^  $verb  "
        # What the scripts behind the front door take.
        case $rest in '' | -c | ssh) continue ;; *) command=virby-$verb verb=$rest ;; esac
        ;;
    esac
    "$REPO/scripts/$command" --help | grep -qE -e "(^|[^a-z-])$verb( |\]|$|,)"
  done <commands
}

@test "README leads to it" {
  grep -qF '](docs/troubleshooting.md)' "$REPO/README.md"
}
