#!/usr/bin/env bash
# usage: complete.bash FILE WORD...
#
# What bash completes when TAB is pressed behind the last of the words, a line for each. FILE defines the completions.
file=$1
shift
# shellcheck disable=SC1090 # it is made by the test
. "$file"
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE=$* COMP_POINT=${#COMP_LINE}
COMPREPLY=()
function=$(complete -p "$1" | sed 's/.* -F \([^ ]*\) .*/\1/')
"$function" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
if [ ${#COMPREPLY[@]} -gt 0 ]; then printf '%s\n' "${COMPREPLY[@]}"; fi
