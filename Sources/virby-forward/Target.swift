import VirbyKit

/// Where the server in the guest is reached, as far as the events have told.
struct Target {
  /// The port that is meant when an event tells an address alone.
  let port: UInt16
  /// The latest that is known.
  private(set) var endpoint: Endpoint?

  /// A target that the user has named, or one that is still to be learned.
  init(port: UInt16, endpoint: Endpoint? = nil) {
    self.port = port
    self.endpoint = endpoint
  }

  /// Learns from `running at=` and from `lease`; other events say nothing about the target.
  ///
  /// virby-boot knows what it told the driver, so any `at` is taken. A lease comes out of a file that the
  /// guest has a hand in: its address must not lead back to this machine.
  ///
  /// - Throws: 65 if the value is no address, or one that cannot be the guest's.
  mutating func learn(from event: Event) throws(Failure) {
    if event.is(.running), let at = event["at"] {
      guard let endpoint = Endpoint(at) else { throw Self.refusal("running", "at", at) }
      self.endpoint = endpoint
    } else if event.is(.lease), let address = event["address"] {
      guard let guest = IPv4Address(text: address.utf8), guest.isUsable,
        try !InterfaceAddress.all().contains(where: { $0.address == guest })
      else { throw Self.refusal("lease", "address", address) }
      endpoint = .tcp(address: guest.description, port: port)
    }
  }

  private static func refusal(_ verb: String, _ key: String, _ value: String) -> Failure {
    let shown = String(decoding: PercentEncoding.encode(value.utf8), as: UTF8.self)
    return Failure(.malformed, "'\(verb)' with '\(key)=\(shown)', which cannot be the guest")
  }
}
