import VirbyKit

extension Inspection {
  /// The lines for people.
  var table: String {
    var rows = [
      ["size", ByteSize(bytes: size).rounded, "\(size) bytes"],
      ["allocated", ByteSize(bytes: allocated).rounded, "\(allocated) bytes"],
    ]
    if let sectorSize, let primary, let backup {
      rows += [
        ["sector", "\(sectorSize)", "bytes"],
        ["primary GPT", primary.state, "at \(primary.lba)"],
        ["backup GPT", backup.state, "at \(backup.lba)"],
      ]
    } else {
      rows.append(["GPT", "none", ""])
    }
    var lines = Self.aligned(rows)
    if !partitions.isEmpty {
      let head = ["NUMBER", "FIRST", "LAST", "SIZE", "TYPE", "NAME"]
      let rows = partitions.map { partition in
        [
          "\(partition.number)", "\(partition.first)", "\(partition.last)",
          ByteSize(bytes: Int64(clamping: partition.bytes)).rounded, partition.type,
          Self.visible(partition.name),
        ]
      }
      lines += [""] + Self.aligned([head] + rows)
    }
    return lines.joined(separator: "\n")
  }

  private static func aligned(_ rows: [[String]]) -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let cells = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed())
    }
  }

  /// A name that a terminal shows and does not obey.
  private static func visible(_ name: String) -> String {
    var text = ""
    for scalar in name.unicodeScalars {
      switch scalar.properties.generalCategory {
      case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned,
        .privateUse:
        text += "\\u{\(String(scalar.value, radix: 16))}"
      default:
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}
