import Testing
@testable import virby_forward

@Test func placeholder() { #expect(ForwardCommand.configuration.commandName == "virby-forward") }
