import VirbyKit

/// What a source holds and what becomes of each record, for people who wonder.
struct LeaseTable {
  /// One record, in words.
  struct Row: Encodable {
    let address: String?
    let mac: String?
    let client: String?
    let name: String?
    let expires: UInt64?
    let verdict: String
  }

  /// The choice that was made, if somebody was asked for.
  let choice: LeaseChoice?
  private let rows: [Row]
  private let now: UInt64
  private let expiries: [LeaseExpiry]

  /// Judges the records of a file.
  ///
  /// - Parameter query: Whose lease is wanted; nil judges each record for itself.
  init(of file: LeaseFile, for query: LeaseQuery?, by order: LeaseOrder) {
    choice = query.map { LeaseChoice(of: $0, in: file, by: order) }
    now = order.now
    let records = file.records
    expiries = records.map(\.expiry)
    rows = records.map { [choice] record in
      Row(
        address: record.address?.description, mac: record.mac?.description,
        client: record.client.map { PercentEncoding.printable(file[$0]) },
        name: record.name.map { PercentEncoding.printable(file[$0]) },
        expires: record.expiry.seconds,
        verdict: choice?.verdict(on: record) ?? order.verdict(on: record))
    }
  }

  /// The rows as a JSON array.
  func json() throws -> String { String(decoding: try JSON.encode(rows), as: UTF8.self) }

  /// The rows below a heading, columns aligned by blanks; an empty field is `-`.
  var text: String {
    var lines = [["ADDRESS", "MAC", "EXPIRES", "NAME", "VERDICT"]]
    for (row, expiry) in zip(rows, expiries) {
      lines.append([
        row.address ?? "-", row.mac ?? row.client ?? "-", describe(expiry), row.name ?? "-",
        row.verdict,
      ])
    }
    let widths = (0..<4).map { column in lines.map { $0[column].utf8.count }.max() ?? 0 }
    return lines.map { line in
      zip(line, widths).map { field, width in
        field + String(repeating: " ", count: width - field.utf8.count + 2)
      }.joined() + line[4]
    }.joined(separator: "\n")
  }

  private func describe(_ expiry: LeaseExpiry) -> String {
    switch expiry {
    case .at(let end) where end > now: "in \(rough(end - now))"
    case .at(let end): "\(rough(now - end)) ago"
    case .never: "never"
    case .unstated: "-"
    case .unreadable: "?"
    }
  }

  /// A number of seconds in the largest unit of which there are two.
  private func rough(_ seconds: UInt64) -> String {
    for (unit, name) in Self.units where seconds >= 2 * unit {
      return "\(seconds / unit)\(name)"
    }
    return "\(seconds)s"
  }

  // Not in the loop, which Swift 6.3 compiles to other code each time.
  private static let units: [(UInt64, String)] = [(86400, "d"), (3600, "h"), (60, "m")]
}
