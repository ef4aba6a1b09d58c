# The builder's account and folder. nix-darwin's own users.users neither changes nor removes an id below 501, so this does.
{
  config,
  lib,
  ...
}:

let
  cfg = config.services.virby;
  inherit (cfg.constants)
    folder
    group
    host
    user
    ;
  settings = config.environment.etc."virby/${host}.conf".source;

  # Refusals come first, before anything is changed.
  checks = ''
    # services.virby: what is here already is ours, or is left alone.
    virbyHome=$(dscl . -read /Users/${user} NFSHomeDirectory 2>/dev/null) || virbyHome=${folder}
    virbyHome=''${virbyHome#NFSHomeDirectory: }
    if [[ $virbyHome != ${folder} ]]; then
      echo "virby: cannot use the user '${user}': its home is '$virbyHome'" >&2
      echo "virby: hint: remove that user, if nothing else needs it, with 'dscl . -delete /Users/${user}'" >&2
      exit 2
    fi
    if [[ -L ${folder} || ( -e ${folder} && ! -d ${folder} ) ]]; then
      echo "virby: cannot use '${folder}': it is not a directory" >&2
      echo "virby: hint: move it out of the way" >&2
      exit 2
    fi
    if [[ -e /usr/local/libexec/virby/virbyd && -e /Library/LaunchDaemons/org.nixos.virbyd.plist ]] &&
      grep -q /usr/local/libexec/virby /Library/LaunchDaemons/org.nixos.virbyd.plist; then
      echo "virby: cannot install the builder: virby-install has installed it already" >&2
      echo "virby: hint: run 'sudo virby-uninstall --keep-data' first; the disk and the keys stay" >&2
      exit 2
    fi
    if [[ ! -e ${folder}/disk.img ]]; then
      virbyFree=$(/bin/df -Pk /var | awk 'END { print int($4 / 1024) }')
      if ((virbyFree < 4096)); then
        echo "virby: cannot make the builder's disk: only $virbyFree MiB are free for '${folder}'" >&2
        echo "virby: hint: free at least 4 GiB, with 'nix-collect-garbage -d' for instance" >&2
        exit 2
      fi
    fi
  '';

  account = ''
    # services.virby: 348 as in virby-nix-darwin, or the next lower id that no user and no group has.
    virbyTaken=" $( (dscl . -list /Users UniqueID && dscl . -list /Groups PrimaryGroupID) | awk '{ print $NF }' | tr '\n' ' ')"
    for ((virbyId = 348; virbyId >= 300; virbyId--)); do
      if [[ $virbyTaken != *" $virbyId "* ]]; then break; fi
    done
    if ((virbyId < 300)) && ! { dscl . -read /Users/${user} && dscl . -read /Groups/${group}; } >/dev/null 2>&1; then
      echo "virby: cannot create the user '${user}': no id from 300 to 348 is free" >&2
      exit 2
    fi
    if ! dscl . -read /Groups/${group} PrimaryGroupID >/dev/null 2>&1; then
      echo "virby: creating the group '${group}' ($virbyId)" >&2
      dscl . -create /Groups/${group}
      dscl . -create /Groups/${group} PrimaryGroupID "$virbyId"
    fi
    if ! dscl . -read /Users/${user} UniqueID >/dev/null 2>&1; then
      echo "virby: creating the user '${user}' ($virbyId)" >&2
      dscl . -create /Users/${user}
      dscl . -create /Users/${user} UniqueID "$virbyId"
      virbyGroup=$(dscl . -read /Groups/${group} PrimaryGroupID)
      dscl . -create /Users/${user} PrimaryGroupID "''${virbyGroup##* }"
      dscl . -create /Users/${user} NFSHomeDirectory ${folder}
      dscl . -create /Users/${user} UserShell /usr/bin/false
      dscl . -create /Users/${user} RealName 'Linux builder for Nix'
      dscl . -create /Users/${user} IsHidden 1
    fi
    mkdir -p ${folder}
    # What virby-uninstall has kept is root's. In a folder that is another's, root changes nothing.
    if [[ -n $(find ${folder} -prune ! -user ${user}) ]]; then chown -R ${user}:${group} ${folder}; fi
    chmod ${if cfg.allowUserSsh then "711" else "700"} ${folder}
    # Whatever is in a folder that another owns, root does not touch.
    sudo -u ${user} touch ${folder}/.nix-darwin
    unset virbyHome virbyFree virbyTaken virbyId virbyGroup
  '';

  # Keys must be there when Nix first connects. What cannot be made now virbyd tries again at each start.
  prepare = ''
    if ! sudo -u ${user} /usr/bin/env -i PATH=/usr/bin:/bin:/usr/sbin:/sbin VIRBY_SETTINGS=${settings} \
      ${cfg.package}/libexec/virby/virby-prepare; then
      echo "virby: warning: the builder is not ready; its next start tries again" >&2
      echo "virby: hint: run 'sudo virby-doctor'" >&2
    fi
  '';
in
{
  config = lib.mkIf cfg.enable {
    system.checks.text = lib.mkAfter checks;
    # Before nix-darwin loads the job. A VM that runs goes on: nothing that it uses is changed.
    system.activationScripts.extraActivation.text = lib.mkMerge [
      (lib.mkOrder 1500 account)
      (lib.mkOrder 1600 prepare)
    ];
  };
}
