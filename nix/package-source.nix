# The toolbox, compiled.
{
  lib,
  stdenv,
  swift,
  swiftpm,
  fetchFromGitHub,
  openssl,
  pkg-config,
}:

stdenv.mkDerivation {
  pname = "virby";
  inherit (import ./release.nix) version;

  src = lib.fileset.toSource {
    root = ../.;
    fileset = lib.fileset.unions [
      ../CHANGELOG.md
      ../LICENSE
      ../Package.swift
      ../README.md
      ../Sources
      ../man
      ../scripts
      ../templates
    ];
  };

  nativeBuildInputs = [
    pkg-config
    swift
    swiftpm
  ];
  buildInputs = [ openssl ];

  # Without the network the one dependency is a folder; its name is what Package.swift calls it. Tests are left out, and
  # so is how Linux links what is released.
  postPatch = ''
    mkdir packages
    cp -r ${fetchFromGitHub (import ./argument-parser.nix)} packages/swift-argument-parser
    chmod -R u+w packages
    sh ${./offline} Package.swift
    patchShebangs scripts
  '';

  installPhase = ''
    runHook preInstall
    VIRBY_BIN=$(swiftpmBinPath) scripts/install --prefix "$out"
    runHook postInstall
  '';

  meta = {
    description = "Linux builder for Nix that starts when a build wants it";
    license = lib.licenses.mit;
    platforms = lib.platforms.unix;
    mainProgram = "virby";
  };
}
