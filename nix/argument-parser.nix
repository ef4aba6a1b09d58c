# swift-argument-parser 1.8.2, as Package.swift asks for it.
{
  owner = "apple";
  repo = "swift-argument-parser";
  rev = "436bde4bb9489201ca6662f5cf94ec45fa8e244e";
  hash = "sha256-87davPixt6+/NIuYi2HSc/L6SJqfQClToWPK89N3ToQ=";
}
