#!/bin/sh
# Prints what lib/sources/process/macos.md wants to know of a real Mac, one section for each of its headings. It writes only
# into a folder of its own, and ends what it started. With OPENCODE=PATH it also looks at a real opencode.
# A section that fails does not end the script.
set -u
folder=$(mktemp -d)
started=''
clean() {
  for pid in $started; do kill "$pid" 2>/dev/null; done
  rm -rf "$folder"
}
trap clean EXIT
trap 'exit 130' INT TERM HUP

section() { printf '\n## %s\n' "$1"; }

# Prints a command, its output and its exit code. Each may take 30 seconds; macOS has no `timeout`.
show() {
  printf '$ %s\n' "$*"
  perl -e 'alarm 30; exec { $ARGV[0] } @ARGV or exit 127' "$@" 2>&1
  code=$?
  [ "$code" -eq 0 ] || printf 'exit code %s\n' "$code"
}

# Waits for a file that another process writes, at most 10 seconds.
await() {
  tries=0
  until [ -s "$1" ] || [ "$tries" -ge 100 ]; do
    sleep 0.1
    tries=$((tries + 1))
  done
}

lsof=/usr/sbin/lsof
[ -x "$lsof" ] || lsof=$(command -v lsof) || lsof=lsof
# -o -a and the fields as in the section "Commands to use".
files() { LC_ALL=C show "$lsof" -nP -w -b -o -a -p "$1" -d cwd,0-999 -F pftnPTok; }
ps_columns='pid=,ppid=,uid=,state=,rss=,time=,etime=,lstart=,args='
processes() {
  show env -u LC_ALL LC_CTYPE=UTF-8 LC_TIME=C LC_NUMERIC=C LC_MESSAGES=C /bin/ps -ww -o "$ps_columns" -p "$1"
}

section 'Machine'
show uname -a
show sw_vers
show node --version
show sh -c 'command -v lsof ps tmux opencode'
show "$lsof" -v

section 'Identity of the machine'
show sysctl -n kern.bootsessionuuid
show hostname

section 'Locale and terminal'
show sh -c 'env | grep -E "^(LANG|LC_|TERM)"'
show locale

