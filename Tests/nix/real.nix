# The same as evaluate.nix, by the real lib of nixpkgs and the real modules of nix-darwin, whose sources are given.
{
  nixpkgsLib,
  nixDarwin,
  determinateModule ? null,
  configuration,
  system ? "aarch64-darwin",
  determinate ? false,
}:

let
  lib = import nixpkgsLib;
  stand-in = import ./pkgs.nix system;
  # What nix-darwin's own modules want of packages that are never built.
  text = name: value: {
    type = "derivation";
    inherit name;
    outPath = "/nix/store/${builtins.hashString "md5" value}-${name}";
  };
  package =
    name:
    let
      self = text name name // {
        pname = name;
        version = "3";
        meta = { };
        out = self;
        man = self;
        doc = self;
      };
    in
    self;
  pkgs =
    lib.genAttrs [
      "bashInteractive"
      "coreutils"
      "gnugrep"
      "nix"
      "writeScript"
      "openssh"
      "gnused"
      "jq"
      "nix-info"
      "texinfoInteractive"
      "nix-zsh-completions"
      "zsh"
    ] package
    // {
      inherit lib;
      writeText = text;
      writeScript = text;
      writeScriptBin = text;
      writeShellScript = text;
      writeShellScriptBin = text;
      writeTextFile = { name, text, ... }: package name;
      runCommand = name: _: _: package name;
      buildEnv = { name, ... }: package name;
      symlinkJoin = { name, ... }: package name;
      formats.json = _: {
        type = lib.types.anything;
        generate = name: _: package name;
      };
      buildPackages = pkgs;
      config = { };
      overlays = [ ];
    }
    // stand-in
    // {
      callPackage = _: _: package "called" // lib.genAttrs [ "darwin-version" "darwin-option" "darwin-rebuild" ] package;
      stdenv = {
        shell = "/bin/sh";
        inherit (stand-in.stdenv) hostPlatform;
      };
    };
  inherit
    (import (nixDarwin + "/eval-config.nix") {
      inherit lib;
      enableNixpkgsReleaseCheck = false;
      specialArgs = { inherit pkgs; };
      modules = [
        ../../nix/darwin-module.nix
        configuration
        {
          system.stateVersion = 6;
          nixpkgs.hostPlatform = system;
        }
      ]
      ++ lib.optional determinate determinateModule;
    })
    config
    options
    ;
  # Our part of what other modules of nix-darwin add to as well.
  ourText = option: lib.concatMapStringsSep "\n" (definition: definition.value) (
    lib.filter (definition: lib.hasInfix "/nix/darwin/" definition.file) option.definitionsWithLocations
  );
  ours = name: lib.hasInfix "virby" name || name == "nix/machines";
  failed = lib.filter (entry: !entry.assertion) config.assertions;
  # nix-darwin knows every key of a plist; those that are null are not written.
  written =
    value:
    if lib.isAttrs value then lib.mapAttrs (_: written) (lib.filterAttrs (_: inner: inner != null) value) else value;
  # What we have said of a machine.
  told = map (machine: {
    inherit (machine)
      hostName
      maxJobs
      protocol
      speedFactor
      supportedFeatures
      systems
      ;
  });
  sources = map toString config.environment.systemPackages;
in
if failed != [ ] then
  throw "Failed assertions:${lib.concatMapStrings (entry: "\n- ${entry.message}") failed}"
else
  {
    etc = lib.mapAttrs (_: entry: {
      inherit (entry) text;
      source = toString entry.source;
    }) (lib.filterAttrs (name: _: ours name) config.environment.etc);
    checks = ourText options.system.checks.text;
    activation = lib.genAttrs [ "extraActivation" "postActivation" ] (
      name: config.system.activationScripts.${name}.text
    );
    daemons = lib.mapAttrs (_: daemon: written daemon.serviceConfig) (
      lib.filterAttrs (name: _: lib.hasPrefix "virby" name) config.launchd.daemons
    );
    nix = lib.optionalAttrs config.nix.enable {
      inherit (config.nix) distributedBuilds;
      buildMachines = told config.nix.buildMachines;
    };
    systemPackages = lib.filter (lib.hasSuffix "-virby") sources;
  }
  // lib.optionalAttrs determinate {
    determinateNix = {
      inherit (config.determinateNix) distributedBuilds enable;
      buildMachines = told config.determinateNix.buildMachines;
      determinateNixd.builder = { inherit (config.determinateNix.determinateNixd.builder) state; };
    };
  }
