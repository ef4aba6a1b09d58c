import Testing
@testable import virby_boot

@Test func placeholder() { #expect(BootCommand.configuration.commandName == "virby-boot") }
