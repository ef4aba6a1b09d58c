extension PercentEncoding {
  /// A path as it stands in a URL (RFC 3986): all but letters, digits and `/-._~$&+:=@` is encoded.
  public static func urlPath(_ path: String) -> String {
    var text = ""
    for byte in path.utf8 {
      let character = Character(Unicode.Scalar(byte))
      if character.isASCII && (character.isLetter || character.isNumber)
        || "/-._~$&+:=@".contains(character)
      {
        text.append(character)
      } else {
        text += (byte < 16 ? "%0" : "%") + String(byte, radix: 16, uppercase: true)
      }
    }
    return text
  }
}
