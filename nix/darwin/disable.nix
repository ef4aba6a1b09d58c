# enable = false removes all that enable = true made. nix-darwin itself removes the files in /etc and the job.
{ config, lib, ... }:

let
  cfg = config.services.virby;
  inherit (cfg.constants) folder group user;
in
{
  config = lib.mkIf (!cfg.enable) {
    system.activationScripts.postActivation.text = lib.mkBefore ''
      # services.virby: the folder is ours, or virby-nix-darwin's, or it is left alone.
      if [[ -d ${folder} && ( -e ${folder}/.nix-darwin || -e ${folder}/.disk-image-store-path ) ]]; then
        # launchctl does not wait until the VM has powered off.
        for ((virbyWait = 0; virbyWait < 120; virbyWait++)); do
          pgrep -u ${user} >/dev/null 2>&1 || break
          sleep 1
        done
        if pgrep -u ${user} >/dev/null 2>&1; then
          echo "virby: cannot remove the builder: '${user}' still has processes" >&2
          echo "virby: hint: end them, and switch again" >&2
        else
          echo "virby: removing the builder, '${folder}' and the user '${user}'" >&2
          # The drivers' copies of the keys are immutable.
          chflags -R nouchg ${folder} 2>/dev/null || true
          rm -rf ${folder}
          rm -f /nix/var/nix/gcroots/virby-image
          if dscl . -read /Users/${user} >/dev/null 2>&1; then dscl . -delete /Users/${user}; fi
          if dscl . -read /Groups/${group} >/dev/null 2>&1; then dscl . -delete /Groups/${group}; fi
        fi
        unset virbyWait
      fi
    '';
  };
}
