# Sizes as people write them. lib has nothing that reads a unit.
{ lib }:

let
  factors = {
    M = 1;
    MiB = 1;
    G = 1024;
    GiB = 1024;
    T = 1024 * 1024;
    TiB = 1024 * 1024;
  };
in
{
  # toMiB: a size's number of MiB, or null for what is not a size. A bare number is one of MiB.
  toMiB =
    size:
    let
      parts = builtins.match "0*([0-9]{1,9})(M|MiB|G|GiB|T|TiB)" size;
    in
    if lib.isInt size then
      size
    else if parts == null then
      null
    else
      lib.toInt (builtins.elemAt parts 0) * factors.${builtins.elemAt parts 1};
}
