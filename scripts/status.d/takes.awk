# How long a start takes until somebody is answered: the middle of the last five that virbyd's log has, in seconds.

$1 !~ /^[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]$/ { next }
$3 == "begin" || ($3 == "starting" && !fresh) { begun = moment($1, $2) }
{ fresh = $3 == "begin" || (fresh && $3 != "starting") }
$3 == "ready" && begun != "" {
  took[++count] = moment($1, $2) - begun
  begun = ""
}

END {
  first = count > 5 ? count - 4 : 1
  for (i = first; i <= count; i++) {
    for (j = i; j > first && took[j - 1] > took[j]; j--) {
      swap = took[j]
      took[j] = took[j - 1]
      took[j - 1] = swap
    }
  }
  if (count) print took[first + int((count - first) / 2)]
}
