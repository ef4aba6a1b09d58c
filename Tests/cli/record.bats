#!/usr/bin/env bats
# The picture of a run in a terminal.

load helpers

setup() {
  own_folder
  PATH=$REPO/scripts:$PATH
}

# texts FILE: what is drawn, a line each, with what a line begins in the picture and the second at which it comes.
texts() {
  python3 - "$1" <<'PYTHON'
import sys
import xml.etree.ElementTree as tree

for text in tree.parse(sys.argv[1]).getroot().iter("{http://www.w3.org/2000/svg}text"):
    delay = text.get("style", "animation-delay:0s").removeprefix("animation-delay:").removesuffix("s")
    print(text.get("y"), delay, text.text, sep="\t")
PYTHON
}

@test "lines as a terminal has them, in their order, and a long wait is two seconds" {
  cat >run <<'SH'
echo '<a> & "b"'
echo
for n in 1 2 3; do printf '\r%s of 3' $n; sleep 0.1; done
echo
sleep 4
printf '\033[1mbold\033[0m  and\twide\n'
test -t 1 && tput cols
SH
  run --separate-stderr -0 record picture.svg bash run
  [ -z "$output$stderr" ]
  texts picture.svg >lines
  cut -f 3 lines >said
  printf '%s\n' '$ bash run' '<a> & "b"' '3 of 3' 'bold  and       wide' 100 | diff - said
  # The blank line has its place.
  [ "$(cut -f 1 lines | tr '\n' ' ')" = '27 45 81 99 117 ' ]
  awk -F '\t' '$2 < last { exit 1 } { last = $2 } NR == 3 { before = $2 } NR == 4 && $2 - before > 3.9 { exit 1 }' lines
  [ "$(wc -c <picture.svg)" -lt 2500 ]
}

@test "of a command that fails nothing is drawn" {
  echo before >picture.svg
  run --separate-stderr -7 record picture.svg sh -c 'echo why; exit 7'
  [ "$stderr" = why ]
  run --separate-stderr -143 record picture.svg sh -c 'kill -TERM $$'
  run --separate-stderr -71 record picture.svg nosuch
  [ "$stderr" = "record: cannot run 'nosuch': No such file or directory" ]
  [ "$(cat picture.svg)" = before ]
}

@test "wrong usage, and a file that cannot be written" {
  run --separate-stderr -64 record picture.svg
  [ "${stderr_lines[0]}" = 'record: no file or no command is named' ]
  run --separate-stderr -64 record -x picture.svg true
  [ "${stderr_lines[0]}" = "record: unknown option '-x'" ]
  run --separate-stderr -71 record none/picture.svg true
  [ "$stderr" = "record: cannot write 'none/picture.svg': No such file or directory" ]
}
