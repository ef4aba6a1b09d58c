# Everything as one JSON object. The records have no control characters in them.
function list(text, n, words, i, all) {
  n = split(text, words, " ")
  for (i = 1; i <= n; i++) all = all (i > 1 ? "," : "") quoted(words[i])
  return "[" all "]"
}
function close_found() {
  if (open) found = found (found == "" ? "" : ",") open_text ",\"evidence\":[" evidence "]}"
  open = 0
}

$1 == "step" { steps = steps (steps == "" ? "" : ",") "{\"step\":" quoted($2) ",\"state\":" quoted($3) ",\"text\":" quoted($4) "}" }
$1 == "found" {
  close_found()
  open = 1
  evidence = ""
  open_text = "{\"code\":" quoted($4) ",\"level\":" quoted($3) ",\"step\":" quoted($2) \
    ",\"message\":" quoted($5) ",\"remedy\":" quoted($6)
}
$1 == "evidence" { evidence = evidence (evidence == "" ? "" : ",") quoted($2) }

END {
  close_found()
  printf "{\"verdict\":%s,\"level\":%s,\"found\":[%s],\"unseen\":%s,\"steps\":[%s]}\n", \
    quoted(verdict), quoted(level), found, list(unseen), steps
}
