# The smallest derivation that shows where it was built: no input but a shell, no network.
{ seed, seconds ? "0", system ? builtins.currentSystem }:
derivation {
  name = "hello-${seed}";
  inherit system;
  builder = "/bin/sh";
  args = [
    "-c"
    ''
      echo building
      read -r kernel < /proc/version
      read -r up rest < /proc/uptime
      sleep ${seconds}
      echo "built by $kernel, up $up s, seed ${seed}" > $out
    ''
  ];
}
