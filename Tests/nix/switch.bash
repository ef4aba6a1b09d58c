# A switch of nix-darwin on the pretended Mac of Tests/mac: `load switch`. The order, and what is done with files and
# jobs, is nix-darwin's; nothing else of it is here.
# shellcheck shell=bash disable=SC2154

# switch MODULE: evaluates a configuration, puts what Nix would have built into the Mac's store, and activates it.
switch() {
  local system number
  evaluate "$1" >configuration.json
  number=$(sha256sum <configuration.json | cut -c 1-32)
  system=/nix/store/$number-system
  if [ ! -e "$MAC/root$system" ]; then
    render "$MAC/root$system" <configuration.json
    store_files <configuration.json
    mkdir -p "$MAC/root$system/etc" "$MAC/root$system/Library/LaunchDaemons"
    activate_text "$system" >"$MAC/root$system/activate"
    chmod +x "$MAC/root$system/activate"
  fi
  mac "$system/activate"
}

# store_files <JSON: the files of /etc under the names that they have in the store.
store_files() {
  local path
  while IFS= read -r path; do
    jq -r --arg path "$path" 'first(.etc[] | select(.source == $path)) | .text' <configuration.json |
      sed '$ { /^$/d; }' >"$MAC/root$path"
    chmod 444 "$MAC/root$path"
  done < <(jq -r '.etc[] | select(.text != "") | .source' <configuration.json)
}

part() {
  cat "$MAC/root$1/$2" 2>/dev/null || true
}

# activate_text SYSTEM: the script.
activate_text() {
  cat <<EOT
#!/bin/bash
set -e
set -o pipefail
PATH=/nix/store/coreutils/bin:/usr/bin:/bin:/usr/sbin:/sbin
export PATH
systemConfig=$1
umask 0022
cd /
$(part "$1" checks)
$(cat "$REPO/Tests/nix/switch.d/etc-check")
$(part "$1" activation/extraActivation)
$(cat "$REPO/Tests/nix/switch.d/etc")
$(cat "$REPO/Tests/nix/switch.d/launchd")
$(part "$1" activation/postActivation)
ln -sfn "\$systemConfig" /run/current-system
EOT
}
