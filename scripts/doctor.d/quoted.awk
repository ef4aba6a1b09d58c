# quoted TEXT: a string of JSON. What gsub makes of two backslashes differs from awk to awk.
function quoted(text, parts, count, n, all) {
  gsub(/"/, "\001", text)
  count = split(text, parts, /\\/)
  for (n = 1; n <= count; n++) all = all (n > 1 ? "\\\\" : "") parts[n]
  gsub("\001", "\\\"", all)
  return "\"" all "\""
}
