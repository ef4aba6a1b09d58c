# What Nix and ssh are told of the builder.
{
  config,
  lib,
  options,
  ...
}:

let
  cfg = config.services.virby;
  inherit (cfg.constants) folder host linuxSystem;

  machine = {
    hostName = host;
    protocol = "ssh-ng";
    systems = [ linuxSystem ] ++ lib.optional cfg.rosetta "x86_64-linux";
    maxJobs = cfg.cores;
    inherit (cfg) speedFactor;
    supportedFeatures = [
      "benchmark"
      "big-parallel"
    ]
    ++ lib.optionals cfg.nestedVirtualization [
      "kvm"
      "nixos-test"
    ];
  };

  # As the installer's virby-machines fills them.
  stanza =
    lib.replaceStrings
      [ "@HOST@" "@PORT@" "@IDENTITY@" "@KNOWN_HOSTS@" ]
      [ host (toString cfg.port) "${folder}/keys/ssh_user_ed25519_key" "${folder}/keys/ssh_known_hosts" ]
      (builtins.readFile ../../templates/ssh_config);
  line =
    lib.replaceStrings
      [ "@HOST@" "@SYSTEMS@" "@CORES@" "@SPEED_FACTOR@" "@FEATURES@" ]
      [
        host
        (lib.concatStringsSep "," machine.systems)
        (toString cfg.cores)
        (toString cfg.speedFactor)
        (lib.concatStringsSep "," machine.supportedFeatures)
      ]
      (builtins.readFile ../../templates/machines);

  builders = {
    buildMachines = [ machine ];
    distributedBuilds = lib.mkForce true;
  };
in
{
  config = lib.mkIf cfg.enable (
    lib.mkMerge [
      { environment.etc."ssh/ssh_config.d/100-${host}.conf".text = stanza; }
      (lib.mkIf (!cfg.supportDeterminateNix && config.nix.enable) { nix = builders; })
      # Nix is not nix-darwin's then, but it reads this file all the same.
      (lib.mkIf (!cfg.supportDeterminateNix && !config.nix.enable) {
        environment.etc."nix/machines".text = line;
      })
      (lib.optionalAttrs (options ? determinateNix) (
        lib.mkIf cfg.supportDeterminateNix {
          determinateNix = builders // {
            # Two builders for the same system would compete.
            determinateNixd.builder.state = lib.mkDefault "disabled";
          };
        }
      ))
    ]
  );
}
