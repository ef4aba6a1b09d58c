import VirbyKit

/// Where the records come from: a file, or stdin.
enum LeaseSource: Equatable {
  /// A file, opened by its name each time, for each write may replace it.
  case file(String)
  /// stdin.
  case input

  /// The most that is read; bootpd's largest network fills about 50 KiB.
  static let limit = ByteSize(bytes: 16 << 20)

  /// A file's name, or `-` for stdin.
  init(_ argument: String) {
    self = argument == "-" ? .input : .file(argument)
  }

  /// Reads the records.
  ///
  /// - Parameter repeatedly: Whether it is read again later; then only a file will do, for a FIFO would
  ///   have to be waited for each time, and gives what is in it once.
  /// - Returns: nil if there is no such file: the first lease makes it.
  /// - Throws: 71 if it cannot be read, 65 if it is too large or not a file.
  func read(repeatedly: Bool = false) throws(Failure) -> LeaseFile? {
    switch self {
    case .input:
      return LeaseFile(bytes: try readAll(name: description, limit: Self.limit))
    case .file(let path):
      guard let descriptor = try Descriptor.openExisting(path, waiting: !repeatedly) else {
        return nil
      }
      if repeatedly && !descriptor.isRegularFile {
        throw Failure(.malformed, "cannot wait for leases in \(self): not a regular file")
      }
      return LeaseFile(
        bytes: try readAll(descriptor.raw, name: description, limit: Self.limit))
    }
  }
}

extension LeaseSource {
  /// What to say of a source that is no lease file.
  var foreign: Failure {
    Failure(
      .malformed, "cannot read leases from \(self): unknown format",
      hint: "known are bootpd's and dnsmasq's files and the output of 'arp -an' and 'ip neigh'")
  }
}

extension LeaseSource: CustomStringConvertible {
  /// As messages call it: the path in quotes, or `stdin`.
  var description: String {
    switch self {
    case .file(let path): "'\(path)'"
    case .input: "stdin"
    }
  }
}
