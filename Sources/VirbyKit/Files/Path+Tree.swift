extension Path {
  /// Lines for a shell that remove the folder `$tree` and all that is in it, whatever modes a stranger has
  /// given it. On macOS the files may be immutable; where there are no such flags there is no chflags(1).
  public static let treeRemoval = """
    chflags -R nouchg "$tree" 2>/dev/null
    chmod -R u+rwx "$tree" 2>/dev/null
    rm -rf "$tree"
    """

  /// Removes a folder and all that is in it by rm(1), which no depth and no length of a path stops.
  ///
  /// - Throws: 71 if some of it is still there, 69 if there is no shell.
  public static func removeTree(_ path: String) throws(Failure) {
    let script = "tree=$1\n\(treeRemoval)"
    let shell = try Child.spawn(["/bin/sh", "-c", script, "sh", path], errors: .null())
    let end = try shell.end(within: .seconds(60))
    if kind(path) == nil { return }
    let reason = end.map { "rm \($0)" } ?? "rm cannot be ended"
    throw Failure(.system, "cannot remove '\(path)': \(reason)")
  }
}
