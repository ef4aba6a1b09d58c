import CVirby

/// The version, which every command prints for `--version`.
public let version = "0.1.0"

/// What `--version` prints: the version, and on a second line the commit if `scripts/release` has named one.
public let versionText = [version, commit].compactMap { $0 }.joined(separator: "\n")

private let commit: String? = {
  let commit = String(cString: cvirby_commit())
  return commit.isEmpty ? nil : "commit \(commit)"
}()
