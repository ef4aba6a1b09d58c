import VirbyKit

/// What the guest says to the host's user: the lines of its console that begin with `virby: `.
///
/// Anything in the guest may write there, so the lines are few, short and plain, and what has piled up is passed over.
struct GuestWords {
  /// The most lines of one run.
  static let most = 32
  /// The most bytes of one line.
  static let longest = 240
  /// The most bytes that are read at a time.
  static let chunk = 1 << 16
  /// How far behind the end of the log it may be.
  static let backlog: Int64 = 1 << 20

  private static let mark = Array("virby: ".utf8)
  private var place: Int64 = 0
  private var isMidLine = false
  private var count = 0

  /// The lines that are complete and have not been given yet, without the mark.
  ///
  /// - Throws: 71 if the log cannot be read.
  mutating func next(in file: Descriptor, path: String) throws(Failure) -> [String] {
    var lines: [String] = []
    let end = try file.size(path: path)
    if end - place > Self.backlog { (place, isMidLine) = (end - Self.backlog, true) }
    while count < Self.most && place < end {
      let bytes = try file.bytes(count: Self.chunk, at: place, path: path)
      guard let last = bytes.lastIndex(of: 10) else {
        // A line that goes on for so long is none of these.
        guard bytes.count == Self.chunk else { break }
        place += Int64(bytes.count)
        isMidLine = true
        continue
      }
      place += Int64(last + 1)
      for line in bytes[...last].split(separator: 10) {
        if isMidLine { isMidLine = false } else if let words = Self.words(of: line) { add(words) }
      }
    }
    return lines

    func add(_ words: String) {
      if count < Self.most { lines.append(words) }
      count += 1
    }
  }

  private static func words(of line: ArraySlice<UInt8>) -> String? {
    let line = line.drop { $0 == 13 }
    guard line.starts(with: mark) else { return nil }
    var text = ""
    for byte in line.dropFirst(mark.count).prefix(longest) where byte != 13 {
      text.unicodeScalars.append(
        (32...126).contains(byte) ? Unicode.Scalar(byte) : Unicode.Scalar(UInt8(ascii: "?")))
    }
    return text.isEmpty ? nil : text
  }
}
