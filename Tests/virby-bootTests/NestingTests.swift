import Testing
import VirbyKit

@testable import virby_boot

@Suite struct NestingTests {
  @Test(arguments: [
    ("Apple M1", "15.0", false), ("Apple M2 Ultra", "26.0", false), ("Apple M3", "14.7.1", false),
    ("Apple M3", "15.0", true), ("Apple M4 Max", "15", true), ("Apple M10", "26.1", true),
  ])
  func isAMatterOfProcessorAndSystem(processor: String, system: String, supported: Bool) {
    #expect(Platform.supportsNesting(processor: processor, system: system) == supported)
  }

  @Test(arguments: [
    ("Intel(R) Core(TM) i7", "15.0"), ("VirtualApple @ 2.50GHz", "15.0"), ("Apple M", "15.0"),
    ("Apple M3", ""),
  ])
  func isUnknownElsewhere(processor: String, system: String) {
    #expect(Platform.supportsNesting(processor: processor, system: system) == nil)
  }
}
