extension Duration {
  /// The duration as one would say it, to the second and in at most two units: `5s`, `4m10s`, `2h59m`, `3d`.
  var spoken: String {
    let seconds = max(0, Int64((self / .seconds(1)).rounded()))
    let parts: [(Int64, String)] = [
      (seconds / 86400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"),
      (seconds % 60, "s"),
    ]
    let first = parts.firstIndex { $0.0 > 0 } ?? parts.count - 1
    let words = parts[first...].prefix(2).filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }
    return words.isEmpty ? "0s" : words.joined()
  }
}
