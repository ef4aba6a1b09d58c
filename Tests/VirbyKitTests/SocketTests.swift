import Testing

@testable import VirbyKit

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

@Suite struct SocketAddressTests {
  @Test(arguments: [
    Endpoint.tcp(address: "127.0.0.1", port: 31222), .tcp(address: "::1", port: 1),
    .unix(path: "/run/virby/ssh.sock"), .unix(path: "relative"),
  ])
  func comesBackAsItWent(_ endpoint: Endpoint) throws {
    #expect(try SocketAddress(endpoint).endpoint == endpoint)
  }

  @Test func aPathMustFit() {
    #expect(throws: Failure.self) {
      try SocketAddress(.unix(path: String(repeating: "x", count: 108)))
    }
  }
}

@Suite struct ReadinessTests {
  let readiness: Readiness
  let near: Socket
  let far: Socket

  init() throws {
    readiness = try Readiness()
    (near, far) = try Socket.pair()
    try readiness.add(near, token: 7)
  }

  func look() throws -> [Readiness.Notice] {
    _ = try readiness.wait(with: [], until: .now)
    return readiness.notices
  }

  func isReadable() throws -> Bool { try look().contains(where: \.isReadable) }

  func send(_ byte: UInt8) { _ = [byte].withUnsafeBytes { far.send($0) } }

  @Test func tellsWhatASocketIsReadyForAlready() throws {
    let notices = try look()
    #expect(notices.map(\.token) == [7])
    #expect(notices.map(\.isWritable) == [true])
    #expect(notices.map(\.isReadable) == [false])
  }

  @Test func tellsAChangeOnce() throws {
    send(1)
    #expect(try isReadable())
    #expect(try !isReadable())
    send(2)
    #expect(try isReadable())
  }

  @Test func tellsAnEnd() throws {
    _ = try look()
    far.finishWriting()
    #expect(try isReadable())
    var byte: [UInt8] = [0]
    #expect(byte.withUnsafeMutableBytes { near.peek(into: $0) } == .end)
  }

  // XNU's write filter tells the end of our own side as well (uipc_socket.c, filt_sowrite_common).
  @Test func anEndOfOurOwnIsNoEndOfTheOther() throws {
    near.finishWriting()
    #expect(try look().allSatisfy { !$0.hasEnded })
    send(1)
    #expect(try look().contains { $0.isReadable && !$0.hasEnded })
  }

  @Test func tellsThatTheOtherIsGone() throws {
    let readiness = try Readiness()
    var (near, far): (Socket, Socket?) = try Socket.pair()
    try readiness.add(near, token: 7)
    far = nil
    _ = far
    _ = try readiness.wait(with: [], until: .now)
    #expect(readiness.notices.contains { $0.hasEnded })
    #expect(readiness.notices.contains { $0.isHungUp })
  }

  @Test func waitsForOthersInTheSamePlace() throws {
    _ = try look()
    let (read, write) = try Descriptor.pipe()
    let watches = [Watch.nothing, .read(read.raw)]
    #expect(try readiness.wait(with: watches, until: .now) == [false, false])
    writeAll([1], to: write.raw)
    // As often as it is asked, unlike a notice.
    for _ in 1...2 {
      #expect(try readiness.wait(with: watches, until: .now + .seconds(5)) == [false, true])
      #expect(readiness.notices.isEmpty)
    }
    send(1)
    #expect(try readiness.wait(with: watches) == [false, true])
    #expect(readiness.notices.map(\.token) == [7])
  }

  @Test func forgetsAPlaceThatWatchesNothing() throws {
    _ = try look()
    let (read, write) = try Descriptor.pipe()
    writeAll([1], to: write.raw)
    #expect(try readiness.wait(with: [.read(read.raw)]) == [true])
    #expect(try readiness.wait(with: [.nothing], until: .now) == [false])
  }

  @Test func aRegularFileIsAlwaysReady() throws {
    let file = try Descriptor.temporary()
    for _ in 1...2 { #expect(try readiness.wait(with: [.read(file.raw)]) == [true]) }
    #expect(try readiness.wait(with: [.nothing], until: .now) == [false])
  }

  @Test func tellsAHangup() throws {
    var (read, write): (Descriptor?, Descriptor) = try Descriptor.pipe()
    _ = try look()
    #expect(try readiness.wait(with: [.hangup(write.raw)], until: .now) == [false])
    read = nil
    _ = read
    #expect(try readiness.wait(with: [.hangup(write.raw)], until: .now + .seconds(5)) == [true])
  }
}

@Suite struct ListeningSocketTests {
  @Test func acceptsWhoeverConnects() throws {
    let any = Endpoint.tcp(address: "127.0.0.1", port: 0)
    let listener = try ListeningSocket(at: any)
    #expect(listener.endpoint != any)
    guard case .nobody = try listener.accept() else {
      Issue.record("somebody waits")
      return
    }
    let client = try Socket.connect(to: listener.endpoint)
    _ = try poll([.read(listener.descriptor.raw)], until: .now + .seconds(5))
    guard case .client(let server) = try listener.accept() else {
      Issue.record("nobody waits")
      return
    }
    _ = [UInt8](repeating: 1, count: 3).withUnsafeBytes { client.send($0) }
    _ = try poll([.read(server.descriptor.raw)], until: .now + .seconds(5))
    var byte: [UInt8] = [0]
    #expect(byte.withUnsafeMutableBytes { server.peek(into: $0) } == .moved(1))
    #expect(client.takeError() == 0)
  }

  @Test func aTunedListenerHasTunedClients() throws {
    let listener = try ListeningSocket(at: .tcp(address: "127.0.0.1", port: 0))
    listener.tuneClients()
    let client = try Socket.connect(to: listener.endpoint)
    _ = try poll([.read(listener.descriptor.raw)], until: .now + .seconds(5))
    guard case .client(let server) = try listener.accept() else {
      Issue.record("nobody waits")
      return
    }
    let tcp = Int32(IPPROTO_TCP)
    #if canImport(Darwin)
      let idle = TCP_KEEPALIVE
    #else
      let idle = TCP_KEEPIDLE
    #endif
    #expect(server.value(tcp, TCP_NODELAY) != 0)
    #expect(server.value(SOL_SOCKET, SO_KEEPALIVE) != 0)
    #expect(server.value(tcp, idle) == 30)
    #expect(server.value(tcp, TCP_KEEPINTVL) == 10)
    #expect(server.value(tcp, TCP_KEEPCNT) == 4)
    withExtendedLifetime(client) {}
  }

  @Test func aDescriptorMustListen() throws {
    let (one, _) = try Socket.pair()
    #expect(throws: Failure.self) { try ListeningSocket(inherited: one.descriptor.raw) }
  }

  @Test func nobodyListens() throws {
    let gone = try ListeningSocket(at: .tcp(address: "127.0.0.1", port: 0)).endpoint
    let client = try? Socket.connect(to: gone)
    if let client {
      _ = try poll([.write(client.descriptor.raw)], until: .now + .seconds(5))
      #expect(client.takeError() != 0)
    }
  }
}

extension Socket {
  /// The value of a socket option, by getsockopt(2).
  fileprivate func value(_ level: Int32, _ option: Int32) -> Int32 {
    var value: Int32 = 0
    var size = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(descriptor.raw, level, option, &value, &size)
    return value
  }
}
