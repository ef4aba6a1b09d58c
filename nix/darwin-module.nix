# services.virby: a Linux builder for nix-darwin that starts when a build wants it. Options, names and defaults are
# those of virby-nix-darwin; docs/migration.md says what is new.
{
  imports = [
    ./darwin/options.nix
    ./darwin/guest-options.nix
    ./darwin/assertions.nix
    ./darwin/account.nix
    ./darwin/settings.nix
    ./darwin/job.nix
    ./darwin/builder.nix
    ./darwin/login.nix
    ./darwin/image.nix
    ./darwin/disable.nix
  ];
}
