# What a line of virbyd's log has: its moment, and the fields of its event.

# moment DAY TIME: by the days of the calendar; only differences are of use.
function moment(day, time, d, t, year, month) {
  split(day, d, "-")
  split(time, t, ":")
  year = d[1] + 0
  month = d[2] + 0
  if (month <= 2) { year--; month += 12 }
  return (365 * year + int(year / 4) - int(year / 100) + int(year / 400) + int((153 * (month - 3) + 2) / 5) + d[3]) * 86400 \
    + t[1] * 3600 + t[2] * 60 + t[3]
}
function field(name, i) {
  for (i = 4; i <= NF; i++) if (index($i, name "=") == 1) return substr($i, length(name) + 2)
  return ""
}
