import Foundation
import Testing
import VirbyKit

@testable import virby_keys

/// The content of a file in Fixtures.
func fixture(_ name: String) throws -> SecureBytes {
  let path = try #require(Bundle.module.resourcePath) + "/Fixtures/\(name)"
  return try KeyFile(path).text
}

func text(_ name: String) throws -> String {
  String(decoding: try fixture(name), as: UTF8.self)
}

func bytes(hex: String) -> [UInt8] {
  let digits = hex.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] * 16 + digits[$0 + 1]) }
}
