# The settings file, which virbyd reads at each start: what changes here takes effect then, and stops nothing.
{
  config,
  lib,
  pkgs,
  ...
}:

let
  cfg = config.services.virby;
  inherit (import ../sizes.nix { inherit lib; }) toMiB;
  inherit (cfg.constants) folder hasExtraConfig host;

  yes = condition: lib.optionalString condition "yes";
  # A word of a list: virbyd takes a backslash to keep a blank.
  word = lib.replaceStrings [ "\\" " " "\t" ] [ "\\\\" "\\ " "\\\t" ];
  words = lib.concatStringsSep " ";
  imageFile = image: if image ? passthru.filePath then "${image}/${image.passthru.filePath}" else "${image}";
  nixConf = "virby/guest-nix.conf";
  drivers =
    [ cfg.driverPackage ]
    ++ lib.optional (cfg.driver == "krunkit") (
      pkgs.vmnet-helper or (throw "services.virby.driver is \"krunkit\", and this nixpkgs has no vmnet-helper: use \"vfkit\", or a newer nixpkgs.")
    );

  settings = {
    VIRBY_DIR = folder;
    VIRBY_HOST = host;
    VIRBY_PORT = toString cfg.port;
    VIRBY_IMAGE = lib.optionalString (cfg.image != null) (imageFile cfg.image);
    VIRBY_NEXT_IMAGE = lib.optionalString hasExtraConfig "/nix/var/nix/gcroots/virby-image/virby-guest.raw";
    VIRBY_CORES = toString cfg.cores;
    VIRBY_MEMORY = "${toString (toMiB cfg.memory)}MiB";
    VIRBY_DISK_SIZE = cfg.diskSize;
    VIRBY_STORE_SIZE = cfg.diskSize;
    VIRBY_TTL = "${toString cfg.onDemand.ttl}m";
    VIRBY_ALWAYS_ON = yes (!cfg.onDemand.enable);
    VIRBY_SPEED_FACTOR = toString cfg.speedFactor;
    VIRBY_MIN_FREE = cfg.closing.minFree;
    VIRBY_MAX_FREE = cfg.closing.maxFree;
    VIRBY_MAX_USED = lib.optionalString (cfg.closing.maxUsed != null) cfg.closing.maxUsed;
    VIRBY_SUBSTITUTERS = if cfg.substituters == null then "default" else words cfg.substituters;
    VIRBY_TRUSTED_PUBLIC_KEYS = words cfg.trustedPublicKeys;
    VIRBY_NIX_CONF = lib.optionalString (cfg.guestNixConf != "") "${config.environment.etc.${nixConf}.source}";
    VIRBY_USER_KEY = lib.optionalString cfg.allowUserSsh "${folder}/login/key.pub";
    VIRBY_SHARES = words (lib.mapAttrsToList (tag: path: "${tag}=${word path}") cfg.sharedDirectories);
    VIRBY_MOUNTS = words (map (tag: "${tag}=/mnt/virtiofs/${tag}:rw") (lib.attrNames cfg.sharedDirectories));
    VIRBY_DRIVER = cfg.driver;
    VIRBY_PATH = lib.makeBinPath drivers;
    VIRBY_SSH = cfg.ssh;
    VIRBY_ROSETTA = yes cfg.rosetta;
    VIRBY_NESTED = yes cfg.nestedVirtualization;
    VIRBY_DEBUG = yes cfg.debug;
    VIRBY_LOG_LEVEL = lib.optionalString cfg.debug "debug";
  };
in
{
  config = lib.mkIf cfg.enable {
    environment.etc."virby/virby-vm.conf".text =
      "# Made by services.virby of nix-darwin.\n"
      + lib.concatStrings (lib.mapAttrsToList (name: value: "${name}=${value}\n") settings);

    environment.etc.${nixConf} = lib.mkIf (cfg.guestNixConf != "") { text = cfg.guestNixConf + "\n"; };

    # Under a name that stays, so that a new version does not stop the VM that runs.
    environment.etc."virby/libexec".source = "${cfg.package}/libexec/virby";
    environment.systemPackages = [ cfg.package ];
  };
}
