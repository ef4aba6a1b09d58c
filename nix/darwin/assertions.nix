# What contradicts itself or cannot be, each with the option's name and what would be right.
{
  config,
  lib,
  options,
  pkgs,
  ...
}:

let
  cfg = config.services.virby;
  inherit (import ../sizes.nix { inherit lib; }) toMiB;
  isAppleSilicon = pkgs.stdenv.hostPlatform.system == "aarch64-darwin";
  tags = lib.attrNames cfg.sharedDirectories;
  reserved = [
    "virby-keys"
    "rosetta"
  ];

  # Of strings: what a line of the settings file cannot hold.
  hasControl = text: builtins.match "[^[:cntrl:]]*" text == null;
  isSize = text: toMiB text != null && !lib.isInt text;
  isTag = tag: builtins.match "[A-Za-z0-9_.-]{1,31}" tag != null;
  isWord = word: builtins.match "[^[:space:][:cntrl:]]+" word != null;

  # right OPTION CONDITION REASON: an assertion about services.virby.OPTION.
  right = option: assertion: reason: {
    inherit assertion;
    message = "services.virby.${option} ${reason}";
  };
  quoted = lib.concatMapStringsSep ", " (word: "\"${word}\"");
in
{
  config = lib.mkIf cfg.enable {
    assertions = [
      (right "cores" (cfg.cores >= 1) "is ${toString cfg.cores}: the guest needs at least one.")
      (right "memory" (
        toMiB cfg.memory != null
      ) ''is "${toString cfg.memory}": write a number of MiB, or a string such as "6GiB" or "6144MiB".'')
      (right "memory" (
        toMiB cfg.memory == null || toMiB cfg.memory >= 1024
      ) ''is ${toString cfg.memory}: the guest needs at least 1024 MiB, "1GiB".'')
      (right "diskSize" (isSize cfg.diskSize) ''is "${cfg.diskSize}": write a size such as "100GiB".'')
      (right "diskSize" (
        !isSize cfg.diskSize || toMiB cfg.diskSize >= 4096
      ) ''is "${cfg.diskSize}": the guest needs at least "4GiB".'')
      (right "onDemand.ttl" (
        cfg.onDemand.ttl >= 1
      ) "is ${toString cfg.onDemand.ttl}: write a number of minutes, at least 1; `onDemand.enable = false` keeps the VM running.")
      (right "port" (cfg.port >= 1024) "is ${toString cfg.port}: write a port from 1024 to 65535, which needs no privilege.")
      (right "speedFactor" (cfg.speedFactor >= 1) "is ${toString cfg.speedFactor}: Nix wants at least 1.")
      (right "rosetta" (!cfg.rosetta || isAppleSilicon) "is true: Rosetta is on Apple silicon alone (aarch64-darwin).")
      (right "nestedVirtualization" (
        !cfg.nestedVirtualization || isAppleSilicon
      ) "is true: only Apple silicon (aarch64-darwin), from the M3 on, can nest.")
      (right "ssh" (
        cfg.ssh != "vsock" || cfg.driver == "vfkit"
      ) ''is "vsock": krunkit has no vsock for it; write "nat", or driver = "vfkit".'')
      (right "rosetta" (!cfg.rosetta || cfg.driver == "vfkit") ''is true: krunkit has no Rosetta; write driver = "vfkit".'')
      (right "sharedDirectories" (lib.all (tag: !lib.elem tag reserved) tags) "has the tag ${
        quoted (lib.filter (tag: lib.elem tag reserved) tags)
      }, which Virby uses itself: choose another.")
      (right "sharedDirectories" (lib.all isTag tags) "has the tag ${
        quoted (lib.filter (tag: !isTag tag) tags)
      }: write up to 31 letters, digits, '.', '_' and '-'.")
      (right "sharedDirectories" (lib.all (path: lib.hasPrefix "/" path && !hasControl path) (
        lib.attrValues cfg.sharedDirectories
      )) "has a folder that is not an absolute path, or has a control character: begin it with '/'.")
      (right "sharedDirectories" (lib.length tags <= 16) "has more than 16 folders, which is what the guest mounts.")
      (right "closing.minFree" (isSize cfg.closing.minFree) ''is "${cfg.closing.minFree}": write a size such as "5GiB".'')
      (right "closing.maxFree" (isSize cfg.closing.maxFree) ''is "${cfg.closing.maxFree}": write a size such as "7GiB".'')
      (right "closing.maxFree" (
        !(isSize cfg.closing.minFree && isSize cfg.closing.maxFree)
        || toMiB cfg.closing.maxFree >= toMiB cfg.closing.minFree
      ) ''is "${cfg.closing.maxFree}", less than closing.minFree: nothing would be collected.'')
      (right "closing.maxUsed" (
        cfg.closing.maxUsed == null || isSize cfg.closing.maxUsed
      ) ''is "${toString cfg.closing.maxUsed}": write a size such as "40GiB", or null.'')
      (right "substituters" (
        cfg.substituters == null || lib.all isWord cfg.substituters
      ) "has a URL with a blank in it, or an empty one.")
      (right "trustedPublicKeys" (lib.all isWord cfg.trustedPublicKeys) "has a key with a blank in it, or an empty one.")
      (right "image" (
        cfg.image != null
      ) "is not set, and this version of Virby has no released image for ${cfg.constants.linuxSystem}: set it to a raw EFI image.")
      (right "supportDeterminateNix" (!cfg.supportDeterminateNix || config.determinateNix.enable or false)
        "is true without Determinate's module: add the input \"github:DeterminateSystems/determinate\", import its darwinModules.default and set determinateNix.enable = true."
      )
      (right "supportDeterminateNix" (cfg.supportDeterminateNix || !(options ? determinateNix && config.determinateNix.enable))
        "is false while determinateNix.enable is true: set it to true, or nothing would tell Nix of the builder."
      )
    ];
  };
}
