# The facts as one JSON object. Sizes are in bytes, times in seconds.
function text(key, value) { if (value != "") members = members ",\"" key "\":" quoted(value) }
function number(key, value) { if (value != "") members = members ",\"" key "\":" value + 0 }
function large(key, value) { if (value != "") members = members ",\"" key "\":" sprintf("%.0f", value) }
function flag(key, value) { members = members ",\"" key "\":" (value != "" && value != "no" ? "true" : "false") }

$1 == "open" { clients = clients (clients != "" ? "," : "") "{\"id\":" $2 + 0 ",\"age\":" $3 + 0 "}"; next }
$1 == "step" { steps = steps (steps != "" ? "," : "") "{\"step\":" quoted($2) ",\"at\":" $3 + 0 "}"; next }
{ fact[$1] = $2 }

END {
  text("state", fact["state"])
  flag("up", fact["up"])
  number("pid", fact["holder"])
  number("seconds", fact["up"] == "yes" ? fact["seconds"] : "")
  number("port", fact["port"])
  flag("listening", fact["listeners"])
  text("guest", fact["address"])
  members = members ",\"clients\":[" clients "]"
  large("in", fact["in"])
  large("out", fact["out"])
  number("idleIn", fact["up"] == "yes" ? fact["idle-in"] : "")
  large("memory", fact["memory"] == "" ? "" : fact["memory"] * 1048576)
  large("diskAllocated", fact["disk"] * 1048576)
  large("diskSize", fact["disk-limit"] * 1048576)
  text("image", fact["image"])
  text("newImage", fact["new-image"])
  text("newImageTakenBy", fact["taken-by"])
  text("previousImage", fact["previous-image"])
  text("fingerprint", fact["fingerprint"])
  flag("rotation", fact["rotation"])
  text("console", fact["console"])
  text("began", fact["began"])
  members = members ",\"start\":[" steps "]"
  text("stopped", fact["stop"])
  text("how", fact["how"])
  number("status", fact["status"])
  text("unclean", fact["unclean"])
  print "{" substr(members, 2) "}"
}
