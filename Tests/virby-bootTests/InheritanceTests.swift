import Testing
import VirbyKit

@testable import virby_boot

@Suite struct InheritanceTests {
  @Test func eachRoleHasItsNumber() throws {
    let (lock, leash) = try Descriptor.pipe()
    let numbers = try Inheritance([(.lock, lock), (.leash, leash)]).numbers
    #expect(numbers.count == 2)
    #expect(numbers[Inheritance.Role.lock.rawValue] === lock)
    #expect(numbers[Inheritance.Role.leash.rawValue] === leash)
  }

  @Test func theLockIsNeverReplaced() throws {
    let (lock, other) = try Descriptor.pipe()
    #expect(throws: Failure(.bug, "two descriptors are to be 'lock' in one process")) {
      try Inheritance([(.lock, lock), (.lock, other)])
    }
  }
}
