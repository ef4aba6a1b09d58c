import ArgumentParser

#if canImport(Darwin)
  import Darwin
#else
  import Glibc
#endif

/// A Virby command: what ArgumentParser parses, with Virby's manners around it.
///
/// This is the only place where a command's errors become a line on stderr and an exit status, and the
/// only one that knows how ArgumentParser reports its own.
public protocol VirbyCommand: ParsableCommand {}

extension VirbyCommand {
  /// Parses the arguments, runs the command and ends the process.
  public static func main() {
    occupyStandardDescriptors()
    // A caller that ignores SIGCHLD hands that on, and waitpid(2) would find no child.
    signal(SIGCHLD, SIG_DFL)
    let voice = Diagnostics(command: _commandName)
    do {
      var command = try parseAsRoot()
      do { try command.run() } catch { exit(for: error, during: .run, voice: voice) }
      Self.exit(.done)
    } catch {
      exit(for: error, during: .parsing, voice: voice)
    }
  }

  private static func exit(for error: any Error, during phase: Phase, voice: Diagnostics) -> Never {
    if let failure = error as? Failure {
      voice.report(failure)
      Signals.reraiseInterrupt()
      exit(failure.status)
    }
    if let status = error as? ExitStatus {
      Signals.reraiseInterrupt()
      exit(status)
    }
    let code = exitCode(for: error)
    if code == .success {
      do throws(Failure) { try printAnswer(fullMessage(for: error)) } catch {
        voice.report(error)
        exit(error.status)
      }
      exit(.done)
    }
    // What ArgumentParser does not know as its own it gives status 1, which here means "no".
    guard phase == .parsing || code == .validationFailure else {
      voice.report(Failure(.bug, "unexpected error: \(error)", hint: "please report this"))
      exit(.bug)
    }
    voice.report(wrongUsage(message(for: error)))
    exit(.usage)
  }

  private static func exit(_ status: ExitStatus) -> Never {
    #if canImport(Darwin)
      Darwin.exit(status.rawValue)
    #else
      Glibc.exit(status.rawValue)
    #endif
  }

  private static func wrongUsage(_ text: String) -> Failure {
    WrongUsage(
      command: _commandName, subcommands: configuration.subcommands.map { $0._commandName },
      words: Array(CommandLine.arguments.dropFirst())
    ).failure(text)
  }
}

private enum Phase { case parsing, run }
