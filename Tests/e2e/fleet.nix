# Several derivations that need nothing of each other; each says in which guest it was built: its boot's own number.
{ count, seconds, seed, system }:
builtins.genList (
  n:
  derivation {
    name = "fleet-${seed}-${toString n}";
    inherit system;
    builder = "/bin/sh";
    args = [
      "-c"
      "read -r boot < /proc/sys/kernel/random/boot_id; echo begun in $boot; sleep ${seconds}; echo $boot > $out"
    ];
  }
) (builtins.fromJSON count)
