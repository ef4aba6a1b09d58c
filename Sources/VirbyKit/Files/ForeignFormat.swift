/// A format that an image can have though its name says raw, recognised by its content.
///
/// A VM given such a file would see a disk of rubbish, and growing it would destroy it.
public struct ForeignFormat: Equatable, Sendable {
  /// What it is, for a sentence: "'disk.img' is …".
  public let description: String
  /// How to get the raw image out of it; `FILE` stands for the name, quoted.
  let remedy: String

  /// As many bytes of a file's start as recognition wants.
  public static let headLength = 36864

  /// Looks for the marks of other formats.
  ///
  /// - Parameters:
  ///   - head: The first `headLength` bytes, or all.
  ///   - tail: The last 512 bytes; empty if they are not known yet.
  /// - Returns: nil if the file can be a raw disk.
  public init?(head: [UInt8], tail: [UInt8]) {
    let found = Self.signatures.first { signature in
      let bytes = signature.isAtEnd ? tail : head
      return bytes.dropFirst(signature.offset).starts(with: signature.mark)
    }
    guard let found else { return nil }
    self = found.format
  }

  /// Why such a file is refused.
  public func failure(name: String) -> Failure {
    Failure(
      .malformed, "'\(name)' is \(description), not a raw disk",
      hint: remedy.replacing("FILE", with: name == "stdin" ? "FILE" : shellQuoted(name)))
  }

  private init(_ description: String, _ remedy: String) {
    self.description = description
    self.remedy = remedy
  }

  private struct Signature: Sendable {
    let mark: [UInt8]
    var offset = 0
    var isAtEnd = false
    let format: ForeignFormat
  }

  private static func compressed(_ name: String, _ tool: String) -> ForeignFormat {
    ForeignFormat(
      "compressed with \(name)", "\(tool) -dc FILE | virby-image create - disk.img")
  }

  private static func convertible(_ description: String) -> ForeignFormat {
    ForeignFormat(description, "qemu-img convert -O raw FILE disk.img")
  }

  private static let signatures = [
    Signature(mark: [0x51, 0x46, 0x49, 0xfb], format: convertible("a qcow2 image")),
    Signature(mark: [0x1f, 0x8b], format: compressed("gzip", "gzip")),
    Signature(mark: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], format: compressed("xz", "xz")),
    Signature(mark: [0x28, 0xb5, 0x2f, 0xfd], format: compressed("zstd", "zstd")),
    Signature(mark: Array("BZh".utf8), format: compressed("bzip2", "bzip2")),
    Signature(mark: Array("KDMV".utf8), format: convertible("a VMDK image")),
    Signature(
      mark: Array("# Disk DescriptorFile".utf8), format: convertible("a VMDK descriptor")),
    Signature(mark: Array("vhdxfile".utf8), format: convertible("a VHDX image")),
    Signature(
      mark: Array("conectix".utf8), isAtEnd: true, format: convertible("a VHD image")),
    Signature(
      mark: Array("koly".utf8), isAtEnd: true, format: convertible("an Apple disk image")),
    Signature(
      mark: Array("CD001".utf8), offset: 32769,
      format: ForeignFormat(
        "an ISO 9660 image", "an installer is not a builder: take the raw disk image")),
  ]
}
