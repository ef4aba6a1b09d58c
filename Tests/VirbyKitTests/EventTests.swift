import Testing
@testable import VirbyKit
@Test func x() { #expect(version == "0.1.0") }
