extension Child.End: CustomStringConvertible {
  /// How the process ended, as the end of a sentence: `exited with status 1`.
  public var description: String {
    switch self {
    case .exited(let status): "exited with status \(status)"
    case .signalled(let number): "was killed by signal \(number)"
    }
  }

  /// The number that a shell gives such an end: the exit status, or 128 and the signal.
  public var status: Int32 {
    switch self {
    case .exited(let status): status
    case .signalled(let number): 128 + number
    }
  }
}
