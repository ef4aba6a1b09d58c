# The end of what people read: the verdict with its evidence and remedy, then in a line each what else was found.
function row(name, text) { printf "%-9s %s\n", name, text }

$1 == "found" {
  mine = $4 == verdict && !told
  if (mine) { message = $5; remedy = $6; told = 1 } else also[++more] = $4 ": " $5
}
$1 == "evidence" && mine { evidence[++count] = $2 }

END {
  if (verdict == "ok") message = "nothing is wrong"
  if (verdict == "down") message = "nothing is wrong as far as can be seen while the VM is down"
  if (verdict == "partial") message = "nothing is wrong in what could be looked at"
  print ""
  row("verdict", verdict ": " message)
  for (n = 1; n <= count; n++) row("evidence", evidence[n])
  if (verdict == "down") remedy = "'virby-doctor --start' starts it and looks at the rest"
  if (remedy != "") row("remedy", remedy)
  for (n = 1; n <= more; n++) row("also", also[n])
  if (unseen != "") row("unseen", unseen " (run this with sudo" (owner != "" ? ", or as '" owner "'" : "") ")")
}
