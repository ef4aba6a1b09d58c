#!/usr/bin/env zsh
# usage: complete.zsh FOLDER LINE
#
# What an interactive zsh makes of LINE when TAB is pressed behind it. FOLDER holds the completions.
zmodload zsh/zpty zsh/zselect
out=$(mktemp)
: >$out.ready
rm $out.ready
zpty shell "HOME=$PWD zsh -f -i"
zpty -w shell "unset zle_bracketed_paste; PS1=; fpath=(${(q)1} \$fpath); autoload -Uz compinit; compinit -u -D
finish() { print -r -- \"\$BUFFER\" >$out; exit; }; zle -N finish; bindkey '^X' finish; bindkey '^I' complete-word; : >$out.ready"
for ((i = 0; i < 600; i++)); do
  [[ -e $out.ready ]] && break
  zpty -r -t shell chunk
  zselect -t 10
done
zpty -w -n shell "$2"$'\t\x18'
for ((i = 0; i < 600; i++)); do
  [[ -s $out ]] && break
  zpty -r -t shell chunk
  zselect -t 10
done
zpty -d shell
cat $out
rm -f $out $out.ready
