import Testing
@testable import virby_image

@Test func placeholder() { #expect(ImageCommand.configuration.commandName == "virby-image") }
