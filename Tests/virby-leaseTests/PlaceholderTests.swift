import Testing
@testable import virby_lease

@Test func placeholder() { #expect(LeaseCommand.configuration.commandName == "virby-lease") }
