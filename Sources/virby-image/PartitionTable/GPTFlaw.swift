/// What is wrong with one copy of a partition table.
enum GPTFlaw: String, Error {
  /// There is no header.
  case missing
  /// The header's checksum does not match.
  case checksum
  /// The header was written for another place on the disk.
  case misplaced
  /// A number in the header makes no sense.
  case malformed
  /// The checksum of the entries does not match.
  case entriesChecksum = "entries-checksum"

  /// For a sentence: "the primary …".
  var text: String {
    switch self {
    case .missing: "is missing"
    case .checksum: "has a wrong checksum"
    case .misplaced: "describes another location"
    case .malformed: "is malformed"
    case .entriesChecksum: "has entries with a wrong checksum"
    }
  }
}
