import Testing
@testable import virby_keys

@Test func placeholder() { #expect(KeysCommand.configuration.commandName == "virby-keys") }
