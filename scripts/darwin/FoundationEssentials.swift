// As much of Foundation as VirbyKit's JSON and swift-argument-parser use. Only types matter here;
// nothing runs.

public protocol LocalizedError: Error { var errorDescription: String? { get } }

public struct Data: RandomAccessCollection, Sendable {
  public init() {}
  public init(_ bytes: some Sequence<UInt8>) {}
  public var startIndex: Int { 0 }
  public var endIndex: Int { 0 }
  public subscript(_ index: Int) -> UInt8 { 0 }
}

public class JSONEncoder {
  public struct OutputFormatting: OptionSet, Sendable {
    public let rawValue: UInt
    public init(rawValue: UInt) { self.rawValue = rawValue }
    public static let prettyPrinted = Self(rawValue: 1)
    public static let sortedKeys = Self(rawValue: 2)
    public static let withoutEscapingSlashes = Self(rawValue: 8)
  }
  public var outputFormatting: OutputFormatting = []
  public init() {}
  public func encode<Value: Encodable>(_ value: Value) throws -> Data { Data() }
}

public class JSONDecoder {
  public init() {}
  public func decode<Value: Decodable>(_ type: Value.Type, from data: Data) throws -> Value {
    throw DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: ""))
  }
}

extension String {
  public enum Encoding { case utf8 }
  public init?(data: Data, encoding: Encoding) { return nil }
}
