/// A word of a shell command, quoted only if it must be.
///
/// - Returns: The text itself, or in single quotes, with `'\''` for each quote within.
public func shellQuoted(_ text: String) -> String {
  let isPlain = text.utf8.allSatisfy { byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "%+,-./:=@_".utf8.contains(byte)
    }
  }
  if isPlain && !text.isEmpty { return text }
  // Of scalars: as a Character a quote and a combining mark after it are no quote.
  var word = String.UnicodeScalarView("'".unicodeScalars)
  for scalar in text.unicodeScalars {
    if scalar == "'" { word += "'\\''".unicodeScalars } else { word.append(scalar) }
  }
  return String(word) + "'"
}