section 'Descriptor position'
cat >"$folder/append.mjs" <<'JS'
// Holds an O_APPEND log and an unlinked file open and writes to both; reports after each write.
import { ftruncateSync, openSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
const [folder, ready] = process.argv.slice(2);
const log = openSync(`${folder}/append.log`, 'a');
const unlinked = openSync(`${folder}/unlinked.log`, 'a');
unlinkSync(`${folder}/unlinked.log`);
writeSync(log, 'first line\n');
writeSync(unlinked, 'first line\n');
writeFileSync(`${ready}.1`, 'x');
setTimeout(() => {
  ftruncateSync(log, 200_000_000);
  writeSync(log, 'second line\n');
  writeFileSync(`${ready}.2`, 'x');
}, 3000);
setTimeout(() => {}, 60_000);
JS
node "$folder/append.mjs" "$folder" "$folder/appended" &
append_pid=$!
started="$started $append_pid"
await "$folder/appended.1"
echo 'after 11 bytes; the descriptor without links is a deleted file:'
files "$append_pid"
await "$folder/appended.2"
echo 'after a write at 200 MB:'
files "$append_pid"
show ls -l "$folder/append.log"

section 'Fields of lsof: a terminal that is gone'
# The shell leads the session. When it ends, the system takes the terminal away from its child.
orphan="trap '' HUP; sleep 40 <&1 & echo \$! >'$folder/orphan'; sleep 1"
if [ "$(uname)" = Darwin ]; then
  script -q /dev/null sh -c "$orphan" </dev/null >/dev/null 2>&1
else
  script -qc "$orphan" /dev/null </dev/null >/dev/null 2>&1
fi
await "$folder/orphan"
orphan_pid=$(cat "$folder/orphan" 2>/dev/null)
if [ -n "$orphan_pid" ]; then
  started="$started $orphan_pid"
  files "$orphan_pid"
  show /bin/ps -o pid=,ppid=,tty=,state=,args= -p "$orphan_pid"
fi

section 'Names in lsof'
name='odd 代 é 👩‍💻 back\slash'
mkdir "$folder/$name"
(cd "$folder/$name" && exec sleep 40) &
named_pid=$!
started="$started $named_pid"
sleep 1
files "$named_pid"
show env -u LC_ALL LANG=en_US.UTF-8 "$lsof" -nP -w -a -p "$named_pid" -d cwd -F n

section 'Text of ps'
node -e 'setTimeout(() => {}, 40_000)' 'argument 体 é' "two
lines" "a	tab" &
text_pid=$!
started="$started $text_pid"
sleep 1
processes "$text_pid"
show env LC_ALL=C /bin/ps -ww -o pid=,args= -p "$text_pid"
show /bin/ps -ww -o pid=,comm= -p "$text_pid"

section 'Zombies'
# This shell waits for its child only at its end.
sh -c 'sleep 0.1 & echo $! >"$1"; exec sleep 20' sh "$folder/zombie" &
started="$started $!"
await "$folder/zombie"
sleep 1
zombie_pid=$(cat "$folder/zombie")
processes "$zombie_pid"

section 'Programs named opencode'
show sh -c '/bin/ps -axww -o pid=,args= | grep -E -- "opencode|--type=utility" | grep -v grep | cut -c1-400'

section 'Paths'
show ls -ld /tmp /var "${TMPDIR:-/tmp}"
if command -v tmux >/dev/null; then
  tmux -L otop-facts -f /dev/null new-session -d 'sleep 20'
  show tmux -L otop-facts display-message -p '#{socket_path} #{pane_tty}'
  show tmux -L otop-facts kill-server
fi

section 'File events'
cat >"$folder/events.mjs" <<'JS'
// Watches a folder and a file in it, which is held open and appended to; prints each event with its delay.
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, truncateSync, watch, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
const folder = `${process.argv[2]}/watched`;
mkdirSync(folder);
const file = `${folder}/opencode.db-wal`;
const handle = openSync(file, 'a');
await sleep(1000);
let doneMs = performance.now();
for (const [what, path] of [['folder', folder], ['file', file]]) {
  watch(path, { persistent: false }, (event, name) => {
    console.log(`  ${what}: ${event} ${name} after ${Math.round(performance.now() - doneMs)} ms`);
  });
}
await sleep(1000);
const steps = {
  'append to the open file': () => writeSync(handle, 'x'.repeat(4096)),
  'append again, with fsync': () => {
    writeSync(handle, 'x'.repeat(4096));
    fsyncSync(handle);
  },
  'shorten the file': () => truncateSync(file, 100),
  'create another file': () => closeSync(openSync(`${folder}/opencode.db-shm`, 'w')),
  'rename a file over the watched one': () => {
    closeSync(openSync(`${folder}/new`, 'w'));
    renameSync(`${folder}/new`, file);
  },
  'remove the file': () => rmSync(file),
};
for (const [step, act] of Object.entries(steps)) {
  console.log(step);
  doneMs = performance.now();
  act();
  await sleep(2500);
}
JS
show node "$folder/events.mjs" "$folder"

section 'SQLite of Apple'
if command -v sqlite3 >/dev/null; then
  show sqlite3 "$folder/facts.db" 'pragma journal_mode=wal; create table t(a); insert into t values (1); pragma journal_size_limit; select sqlite_version(); pragma compile_options;'
  echo 'after the last close:'
  show ls -l "$folder"
fi

if [ -n "${OPENCODE:-}" ]; then
  section 'A real opencode'
  mkdir "$folder/home"
  env -u XDG_DATA_HOME -u XDG_CONFIG_HOME -u XDG_STATE_HOME -u XDG_CACHE_HOME HOME="$folder/home" \
    "$OPENCODE" serve --hostname 127.0.0.1 --port 0 >"$folder/serve.txt" 2>&1 </dev/null &
  serve_pid=$!
  started="$started $serve_pid"
  await "$folder/serve.txt"
  sleep 5
  show cat "$folder/serve.txt"
  processes "$serve_pid"
  files "$serve_pid"
  show find "$folder/home" -name '*.db*' -o -name '*.log' -type f
fi
