/// A file of a key set that has to be written, and why: "it `reason`".
struct Repair {
  /// Where a file comes from.
  enum Source {
    /// It is written.
    case text(SecureBytes)
    /// Its successor takes its name.
    case successor(KeySetFile)
  }

  let file: KeySetFile
  let source: Source
  let reason: String
}
