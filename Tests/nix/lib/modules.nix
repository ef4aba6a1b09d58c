# A stand-in for nixpkgs' module system: options are declared, modules define them, evalModules makes one configuration
# of all of them. What is not declared cannot be defined, and types are checked, with the messages of the real one.
{ lib }:

let
  inherit (builtins)
    attrNames
    concatMap
    elem
    filter
    foldl'
    functionArgs
    hasAttr
    head
    intersectAttrs
    isAttrs
    isFunction
    isPath
    isString
    mapAttrs
    ;

  # kind VALUE: what mkIf and its like have made of it.
  kind = value: if isAttrs value then value._type or "" else "";
  isOption = value: kind value == "option";

  # winners DEFINITIONS: those that count, of each { file, value }: conditions are met, priority is highest, and they
  # stand in their order.
  winners =
    definitions:
    let
      unwrap =
        value:
        {
          "if" = if value.condition then unwrap value.content else [ ];
          merge = concatMap unwrap value.contents;
          override = map (found: found // { inherit (value) priority; }) (unwrap value.content);
          order = map (found: found // { inherit (value) order; }) (unwrap value.content);
        }
        .${kind value} or [
          {
            priority = 100;
            order = 1000;
            inherit value;
          }
        ];
      all = concatMap (
        definition: map (found: found // { inherit (definition) file; }) (unwrap definition.value)
      ) definitions;
      best = foldl' (least: found: if found.priority < least then found.priority else least) 9999 all;
    in
    builtins.sort (a: b: a.order < b.order) (filter (found: found.priority == best) all);

  # mergeDefinitions LOCATION TYPE DEFINITIONS: { isDefined, value }.
  mergeDefinitions =
    location: type: definitions:
    let
      counted = winners definitions;
      wrong = filter (found: !(type.check found.value)) counted;
    in
    {
      isDefined = counted != [ ];
      value =
        if wrong != [ ] then
          throw "A definition for option `${location}' is not of type `${type.name}'. Definition in ${(head wrong).file}"
        else
          type.merge location counted;
    };

  # pushed VALUE: mkIf and its like, moved from a set to its attributes, so that no condition is looked at before the
  # attribute is.
  pushed =
    value:
    if kind value == "merge" then
      concatMap pushed value.contents
    else if
      elem (kind value) [
        "if"
        "override"
        "order"
      ]
    then
      map (mapAttrs (_: content: value // { inherit content; })) (pushed value.content)
    else
      [ value ];

  evalModules =
    {
      modules,
      specialArgs ? { },
      prefix ? "",
    }:
    let
      arguments = specialArgs // {
        inherit lib config;
        options = described "" options (definitionsOf all);
      };
      definitionsOf = map (module: {
        inherit (module) file;
        value = module.config;
      });

      # described PATH OPTIONS DEFINITIONS: the options, each with its definitions, the default among them.
      described =
        path: declared: definitions:
        mapAttrs (
          name: option:
          let
            own = below name (flattened definitions);
          in
          if isOption option then
            option
            // {
              definitions =
                if own == [ ] then [ option.default ] else map (found: found.value) (winners own);
            }
          else
            described (join path name) option own
        ) declared;

      # load MODULE: itself and what it imports, each { file, options, config }.
      load =
        module:
        let
          isFile = isPath module || isString module;
          file = if isFile then toString module else "<unknown-file>";
          loaded = if isFile then import module else module;
          called =
            if isFunction loaded then
              loaded (if functionArgs loaded == { } then arguments else intersectAttrs (functionArgs loaded) arguments)
            else
              loaded;
          isLong = called ? config || called ? options;
        in
        concatMap load (called.imports or [ ])
        ++ [
          {
            inherit file;
            options = if isLong then called.options or { } else { };
            config =
              if isLong then
                called.config or { }
              else
                builtins.removeAttrs called [
                  "_file"
                  "imports"
                ];
          }
        ];
      all = concatMap load modules;

      declare =
        left: right:
        if isAttrs left && isAttrs right && !isOption left && !isOption right then
          left // mapAttrs (name: value: if hasAttr name left then declare left.${name} value else value) right
        else
          right;
      options = foldl' declare { } (map (module: module.options) all);

      join = path: name: if path == "" then name else "${path}.${name}";
      below =
        name: definitions:
        map (definition: definition // { value = definition.value.${name}; }) (
          filter (definition: hasAttr name definition.value) definitions
        );

      flattened = concatMap (
        definition: map (value: definition // { inherit value; }) (pushed definition.value)
      );

      # tree PATH OPTIONS DEFINITIONS: the configuration below PATH.
      tree =
        path: declared: definitions:
        let
          flat = flattened definitions;
          unknown = concatMap (
            definition:
            map (name: "The option `${join path name}' does not exist. Definition in ${definition.file}") (
              filter (name: !(hasAttr name declared)) (attrNames definition.value)
            )
          ) flat;
        in
        if unknown != [ ] then
          throw (head unknown)
        else
          mapAttrs (
            name: option: (if isOption option then leaf else tree) (join path name) option (below name flat)
          ) declared;

      leaf =
        path: option: definitions:
        let
          merged = mergeDefinitions path option.type definitions;
          byDefault = mergeDefinitions path option.type [
            {
              file = "<default>";
              value = option.default;
            }
          ];
          value =
            if option.readOnly or false && definitions != [ ] then
              throw "The option `${path}' is read-only, but it's set multiple times."
            else if merged.isDefined then
              merged.value
            else if option ? default then
              byDefault.value
            else
              throw "The option `${path}' was accessed but has no value defined. Try setting the option.";
        in
        (option.apply or (same: same)) value;

      config = tree prefix options (definitionsOf all);
    in
    {
      inherit config options;
    };
in
rec {
  inherit evalModules mergeDefinitions;

  mkIf = condition: content: {
    _type = "if";
    inherit condition content;
  };
  mkMerge = contents: {
    _type = "merge";
    inherit contents;
  };
  mkOverride = priority: content: {
    _type = "override";
    inherit priority content;
  };
  mkForce = mkOverride 50;
  mkDefault = mkOverride 1000;
  mkOrder = order: content: {
    _type = "order";
    inherit order content;
  };
  mkBefore = mkOrder 500;
  mkAfter = mkOrder 1500;
}
