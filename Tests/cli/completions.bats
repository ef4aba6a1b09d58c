#!/usr/bin/env bats
# What TAB does in bash, zsh and fish, behind the six commands and the scripts that people type.

load helpers

SHELLS=(bash zsh fish)

setup() {
  own_folder
  PATH=$PATH:$REPO/scripts
  touch 'disk one.img' other.img
  mkdir folder
}

# typed: the scripts that people run.
typed() {
  "$REPO/scripts/install" --list | sed -n 's/^link\t.*\/bin\///p' | grep -vxE 'virby-(boot|forward|idle|image|keys|lease)'
}

# bash_offers WORD...: what bash completes.
bash_offers() {
  completions bash "$1" >"$1.bash"
  run --separate-stderr -0 "${VIRBY_BASH:-bash}" --norc "$REPO/Tests/cli/complete.bash" "$1.bash" "$@"
  [ -z "$stderr" ]
}

# fish_offers LINE: what fish completes, without descriptions.
fish_offers() {
  completions fish "${1%% *}" >"${1%% *}.fish"
  run --separate-stderr -0 env HOME="$PWD" fish --no-config -c "source ${1%% *}.fish; complete -C \"$1\" | cut -f 1"
  [ -z "$stderr" ]
}

# zsh_makes LINE NEW: zsh completes the one to the other.
zsh_makes() {
  mkdir -p .zsh
  completions zsh "${1%% *}" >".zsh/_${1%% *}"
  [ "$(zsh "$REPO/Tests/cli/complete.zsh" "$PWD/.zsh" "$1")" = "$2" ]
}

@test "every command and script has completions that its shell reads without a word" {
  for shell in "${SHELLS[@]}"; do
    command -v "$shell" >/dev/null || continue
    for name in virby-boot virby-forward virby-idle virby-image virby-keys virby-lease $(typed); do
      echo "$shell $name"
      completions "$shell" "$name" >made
      grep -q "$name" made
      # fish's -n and bash's and zsh's say the same.
      run --separate-stderr -0 "$shell" -n made
      [ -z "$output$stderr" ]
    done
  done
}

@test "bash: subcommands, options, the values that an option takes" {
  bash_offers virby-image cr
  [ "$output" = create ]
  bash_offers virby-image create --re
  [ "$output" = --replace ]
  bash_offers virby-boot --driver ''
  [ "$(sort <<<"$output")" = $'krunkit\nqemu\nvfkit' ]
  bash_offers virby-boot --arch a
  [ "$(sort <<<"$output")" = $'amd64\narm64' ]
  bash_offers virby-forward --ready ''
  [ "$(sort <<<"$output")" = $'connect\ngreeting' ]
}

@test "bash: file names, blanks in them included, where a file is meant; folders where a folder is" {
  for words in 'virby-image create' 'virby-image create other.img' 'virby-image inspect' 'virby-image grow -s 1G' \
    'virby-boot' 'virby-boot --kernel' 'virby-lease -f' 'virby-keys public'; do
    echo "$words"
    read -r -a call <<<"$words"
    bash_offers "${call[@]}" d
    [ "$output" = 'disk one.img' ]
  done
  for words in 'virby-boot --keys' 'virby-boot --control' 'virby-keys ensure' 'virby-keys check'; do
    echo "$words"
    read -r -a call <<<"$words"
    bash_offers "${call[@]}" ''
    [ "$output" = folder ]
  done
  # Where neither is meant, neither comes.
  bash_offers virby-image grow --size ''
  [ -z "$output" ]
}

@test "bash: verbs and options of scripts, and only the options that are left" {
  bash_offers virby st
  [ "$(sort <<<"$output")" = $'start\nstatus\nstop' ]
  bash_offers virby rotate --r
  [ "$output" = --restart ]
  bash_offers virby -b some rotate --r
  [ "$output" = --restart ]
  bash_offers virby-prepare --
  [ "$(sort <<<"$output")" = $'--help\n--replace\n--wait-lock' ]
  bash_offers virby-prepare --wait-lock ''
  [ -z "$output" ]
}

@test "what a script's help has, TAB has; what TAB has, the script takes" {
  for name in $(typed); do
    echo "$name"
    VIRBY_DIR=$PWD/none "$REPO/scripts/$name" --help >help 2>&1 || continue
    echo --help >>help
    bash_offers "$name" --
    for option in $output; do grep -qF -e "$option" help; done
    # And those that begin a line of its help, or stand in its usage, are all there.
    sed -nE -e 's/^ *(--[a-z0-9-]+).*/\1/p' -e '/^usage:/p' help | grep -oE -e '--[a-z][a-z0-9-]*' >named
    while read -r option; do grep -qx -e "$option" <<<"$output"; done <named
  done
}

@test "fish: the same" {
  command -v fish >/dev/null || skip 'needs fish'
  fish_offers 'virby-image cr'
  [ "$output" = create ]
  fish_offers 'virby-image create --re'
  [ "$output" = --replace ]
  fish_offers 'virby-boot --driver '
  [ "$(sort <<<"$output")" = $'krunkit\nqemu\nvfkit' ]
  fish_offers 'virby-image inspect o'
  [ "$output" = other.img ]
  fish_offers 'virby-boot --keys f'
  [ "$output" = folder/ ]
  fish_offers 'virby st'
  [ "$(sort <<<"$output")" = $'start\nstatus\nstop' ]
  fish_offers 'virby rotate --re'
  [ "$output" = --restart ]
  fish_offers 'virby-prepare --wa'
  [ "$output" = --wait-lock ]
}

@test "zsh: the same, at a prompt" {
  command -v zsh >/dev/null || skip 'needs zsh'
  zsh_makes 'virby-image cr' 'virby-image create '
  zsh_makes 'virby-image create --rep' 'virby-image create --replace '
  zsh_makes 'virby-boot --driver vf' 'virby-boot --driver vfkit '
  zsh_makes 'virby-image inspect d' 'virby-image inspect disk\ one.img '
  zsh_makes 'virby-boot --keys ' 'virby-boot --keys folder/'
  zsh_makes 'virby rot' 'virby rotate '
  zsh_makes 'virby rotate --re' 'virby rotate --restart '
  zsh_makes 'virby-prepare --wa' 'virby-prepare --wait-lock '
}

@test "a shell or a command that is not known is refused" {
  run --separate-stderr -64 completions tcsh virby
  [ "$stderr" = "completions: no completions are known for 'tcsh'
completions: hint: give bash, zsh or fish" ]
  run --separate-stderr -64 completions bash virby-nothing
  [ "$stderr" = "completions: there is no script 'virby-nothing'" ]
}
