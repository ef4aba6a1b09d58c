#!/usr/bin/env bats
# The Mac's commands: what they take and refuse.

load ../cli/helpers
load rig
load session

@test "GNU's options are refused" {
  refuses 1 'sed: illegal option -- -' sed --expression p /etc/hosts
  refuses 1 'sed: illegal option -- z' sed -z p /etc/hosts
  refuses 1 'find: -printf: unknown primary or operator' find / -printf x
  refuses 1 'usage: find ' find
  refuses 1 'find: -perm: /022: illegal mode string' find / -perm /022
  refuses 1 'stat: illegal option -- c' stat -c %a /
  refuses 1 'date: illegal option -- d' date -d yesterday
  refuses 1 'date: illegal time format' date now
  refuses 1 'mktemp: illegal option -- p' mktemp -p /tmp
  refuses 1 'mktemp: illegal option -- -' mktemp --suffix=x
  refuses 64 'base64: invalid option -- w' base64 -w 0
  refuses 1 'readlink: illegal option -- e' readlink -e /
  refuses 1 'realpath: illegal option -- m' realpath -m /
  refuses 64 'cp: illegal option -- -' cp --reflink=auto a b
  refuses 64 'cp: illegal option -- t' cp -t / a
  refuses 64 'mv: illegal option -- T' mv -T a b
  refuses 64 'install: illegal option -- D' install -D a b
  refuses 64 'install: illegal option -- t' install -t / a
  refuses 64 'ln: illegal option -- r' ln -r a b
  refuses 64 'ln: illegal option -- T' ln -T a b
  refuses 64 'mkdir: illegal option -- -' mkdir --parents x
  refuses 64 'rm: illegal option -- -' rm --force x
  refuses 64 'chmod: illegal option -- -' chmod --reference=a b
  refuses 64 'chown: illegal option -- -' chown --from=0 0 a
  refuses 1 'head: illegal count -- -1' head -n -1 /etc/hosts
  refuses 1 'tail: illegal option -- s' tail -s 1 /etc/hosts
  refuses 1 'du: illegal option -- b' du -b /etc
  refuses 1 'wc: illegal option -- -' wc --bytes /etc/hosts
  refuses 2 'grep: invalid option -- P' grep -P x /etc/hosts
  refuses 2 'pgrep: illegal option -- c' pgrep -c x
  refuses 1 'xargs: illegal option -- d' xargs -d x
  refuses 1 'ps: illegal option -- -' ps --no-headers
  refuses 1 'ps: cmd: keyword not found' ps -A -o cmd
  refuses 1 'env: illegal option -- -' env --chdir=/ true
  refuses 1 'id: illegal option -- z' id -z
  refuses 1 'tr: illegal option -- t' tr -t a b
  refuses 64 'touch: out of range or illegal time specification' touch -d yesterday x
  refuses 1 'logger: illegal option -- -' logger --tag x
}

@test "options end where operands begin" {
  echo one >a
  run -1 mac sh -c "cd $there && cat a -n"
  [[ $output == *$'one\n'*"-n: No such file or directory" ]]
  run -1 mac sh -c "cd $there && rm a -f"
  [[ $output == *"'-f': No such file or directory" ]]
  [ ! -e a ]
}

@test "sed" {
  echo one >a
  mac sed -i '' 's/one/two/' "$there/a"
  [ "$(cat a)" = two ]
  mac sed -i.bak 's/two/three/' "$there/a"
  [ "$(cat a a.bak)" = $'three\ntwo' ]
  run -1 mac sed -i s/three/four/ "$there/a"
  [ "$(cat a)" = three ]
  says three sed -n -e '/th/p' "$there/a"
  says three sed -E -n '/(th|x)+/p' "$there/a"
  refuses 1 'sed: 1: "/x/{p}": extra characters at the end of p command' sed -n '/x/{p}' "$there/a"
  says three sed -n '/th/{p;}' "$there/a"
  refuses 1 "sed: 1: \"s/a\\+/b/\": '\\+' is GNU's, without -E" sed 's/a\+/b/' "$there/a"
  refuses 1 "sed: 1: \"s/ /\\t/\": '\\t' is GNU's" sed 's/ /\t/' "$there/a"
  refuses 1 "sed: 1: \"s/a/\\n/\": '\\n' in a replacement is GNU's" sed 's/a/\n/' "$there/a"
  refuses 1 'sed: 1: "1a text": command 1 expects \ followed by text' sed '1a text' "$there/a"
  echo 'a b' >a
  says $'a\nb' sed $'s/ /\\\n/' "$there/a"
}

