import Testing
import VirbyKit

@testable import virby_boot

@Suite struct RESTControlTests {
  /// A control of a driver that never listens.
  private let control = RESTControl(socket: "/nowhere/control.sock", dialect: .vfkit)

  @Test func waitsForNoDescriptorUntilThereIsASocket() {
    #expect(control.proceed().isEmpty)
    let deadline = control.deadline
    #expect(deadline.map { $0 > .now - .milliseconds(50) } == true)
  }

  @Test func tellsThatStopCameToNothing() throws {
    control.powerDown()
    var news: [News] = []
    let deadline = ContinuousClock.now + .seconds(10)
    while news.isEmpty && deadline > .now {
      _ = try poll([control.watch], until: min(deadline, control.deadline ?? deadline))
      news = control.proceed()
    }
    guard case .trouble(let failure)? = news.first else {
      Issue.record("no trouble but \(news)")
      return
    }
    #expect(
      failure.message == "cannot ask the driver to stop the guest: it does not accept connections")
    #expect(failure.status == .unavailable)
  }

  @Test func krunkitCannotBeToldToQuit() {
    #expect(!RESTControl(socket: "/s", dialect: .krunkit).canQuit)
    #expect(control.canQuit)
  }
}
