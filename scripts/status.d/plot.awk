# Draws the starts that virbyd's log has, the last 60 of them: a column each, with the time that each step took.
function escaped(text) {
  gsub(/&/, "\\&amp;", text)
  gsub(/</, "\\&lt;", text)
  return text
}
# column: the run that is over or goes on, if anybody was answered.
function column(n) {
  if (!("ready" in at_step)) return
  n = ++starts
  began[n] = stamp
  before = begun
  for (s = 1; s <= count; s++) {
    taken[n, s] = order[s] in at_step ? at_step[order[s]] - before : 0
    if (order[s] in at_step) before = at_step[order[s]]
  }
  total[n] = before - begun
}

BEGIN {
  count = split("starting running lease ready", order, " ")
  split("driver machine lease guest", names, " ")
}

$1 !~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]$/ { next }
$3 == "begin" || $3 == "starting" && (!fresh || "starting" in at_step) {
  column()
  split("", at_step)
  begun = moment($1, $2)
  stamp = $1 " " $2
}
{ fresh = $3 == "begin" || fresh && $3 != "starting" }
$3 ~ /^(starting|running|lease|ready)$/ && !($3 in at_step) { at_step[$3] = moment($1, $2) }

END {
  column()
  first = starts > 60 ? starts - 59 : 1
  for (n = first; n <= starts; n++) if (total[n] > most) most = total[n]
  if (most < 1) most = 1
  width = 640; height = 240; left = 40; top = 30
  wide = (width - left - 10) / 60
  print "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " width " " height + top + 30 "\" font-family=\"sans-serif\" font-size=\"11\">"
  print "<style>text{fill:#333}.s1{fill:#8b8b8b}.s2{fill:#7aa6c2}.s3{fill:#d9a441}.s4{fill:#4c72b0}@media(prefers-color-scheme:dark){text{fill:#ccc}}</style>"
  print "<title>Starts of a builder, from the first client to the guest's first answer</title>"
  for (s = 1; s <= count; s++) {
    printf "<rect class=\"s%d\" x=\"%d\" y=\"8\" width=\"10\" height=\"10\"/><text x=\"%d\" y=\"17\">%s</text>\n", s, left + (s - 1) * 90, left + 14 + (s - 1) * 90, names[s]
  }
  printf "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%d s</text><text x=\"%d\" y=\"%d\" text-anchor=\"end\">0</text>\n", left - 4, top + 8, most, left - 4, top + height
  for (n = first; n <= starts; n++) {
    y = top + height
    printf "<g><title>%s: %d s</title>", escaped(began[n]), total[n]
    for (s = 1; s <= count; s++) {
      high = taken[n, s] / most * height
      if (high <= 0) continue
      y -= high
      printf "<rect class=\"s%d\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>", s, left + (n - first) * wide, y, wide * 0.8, high
    }
    print "</g>"
  }
  if (starts) {
    printf "<text x=\"%d\" y=\"%d\">%s</text>\n", left, top + height + 16, escaped(began[first])
    printf "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>\n", width - 10, top + height + 16, escaped(began[starts])
  }
  print "</svg>"
}
