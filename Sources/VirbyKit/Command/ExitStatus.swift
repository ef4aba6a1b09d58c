/// How a command ends: the numbers of sysexits(3) that Virby uses, the same for all six commands.
///
/// Thrown by itself it ends the command without a word, for an answer that needs none; whatever has a reason
/// to tell is a `Failure`.
public enum ExitStatus: Int32, Error, Sendable, CaseIterable {
  /// The work is done.
  case done = 0
  /// The work is done and the answer is "no".
  case no = 1
  /// The command was called wrongly (`EX_USAGE`).
  case usage = 64
  /// The input is not what it claims to be (`EX_DATAERR`).
  case malformed = 65
  /// Something the command depends on failed: the driver, the guest, the upstream (`EX_UNAVAILABLE`).
  case unavailable = 69
  /// A fault of the command itself (`EX_SOFTWARE`).
  case bug = 70
  /// A system call failed (`EX_OSERR`).
  case system = 71
  /// Not now; the same call may succeed later (`EX_TEMPFAIL`).
  case later = 75
}
