import VirbyKit

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A folder of a test's own, removed when the test lets go of it.
final class TemporaryFolder {
  let path: String

  init() throws {
    let base = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = "\(base)/virby-kit.XXXXXX".utf8CString.map { $0 }
    guard mkdtemp(&template) != nil else { throw Failure.system("cannot make a folder") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    _ = try? Child.spawn(["rm", "-rf", path]).end(within: .seconds(60))
  }

  /// The path of a file in the folder.
  subscript(_ name: String) -> String { "\(path)/\(name)" }

  /// Makes a file with that content.
  func write(_ text: String, to name: String, mode: mode_t = 0o644) throws {
    let file = try Descriptor.open(self[name], O_WRONLY | O_CREAT | O_TRUNC, mode: mode)
    guard writeAll(Array(text.utf8), to: file.raw) == 0 else {
      throw Failure.system("cannot write '\(name)'")
    }
  }

  /// The content of a file, or nil if there is none.
  func read(_ name: String) -> String? {
    guard let file = try? Descriptor.open(self[name], O_RDONLY) else { return nil }
    return String(decoding: everything(from: file), as: UTF8.self)
  }

  /// The permissions of a file, or nil if there is none.
  func mode(_ name: String) -> mode_t? {
    var status = stat()
    return lstat(self[name], &status) == 0 ? status.st_mode & 0o7777 : nil
  }

  /// Whether something has that name.
  func has(_ name: String) -> Bool {
    var status = stat()
    return lstat(self[name], &status) == 0
  }
}

/// A deadline for what happens at once, but for this: a child that another test starts at the same
/// moment holds a copy of every descriptor until it has called execve(2).
var soon: ContinuousClock.Instant { .now + .seconds(20) }

/// Reads until the end.
func everything(from file: Descriptor) -> [UInt8] {
  var bytes: [UInt8] = []
  var chunk = [UInt8](repeating: 0, count: 4096)
  while true {
    let count = read(file.raw, &chunk, chunk.count)
    guard count > 0 else { return bytes }
    bytes += chunk[..<count]
  }
}

/// Runs a shell command and tells its status; what it prints comes out on our stderr.
func shell(_ text: String, inheriting: [Int32: Descriptor] = [:]) throws -> Int32? {
  let child = try Child.spawn(["sh", "-c", text], inheriting: inheriting)
  guard case .exited(let status) = try child.end(within: .seconds(60)) else { return nil }
  return status
}

/// Two sockets connected to each other.
func socketPair(datagrams: Bool = false) throws -> (Descriptor, Descriptor) {
  #if canImport(Darwin)
    let type = datagrams ? SOCK_DGRAM : SOCK_STREAM
  #else
    let type = Int32((datagrams ? SOCK_DGRAM : SOCK_STREAM).rawValue | SOCK_CLOEXEC.rawValue)
  #endif
  var ends: [Int32] = [-1, -1]
  guard socketpair(AF_UNIX, type, 0, &ends) == 0 else {
    throw Failure.system("cannot make a pair of sockets")
  }
  for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
  return (Descriptor(owning: ends[0]), Descriptor(owning: ends[1]))
}
