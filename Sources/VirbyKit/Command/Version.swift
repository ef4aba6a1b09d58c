/// The version that every command prints for `--version`.
public let version = "0.1.0"
