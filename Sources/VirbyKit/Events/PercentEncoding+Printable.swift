extension PercentEncoding {
  /// Any bytes as text that is harmless on a terminal.
  ///
  /// Encoded as in an event line, and beyond ASCII every byte too: UTF-8 has control characters and
  /// changes of direction of its own. `decode` gives the bytes back.
  public static func printable(_ bytes: some Sequence<UInt8>) -> String {
    var text = ""
    for byte in encode(bytes) {
      if byte < 0x80 {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        text += "%" + String(byte, radix: 16, uppercase: true)
      }
    }
    return text
  }
}
