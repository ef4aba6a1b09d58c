/// One event line: a verb and its `key=value` fields, in order.
///
/// The line is the only coupling between commands. It is UTF-8, ends with LF and has at most 512 bytes,
/// which is what POSIX lets a pipe take in one piece (`_POSIX_PIPE_BUF`).
public struct Event: Equatable, Sendable {
  /// The most bytes that a line may have, its LF included.
  public static let maximumLength = 512

  /// One `key=value`.
  public struct Field: Equatable, Sendable {
    /// Lower-case letters and hyphens.
    public let key: String
    /// The value, decoded.
    public let value: String
  }

  /// What happened: lower-case letters and hyphens.
  public let verb: String
  /// The details, in the order of the line.
  public let fields: [Field]

  /// An event that this process has to tell.
  public init(_ verb: Verb, _ fields: KeyValuePairs<String, any CustomStringConvertible>) {
    self.verb = verb.rawValue
    self.fields = fields.map { Field(key: $0, value: $1.description) }
  }

  /// Whether this is that verb.
  public func `is`(_ verb: Verb) -> Bool { self.verb == verb.rawValue }

  /// The first value of a key.
  public subscript(_ key: String) -> String? {
    fields.first { $0.key == key }?.value
  }
}

extension Event {
  /// Why a line is not an event.
  public struct Malformed: Error, Equatable {
    /// What is wrong, for a diagnostic that starts with the line's number.
    public let reason: String
  }

  /// Reads a line without its LF.
  ///
  /// - Throws: `Malformed` if the line breaks the grammar, is too long, or lacks a key that its verb
  ///   requires. Verbs and keys that are not known are no fault.
  public init(line: some Collection<UInt8>) throws(Malformed) {
    guard line.count < Self.maximumLength else {
      throw Malformed(reason: "longer than \(Self.maximumLength) bytes")
    }
    let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    let verb = words[0]
    guard Self.isName(verb) else { throw Malformed(reason: "does not start with a verb") }
    self.verb = String(decoding: verb, as: UTF8.self)
    var fields: [Field] = []
    for word in words.dropFirst() { fields.append(try Self.field(word)) }
    self.fields = fields
    for key in Verb(rawValue: self.verb)?.requiredKeys ?? [] where self[key] == nil {
      throw Malformed(reason: "'\(self.verb)' without '\(key)'")
    }
  }

  /// The line with its LF, or nil if it would have more than 512 bytes.
  public var line: [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(64)
    bytes += verb.utf8
    for field in fields {
      bytes.append(UInt8(ascii: " "))
      bytes += field.key.utf8
      bytes.append(UInt8(ascii: "="))
      PercentEncoding.encode(field.value.utf8, into: &bytes)
    }
    bytes.append(UInt8(ascii: "\n"))
    return bytes.count <= Self.maximumLength ? bytes : nil
  }

  private static func field(_ word: some Collection<UInt8>) throws(Malformed) -> Field {
    let parts = word.split(
      separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, isName(parts[0]) else {
      throw Malformed(reason: "has a word that is not 'key=value'")
    }
    let key = String(decoding: parts[0], as: UTF8.self)
    let bytes = PercentEncoding.decode(parts[1])
    // String(validating:as:) is younger than macOS 14; what is no UTF-8 does not decode to itself.
    let value = String(decoding: bytes ?? [], as: UTF8.self)
    guard let bytes, value.utf8.elementsEqual(bytes) else {
      throw Malformed(reason: "has a wrongly encoded value for '\(key)'")
    }
    return Field(key: key, value: value)
  }

  private static func isName(_ bytes: some Collection<UInt8>) -> Bool {
    !bytes.isEmpty
      && bytes.allSatisfy {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) || $0 == UInt8(ascii: "-")
      }
  }
}
