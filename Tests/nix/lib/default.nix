# A stand-in for the part of nixpkgs' lib that the modules use, so that they can be evaluated without nixpkgs. Each
# function does what nixpkgs' manual says of the one of its name; scripts/nix-check-real compares the two.
let
  inherit (builtins)
    attrNames
    concatMap
    filter
    hasAttr
    isAttrs
    listToAttrs
    map
    replaceStrings
    stringLength
    substring
    toString
    ;

  lib = {
    inherit (builtins)
      all
      any
      attrNames
      attrValues
      concatStringsSep
      elem
      elemAt
      filter
      head
      isAttrs
      isBool
      isInt
      isList
      isString
      length
      mapAttrs
      replaceStrings
      tail
      toJSON
      ;

    # Lists
    remove = value: filter (other: other != value);
    optional = condition: value: if condition then [ value ] else [ ];
    optionals = condition: values: if condition then values else [ ];

    # Strings
    concatStrings = builtins.concatStringsSep "";
    concatMapStringsSep =
      separator: function: values:
      builtins.concatStringsSep separator (map function values);
    optionalString = condition: text: if condition then text else "";
    hasPrefix = prefix: text: substring 0 (stringLength prefix) text == prefix;
    hasSuffix =
      suffix: text:
      let
        start = stringLength text - stringLength suffix;
      in
      start >= 0 && substring start (stringLength suffix) text == suffix;
    toInt = text: builtins.fromJSON text;
    toUpper = replaceStrings (lib.characters "abcdefghijklmnopqrstuvwxyz") (
      lib.characters "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    );
    characters = text: builtins.genList (n: substring n 1 text) (stringLength text);
    escapeShellArg = text: "'${replaceStrings [ "'" ] [ "'\\''" ] (toString text)}'";
    makeBinPath = lib.concatMapStringsSep ":" (package: "${package}/bin");
    getVersion = package: package.version or "";
    versionAtLeast = have: want: builtins.compareVersions have want >= 0;

    # Attribute sets
    optionalAttrs = condition: set: if condition then set else { };
    mapAttrsToList = function: set: map (name: function name set.${name}) (attrNames set);
    filterAttrs =
      keep: set: builtins.removeAttrs set (filter (name: !(keep name set.${name})) (attrNames set));
    genAttrs =
      names: function:
      listToAttrs (
        map (name: {
          inherit name;
          value = function name;
        }) names
      );
    recursiveUpdate =
      left: right:
      if isAttrs left && isAttrs right then
        left
        // builtins.mapAttrs (
          name: value: if hasAttr name left then lib.recursiveUpdate left.${name} value else value
        ) right
      else
        right;

    # What documentation shows; nothing evaluates it.
    literalExpression = text: text;
    literalMD = text: text;

    inherit (import ./modules.nix { inherit lib; })
      evalModules
      mergeDefinitions
      mkAfter
      mkBefore
      mkDefault
      mkForce
      mkIf
      mkMerge
      mkOrder
      mkOverride
      ;
    types = import ./types.nix { inherit lib; };

    mkOption = attributes: attributes // { _type = "option"; };
    mkEnableOption =
      what:
      lib.mkOption {
        type = lib.types.bool;
        default = false;
        description = "Whether to enable ${what}.";
      };
  };
in
lib