@test "stat, date, mktemp, base64, wc" {
  echo one >a
  chown 501:20 a
  chmod 4640 a
  says "4 640 104640 -rwSr----- admin:staff 501:20 $there/a" stat -f '%z %Lp %p %Sp %Su:%Sg %u:%g %N' "$there/a"
  touch -d @86400 a
  says '86400 Jan  2 1970' stat -f '%m %Sm' -t '%b %e %Y' "$there/a"
  refuses 1 'stat: /no: lstat: No such file or directory' stat -f %z /no
  says 1970-01-02 date -u -r 86400 +%Y-%m-%d
  says 1970-01-02 date -u -r "$there/a" +%Y-%m-%d
  says 86400 date -u -j -f %Y-%m-%d 1970-01-02 +%s
  says N date +%N
  run -0 mac mktemp "$there/x.XXXXXX"
  [ "$(stat -c %a "$MAC/root$output")" = 600 ]
  run -0 mac mktemp -d -t some
  [[ $output =~ ^/tmp/some\.[A-Za-z0-9]{10}$ ]]
  says "$there/x.XXXXXX.img" mktemp "$there/x.XXXXXX.img"
  says "$(head -c 300 /dev/zero | base64 -w 0)" sh -c 'head -c 300 /dev/zero | base64'
  says one sh -c 'echo b25l | base64 -d'
  says '       1       4' sh -c "wc -lc <$there/a"
  says "       4 $there/a" wc -c "$there/a"
}

@test "readlink and realpath want the file to be there; cp and xargs" {
  ln -s a link
  refuses 1 '' readlink -f "$there/link"
  touch a
  says "$there/a" readlink -f "$there/link"
  says /private/tmp realpath /tmp
  run -1 mac realpath "$there/no"
  mac cp -c "$there/a" "$there/b"
  [ -e b ]
  mkdir d
  refuses 70 "cp: of '$there/d/' a Mac copies what is in it" cp -R "$there/d/" "$there/e"
  mac cp -Rp "$there/d" "$there/e"
  says '' sh -c 'xargs echo no </dev/null'
}

@test "ps" {
  says launchd ps -o ucomm= -p 1
  says /bin/bash sh -c 'ps -ww -o comm= -p $$; true'
  run -0 mac sh -c 'ps -o pid= -o ppid= -o user= -p $$; true'
  [[ $output =~ ^\ *[0-9]+\ +[0-9]+\ +root$ ]]
  run -0 mac ps -o pid,state -p 1
  [ "${lines[0]}" = 'PID STAT' ]
  run -1 mac ps -o pid= -p 99999
  run -0 mac ps aux
  [ "${lines[0]%% *}" = USER ]
  run -0 mac ps -o lstart= -p 1
  [[ $output =~ ^[A-Z][a-z]{2}\ [A-Z][a-z]{2}\ [\ 0-9][0-9]\ [0-9:]{8}\ [0-9]{4} ]]
}

@test "plutil, caffeinate, logger, nc, lsof, ifconfig, route" {
  mac launchctl list >/dev/null
  printf '<plist version="1.0"><dict><key>A</key><array><integer>7</integer></array></dict></plist>' >p.plist
  says "$there/p.plist: OK" plutil -lint "$there/p.plist"
  says 7 plutil -extract A.0 raw "$there/p.plist"
  says '{"A":[7]}' plutil -convert json -o - "$there/p.plist"
  echo '<plist>' >q.plist
  run -1 mac plutil -lint "$there/q.plist"
  mac sh -c "sleep 600 & caffeinate -i -w \$! & echo \$! >$there/pid; sleep 0.2; kill %1; wait"
  eventually 5 grep -q "ends $(cat pid) -i -w" "$MAC/rig/awake"
  echo 'from stdin' | mac logger -t tag
  grep -q ' mac tag\[[0-9]*\]: from stdin' "$MAC/rig/system.log"
  mac grep -q 'from stdin' /var/log/system.log
  mac sh -c "exec 9>$there/open; lsof -t -- $there/open; true" | grep -q '^[0-9]'
  says "lo0: flags=49<UP,LOOPBACK,RUNNING> mtu 65536
	inet 127.0.0.1 netmask 0xff000000
	inet6 ::1 prefixlen 128" ifconfig lo0
  refuses 1 'ifconfig: interface bridge100 does not exist' ifconfig bridge100
  mac route -n get 127.0.0.1 | grep -qx '  interface: lo0'
  run -1 mac route -n get 192.168.64.2
}
