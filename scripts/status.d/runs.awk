# Reads virbyd's log, and says of its last run when and how it began, what is open, and how the last end was.
# Lines `NAME<tab>VALUE`; a moment is in seconds of the clock on the wall, and `now` is that of this moment.

function say(name, value) { if (value != "") print name "\t" value }
function begin_run() {
  split("", at_step)
  split("", opened)
  begun = at
  began = $1 " " $2
  pid = address = ended = stop_why = idle = ""
  active = 0
  quiet = at
}
function stop(how) {
  last_stop = $1 " " $2
  last_how = how
}

BEGIN {
  split(now, words, " ")
  present = moment(words[1], words[2])
}

$1 !~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]$/ { next }
{ at = moment($1, $2) }

$3 == "begin" { begin_run(); pid = field("pid"); has_begin = 1 }
$3 == "starting" { if (!has_begin || ended != "" || "starting" in at_step) begin_run(); has_begin = 0; at_step["starting"] = at; mac = field("mac") }
$3 == "running" { at_step["running"] = at; address = field("at") }
$3 == "lease" { at_step["lease"] = at; address = "tcp:" field("address") ":22" }
$3 == "listening" { at_step["listening"] = at }
$3 == "ready" { at_step["ready"] = at; address = field("at") }
$3 == "open" { opened[field("id")] = at; active = field("active") }
$3 == "close" {
  delete opened[field("id")]
  active = field("active")
  if (active == 0) quiet = at
}
$3 == "busy" { quiet = at }
$3 == "idle" { idle = field("for") }
$3 == "stopping" { stop_why = field("why"); at_step["stopping"] = at }
$3 == "stopped" {
  ended = "yes"
  why = idle != "" ? "idle" : stop_why
  stop(field("how") (why != "" ? ", " why : "") (field("status") != "0" ? ", driver's status " field("status") : ""))
}
$3 == "end" {
  if (!("starting" in at_step) && field("status") != "0") stop("before the guest ran, status " field("status"))
  else if (field("status") != "0") last_status = field("status")
  else last_status = ""
  ended = "yes"
}

END {
  say("began", began)
  say("seconds", began == "" ? "" : present - begun)
  say("pid", pid)
  say("ended", ended)
  say("address", address)
  say("stopping", ("stopping" in at_step || idle != "") && ended == "" ? "yes" : "")
  say("ready", "ready" in at_step ? "yes" : "")
  say("active", active)
  say("quiet", began == "" || active > 0 ? "" : present - quiet)
  for (id in opened) print "open\t" id "\t" (present - opened[id])
  n = split("starting running lease ready", order, " ")
  for (i = 1; i <= n; i++) if (order[i] in at_step) print "step\t" order[i] "\t" (at_step[order[i]] - begun)
  say("stop", last_stop)
  say("how", last_how)
  say("status", last_status)
}
