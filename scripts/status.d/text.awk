# What people read of the facts, lines `NAME<tab>VALUE...`: rows, and the last start as bars.
function row(name, text) { if (text != "") printf "%-10s%s\n", name, text }
function size(mib) { return mib < 10240 ? mib " MiB" : sprintf("%.1f GiB", mib / 1024) }
function span(s) {
  s = int(s)
  if (s < 60) return s "s"
  if (s < 3600) return int(s / 60) "m" (s % 60 ? " " s % 60 "s" : "")
  if (s < 86400) return int(s / 3600) "h" (int(s % 3600 / 60) ? " " int(s % 3600 / 60) "m" : "")
  return int(s / 86400) "d" (int(s % 86400 / 3600) ? " " int(s % 86400 / 3600) "h" : "")
}
function label(step) {
  return step == "starting" ? "driver" : step == "running" ? "machine" : step == "ready" ? "answer" : step
}
function many(character, count, text) {
  while (count-- > 0) text = text character
  return text
}

$1 == "open" { ids[++clients] = $2; ages[clients] = $3; next }
$1 == "step" { name[++steps] = $2; moment[steps] = $3; next }
{ fact[$1] = $2 }

END {
  row("vm", fact["state"] (fact["since"] != "" ? ", since " fact["since"] : ""))
  row("by", fact["by"])
  row("port", "127.0.0.1:" fact["port"] ", " (fact["listeners"] != "" ? "listened on by " fact["listeners"] : "nobody listens"))
  row("guest", fact["address"])
  if (fact["up"] == "yes" && fact["began"] != "") {
    text = clients ? "" : "none"
    for (i = 1; i <= clients; i++) text = text (i > 1 ? ", " : "") ids[i] " for " span(ages[i])
    if (clients && fact["in"] != "") text = text "; " fact["in"] " bytes in, " fact["out"] " out"
    row("clients", text)
    if (fact["idle-in"] != "") row("idle", fact["idle-in"] > 0 ? "in " span(fact["idle-in"]) : "when the guest is not busy")
  }
  if (fact["memory"] != "") row("memory", fact["memory"] " MiB in use, limit " fact["memory-limit"])
  row("disk", size(fact["disk"]) " in use, limit " size(fact["disk-limit"]))
  if (fact["new-image"] != "") {
    text = "a new one is there: " fact["new-image"] "; "
    if (fact["taken-by"] == "nobody") text = text "the disk holds the store, and keeps its system"
    else if (fact["taken-by"] == "upgrade") text = text "it was rolled back, and 'virby upgrade' takes it"
    else text = text "'virby upgrade' takes it, or the next start"
    row("image", text)
  }
  if ("previous-image" in fact) row("before", fact["previous-image"] ", until a build has gone through; 'virby rollback' takes it back")
  row("key", fact["fingerprint"])
  row("rotation", fact["rotation"] != "" ? "under way, next " fact["rotation"] : "")
  row("console", fact["console"])
  if (steps) {
    total = moment[steps] > 0 ? moment[steps] : 1
    row("start", fact["began"] ", " (fact["ready"] == "yes" ? "answered" : label(name[steps])) " after " moment[steps] " s")
    for (i = 1; i <= steps; i++) {
      from = int(before / total * 40)
      to = int(moment[i] / total * 40 + 0.5)
      printf "  %-9s%s%s%s %s s\n", label(name[i]), many(" ", from), many("#", to - from), (to > from ? "" : "|"), moment[i]
      if (moment[i] > before) before = moment[i]
    }
  }
  row("stop", fact["stop"] (fact["how"] != "" ? ", " fact["how"] : "") (fact["status"] != "" ? ", status " fact["status"] : ""))
  row("last", fact["unclean"] != "" ? "did not end cleanly: " fact["unclean"] : "")
}
