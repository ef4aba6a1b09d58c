import ArgumentParser

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// What a command says on stderr: `virby-x: text`, one line at a time.
///
/// stderr is for people. It is silent on success unless `-v` was given; `-q` leaves only errors.
public struct Diagnostics: Sendable {
  /// How much is said.
  public enum Level: Int, Sendable, Comparable {
    /// Errors and their hints.
    case errors
    /// Warnings too.
    case warnings
    /// Decisions and steps too.
    case explanations

    /// Quieter levels come first.
    public static func < (one: Level, other: Level) -> Bool { one.rawValue < other.rawValue }
  }

  /// The command's name, which starts every line.
  public let command: String
  /// How much is said.
  public let level: Level

  /// A voice for one command.
  public init(command: String, level: Level = .warnings) {
    self.command = command
    self.level = level
  }

  /// Explains a step or a decision; heard with `-v`.
  public func explain(_ text: @autoclosure () -> String) {
    if level >= .explanations { say(text()) }
  }

  /// Warns of something the user should know though the work goes on; not heard with `-q`.
  public func warn(_ text: String) {
    if level >= .warnings { say(text, as: "warning: ") }
  }

  /// Tells somebody at a terminal what is going on; not heard with `-q`, nor in a log.
  public func notify(_ text: @autoclosure () -> String) {
    if level >= .warnings, Terminal.isErrors { say(text()) }
  }

  /// Says what was asked for just now, by a signal; heard with `-q` too.
  public func answer(_ text: String) { say(text) }

  /// Reports why the command ends, and its remedy.
  public func report(_ failure: Failure) {
    say(failure.message)
    if let hint = failure.hint { say("hint: \(hint)") }
  }

  private func say(_ text: String, as kind: String = "") {
    let kind = kind.isEmpty || !Terminal.showsColors ? kind : "\u{1B}[33m\(kind)\u{1B}[m"
    writeAll(Array("\(command): \(kind)\(Self.plain(text))\n".utf8), to: STDERR_FILENO)
  }

  /// Text that stays on its line and does nothing to a terminal.
  ///
  /// A file's name or an argument may hold anything. Control characters and those that only change how
  /// others look are spelled out: `\n`, `\u{1B}`.
  static func plain(_ text: String) -> String {
    var plain = ""
    for scalar in text.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator:
        plain += scalar.escaped(asASCII: true)
      default: plain.unicodeScalars.append(scalar)
      }
    }
    return plain
  }
}

/// The options `-v` and `-q`, which mean the same in every command.
public struct VerbosityOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "Explain each step on stderr.")
  var verbose = false

  @Flag(name: .shortAndLong, help: "Print only errors on stderr.")
  var quiet = false

  /// Neither flag given.
  public init() {}

  /// Refuses the two flags together.
  public func validate() throws {
    if verbose && quiet {
      throw ValidationError("'--verbose' and '--quiet' cannot be used together")
    }
  }

  /// The voice that these options ask for.
  public func diagnostics(for command: String) -> Diagnostics {
    Diagnostics(
      command: command, level: quiet ? .errors : verbose ? .explanations : .warnings)
  }
}
