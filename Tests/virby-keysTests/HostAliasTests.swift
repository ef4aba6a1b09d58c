import Testing

@testable import virby_keys

@Suite struct HostAliasTests {
  @Test(
    "takes one plain name",
    arguments: [
      "virby-vm", "a", "192.168.64.2", "fe80::1", "[127.0.0.1]:31222", "[::1]:22", "[h]:65535",
      "under_score", "UPPER",
    ])
  func plain(name: String) {
    #expect(HostAlias(name)?.name == name)
  }

  @Test(
    "refuses what known_hosts gives a meaning",
    arguments: [
      "", " ", "a b", "a\tb", "a\nb", "a\0", "a\u{7f}", "ä", "a,b", "*", "a?", "!a", "|1|x",
      "@cert",
      "#a", "[h]", "[h", "h]", "[h]:", "[h]:0", "[h]:65536", "[h]:+1", "[h]:1x", "[]:1", "[[h]:1",
      "[h]:22]", "[h]:٣", "a\u{301}", "a[b]",
    ])
  func meaningful(name: String) {
    #expect(HostAlias(name) == nil)
  }

  @Test("refuses a name of more than 255 bytes")
  func length() {
    #expect(HostAlias(String(repeating: "a", count: 255)) != nil)
    #expect(HostAlias(String(repeating: "a", count: 256)) == nil)
  }

  @Test("writes the line without the key's comment")
  func line() throws {
    let key = try PublicKey(text: try fixture("made-by-ssh-keygen.pub"))
    let words = try text("made-by-ssh-keygen.pub").split(separator: " ")
    #expect(HostAlias.standard.knownHostsLine(key) == "virby-vm \(words[0]) \(words[1])")
  }

  @Test("hashes the name in lower case, with a salt as long as the hash")
  func hash() throws {
    // ssh-keygen -H made it of 'UPPER'.
    let salt = try #require(Base64.decode(SecureBytes("S6TNFRNQj+v8mrVRJTo+hHPqIq0=".utf8)))
    let alias = try #require(HostAlias("UPPER"))
    let expected = "S6TNFRNQj+v8mrVRJTo+hHPqIq0=|6XXxhMQkjKcnNVIQXmrWF9DpL34="
    #expect(try alias.hash(salt: salt) == expected)
    #expect(try alias.hashed() != alias.hashed())
  }
}
