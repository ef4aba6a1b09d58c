import Testing

@testable import VirbyKit
@testable import virby_forward

@Suite struct SilenceTests {
  let rig: Rig
  let now = ContinuousClock.now

  init() throws { rig = try Rig(.copying) }

  @Test func onlyAHalfClosedConnectionHasADeadline() {
    var silence = Silence()
    _ = rig.turn()
    silence.heed(rig.relay, at: now)
    #expect(silence.deadline == nil)
    rig.endClient()
    silence.heed(rig.relay, at: now)
    #expect(silence.deadline == now + .seconds(60))
    rig.server?.finishWriting()
    _ = rig.turn()
    silence.heed(rig.relay, at: now)
    #expect(silence.deadline == nil)
  }

  @Test func whateverMovesPutsItOff() {
    var silence = Silence()
    rig.endClient()
    silence.heed(rig.relay, at: now)
    silence.heed(rig.relay, at: now + .seconds(30))
    #expect(silence.deadline == now + .seconds(60))
    _ = rig.send([1], from: rig.server)
    _ = rig.turn()
    silence.heed(rig.relay, at: now + .seconds(30))
    #expect(silence.deadline == now + .seconds(90))
  }

  @Test func anAnswerThatWaitsForItsClientIsNoSilence() {
    var silence = Silence()
    rig.stuff(from: rig.server)
    rig.endClient()
    silence.heed(rig.relay, at: now)
    silence.heed(rig.relay, at: now + .seconds(60))
    #expect(silence.deadline == now + .seconds(120))
  }

  @Test func theTimeThatTheHostSleepsDoesNotCount() {
    var silence = Silence()
    rig.endClient()
    silence.heed(rig.relay, at: now)
    silence.outlast(.seconds(3600))
    #expect(silence.deadline == now + .seconds(3660))
  }
}
