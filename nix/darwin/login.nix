# allowUserSsh: a key of their own for all users, which the guest takes as long as the option is set.
{ config, lib, ... }:

let
  cfg = config.services.virby;
  inherit (cfg.constants)
    folder
    host
    user
    ;
  asUser = "sudo -u ${user} /bin/bash -euc";
in
{
  config = lib.mkIf cfg.enable {
    # Before 100-virby-vm.conf, for ssh takes the first value of a setting. Root has the builder's key.
    environment.etc."ssh/ssh_config.d/099-${host}-users.conf" = lib.mkIf cfg.allowUserSsh {
      text = ''
        Match host ${host} !localuser root
          IdentityFile ${folder}/login/key
          GlobalKnownHostsFile ${folder}/login/known_hosts
      '';
    };

    # Between the account and virby-prepare, which passes the key on to the guest; and behind that, which makes the
    # guest's.
    system.activationScripts.extraActivation.text = lib.mkMerge (
      if cfg.allowUserSsh then
        [
          (lib.mkOrder 1550 ''
            # services.virby.allowUserSsh. ssh refuses a key that others can read from its owner alone, who never logs in.
            ${asUser} '
              umask 022
              cd ${folder}
              if [[ ! -e login/key.pub ]]; then
                rm -rf login login.new
                mkdir login.new
                ssh-keygen -q -t ed25519 -N "" -C "users of ${host}" -f login.new/key
                chmod 644 login.new/key
                mv login.new login
              fi
            '
          '')
          (lib.mkOrder 1650 ''
            ${asUser} '
              umask 022
              cd ${folder}
              if [[ -e keys/ssh_known_hosts ]]; then cat keys/ssh_known_hosts >login/known_hosts; fi
            '
          '')
        ]
      else
        [
          (lib.mkOrder 1550 ''
            rm -rf ${folder}/login
          '')
        ]
    );
  };
}
