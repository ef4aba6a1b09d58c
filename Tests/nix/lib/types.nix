# Types of options: what `check` takes, and how `merge` makes one value of several definitions, each { file, value }.
# `location` is the option's name, for errors.
{ lib }:

let
  inherit (builtins)
    all
    concatMap
    elem
    filter
    hasAttr
    head
    isAttrs
    isBool
    isInt
    isList
    isPath
    isString
    listToAttrs
    match
    toJSON
    ;

  type = name: check: merge: {
    _type = "option-type";
    inherit name check merge;
  };

  # All definitions have to say the same.
  one =
    location: definitions:
    let
      value = (head definitions).value;
    in
    if all (definition: definition.value == value) definitions then
      value
    else
      throw "The option `${location}' has conflicting definition values";
  scalar = name: check: type name check one;

  joined =
    location: definitions: builtins.concatStringsSep "\n" (map (definition: definition.value) definitions);
  concatenated = location: definitions: concatMap (definition: definition.value) definitions;

  # Attribute by attribute.
  attributes =
    inner: location: definitions:
    let
      names = builtins.attrNames (
        builtins.foldl' (found: definition: found // definition.value) { } definitions
      );
      merged = map (
        name:
        let
          result = lib.mergeDefinitions "${location}.${name}" inner (
            map (definition: definition // { value = definition.value.${name}; }) (
              filter (definition: hasAttr name definition.value) definitions
            )
          );
        in
        if result.isDefined then
          [
            {
              inherit name;
              inherit (result) value;
            }
          ]
        else
          [ ]
      ) names;
    in
    listToAttrs (builtins.concatLists merged);

  isPackage = value: isAttrs value && value ? outPath;
  isPlain = value: isAttrs value && !isPackage value;
in
rec {
  bool = scalar "boolean" isBool;
  int = scalar "signed integer" isInt;
  str = scalar "string" isString;
  package = scalar "package" isPackage;
  path = scalar "absolute path" (
    value: isPath value || isPackage value || (isString value && lib.hasPrefix "/" value)
  );
  port = scalar "16 bit unsigned integer; between 0 and 65535 (both inclusive)" (
    value: isInt value && value >= 0 && value <= 65535
  );
  enum = values: scalar "one of ${lib.concatMapStringsSep ", " toJSON values}" (value: elem value values);
  lines = type "strings concatenated with \"\\n\"" isString joined;

  nullOr =
    inner:
    type "null or ${inner.name}" (value: value == null || inner.check value) (
      location: definitions:
      if all (definition: definition.value == null) definitions then null else inner.merge location definitions
    );
  either =
    first: second:
    type "${first.name} or ${second.name}" (value: first.check value || second.check value) (
      location: definitions:
      (if all (definition: first.check definition.value) definitions then first else second).merge location
        definitions
    );
  listOf =
    inner: type "list of ${inner.name}" (value: isList value && all inner.check value) concatenated;
  attrsOf = inner: type "attribute set of ${inner.name}" isAttrs (attributes inner);

  anything = type "anything" (_: true) (
    location: definitions:
    if all (definition: isPlain definition.value) definitions then
      attributes anything location definitions
    else if all (definition: isList definition.value) definitions then
      concatenated location definitions
    else
      one location definitions
  );

  deferredModule = type "module" (_: true) (
    location: definitions: { imports = map (definition: definition.value) definitions; }
  );
  submodule =
    module:
    type "submodule" (value: isAttrs value || builtins.isFunction value) (
      location: definitions:
      (lib.evalModules {
        prefix = location;
        modules = [ module ] ++ map (definition: { config = definition.value; }) definitions;
        specialArgs.name = builtins.elemAt (match "(.*[.])?([^.]+)" location) 1;
      }).config
    );
}
