# swift-argument-parser 1.8.2, as Package.swift asks for it.
{
  owner = "apple";
  repo = "swift-argument-parser";
  rev = "6a52f3251125d74daf04fcbd5e6f08a75d074382";
  hash = "sha256-BWm2ZbNIvlamNp8cxoicFlAcujjhH22VPzs67lEIXWU=";
}
