import Testing
@testable import virby_idle

@Test func placeholder() { #expect(IdleCommand.configuration.commandName == "virby-idle") }
