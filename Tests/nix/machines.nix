# The lines of /etc/nix/machines.
lib: machines:

lib.concatStrings (
  map (
    machine:
    lib.concatStringsSep " " [
      "${machine.protocol}://${machine.hostName}"
      (lib.concatStringsSep "," machine.systems)
      "-"
      (toString machine.maxJobs)
      (toString machine.speedFactor)
      (lib.concatStringsSep "," machine.supportedFeatures)
      "-"
      "-"
    ]
    + "\n"
  ) machines
)
