/// What is made of ArgumentParser's complaints. It writes sentences, and its guess at what was meant into the same line.
struct WrongUsage {
  /// The command's name.
  let command: String
  /// The names of its subcommands.
  let subcommands: [String]
  /// The words behind the command's name.
  let words: [String]

  /// A complaint with the remedy that is known.
  func failure(_ text: String) -> Failure {
    var line = text.split(separator: "\n").first.map(String.init) ?? text
    if let word = words.first, !word.hasPrefix("-"), !subcommands.isEmpty,
      !subcommands.contains(word), line.contains("nexpected argument")
    {
      let guess = subcommands.min { distance($0, word) < distance($1, word) }
      let isNear = guess.map { distance($0, word) <= 2 } ?? false
      return Failure(
        .usage, "'\(command)' has no subcommand '\(word)'",
        hint: isNear ? "did you mean '\(guess ?? "")'?" : "see '\(command) --help'")
    }
    var hint = "see '\(help)'"
    if let guess = line.ranges(of: ". Did you mean '").last {
      hint = "did you mean '" + line[guess.upperBound...]
      line = String(line[..<guess.lowerBound])
    }
    if let (option, value) = negative(line) {
      line = "the value '\(value)' is invalid for '\(option)'"
      hint = "a negative number means nothing here; \(hint)"
    } else if line.contains("is invalid for"), let form = RightForm.latest {
      hint = form
    }
    if line.hasSuffix(".") { line.removeLast() }
    return Failure(.usage, line.prefix(1).lowercased() + line.dropFirst(), hint: hint)
  }

  private var help: String {
    guard let word = words.first, subcommands.contains(word) else { return "\(command) --help" }
    return "\(command) \(word) --help"
  }

  /// A negative number that was taken for options: `-s -1GiB` is no `-s` without a value.
  private func negative(_ line: String) -> (option: String, value: String)? {
    guard line.lowercased().hasPrefix("missing value for '") else { return nil }
    let option = line.dropFirst("missing value for '".count).prefix { $0 != "'" }
    let name = option.prefix { $0 != " " }
    for (word, value) in zip(words, words.dropFirst()) where word == name {
      let second = value.dropFirst().first
      if value.hasPrefix("-"), let second, second.isASCII, second.isNumber {
        return (String(option), value)
      }
    }
    return nil
  }

  /// How many letters must be changed, added or left out, by Levenshtein.
  private func distance(_ one: String, _ other: String) -> Int {
    let other = Array(other.utf8)
    var row = Array(0...other.count)
    for (index, letter) in one.utf8.enumerated() {
      var corner = row[0]
      row[0] = index + 1
      for column in other.indices {
        let change = corner + (letter == other[column] ? 0 : 1)
        corner = row[column + 1]
        row[column + 1] = min(change, corner + 1, row[column] + 1)
      }
    }
    return row[other.count]
  }
}

/// How the value is written that was read last and could not be. ArgumentParser passes on that one is wrong, and not why.
public enum RightForm {
  nonisolated(unsafe) static var latest: String?

  /// Remembers it for a value that is nil.
  ///
  /// - Parameter text: A remedy: `write a size such as 100GiB`.
  public static func of<Value>(_ value: Value?, _ text: String) -> Value? {
    if value == nil { latest = text }
    return value
  }
}
