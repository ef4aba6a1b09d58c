import ArgumentParser
import VirbyKit

/// `inspect`: what a disk is, for people or for programs.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Print a disk's size, partition table and partitions.")

  @OptionGroup var verbosity: VerbosityOptions

  @Flag(help: "Print one JSON object.")
  var json = false

  @Argument(help: "The disk to look at.", completion: .file())
  var disk: String

  func run() throws {
    let found = try Inspection(Disk(Descriptor.open(disk), name: disk))
    if json {
      try printAnswer(String(decoding: JSON.encode(found), as: UTF8.self))
    } else {
      try printAnswer(found.table)
    }
  }
}
