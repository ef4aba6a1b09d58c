import CLibFuzzer

/// `Fuzz TARGET [ARGUMENT OF LIBFUZZER...] [FOLDER...]`
@main
enum Fuzz {
  private static let target = CommandLine.arguments.dropFirst().first.flatMap(Target.init)

  static func main() {
    guard target != nil else {
      let names = Target.allCases.map(\.rawValue).joined(separator: "|")
      fatalError("usage: Fuzz \(names) [argument...]")
    }
    var count = CommandLine.argc - 1
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? =
      CommandLine.unsafeArgv + 1
    _ = LLVMFuzzerRunDriver(&count, &arguments) { Fuzz.test($0, $1) }
  }

  /// Tries one input.
  fileprivate static func test(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    target?.test(Array(UnsafeBufferPointer(start: start, count: count)))
    return 0
  }
}

/// The name by which libFuzzer's own main, which is linked though nobody calls it, knows the function.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  Fuzz.test(start, count)
}
