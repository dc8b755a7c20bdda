import { taskVariable } from '../../../plane/ownVariables.ts';
import type { Launch } from '../executor.ts';
import { commandOf, exportsOf, outputFile, quoted, wrapper } from '../wrapper.ts';

/** The variable by which a process is known as one of a task, wherever it has moved. The value's last character keeps one folder's from being the beginning of another's. */
const markOf = (folder: string) => ({ [taskVariable]: `${folder}/` });

/** Prints how many processes the system has killed for their memory, in the control group of the shell that asks; nothing where it keeps no count. */
const kills = `updraft_kills() {
  while IFS=: read -r updraft_x updraft_c updraft_g; do
    case ",$updraft_c," in
      ,,) updraft_f=/sys/fs/cgroup$updraft_g/memory.events ;;
      *,memory,*) updraft_f=/sys/fs/cgroup/memory$updraft_g/memory.oom_control ;;
      *) continue ;;
    esac
    [ -r "$updraft_f" ] || continue
    while read -r updraft_x updraft_c; do
      [ "$updraft_x" != oom_kill ] || { echo "$updraft_c"; return 0; }
    done <"$updraft_f"
  done </proc/self/cgroup
}`;

/** Reads the note `pid` of the folder `$1` into `p`, `b` and `s`: pid, id of the machine's run, start time. Then tells whether that very process lives and is no zombie. */
const alive = `alive() {
  p= b= s=
  read -r p b s <"$1/pid" || [ -n "$p" ] || return 1
  [ -r /proc/self/stat ] || { kill -0 "$p" 2>/dev/null; return; }
  read -r line </proc/sys/kernel/random/boot_id
  [ "$b" = "$line" ] || return 1
  read -r line 2>/dev/null <"/proc/$p/stat" || return 1
  set -- \${line##*) }
  [ "$1" != Z ] && [ "\${20}" = "$s" ]
}`;

/** The program of a task, a file in its folder. The note of its pid is made once only: who comes second ends at once. */
export function launchScript(folder: string, launch: Launch): string {
  const { variables, cwd, spread } = launch;
  const { lines, prefix } = exportsOf({ ...variables, ...markOf(folder) });
  const notePid = `updraft_b= updraft_s=
[ ! -r /proc/self/stat ] || { read -r updraft_b </proc/sys/kernel/random/boot_id; read -r updraft_s <"/proc/$$/stat"; }
updraft_s=$(set -- \${updraft_s##*) }; echo "\${20}")
(set -C; echo "$$ $updraft_b $updraft_s" >"$1/pid") 2>/dev/null || exit 0
unset updraft_b updraft_s`;
  const began = `: >"$1/launch"
${kills}
updraft_kills >"$1/kills.before" 2>/dev/null`;
  const script = wrapper({ notePid, began, left: 'updraft_kills >"$1/kills.after" 2>/dev/null' }, spread);
  return `shell=sh
for each in /bin/bash /usr/bin/bash; do [ ! -x $each ] || shell=$each; done
${lines.join('\n')}
cd ${quoted(cwd)} || exit
exec ${prefix.map((each) => `${each} `).join('')}"$shell" -c ${quoted(script)} "$shell" ${quoted(folder)} ${quoted(commandOf(launch, folder, 'bash'))} >>${quoted(`${folder}/${outputFile(0)}`)} 2>&1 </dev/null 3>/dev/null
`;
}

/** Unpacks a task from standard input. It gets its name when it is whole. Prints `there` and reads nothing when one of that name is there already. */
export const unpackScript = (jobs: string, id: string): string => `umask 077
mkdir -p ${quoted(jobs)} && cd ${quoted(jobs)} || exit 3
[ ! -e ${quoted(id)} ] || { echo there; exit 0; }
new=$(mktemp -d ${quoted(`.${id}.XXXXXX`)}) || exit 3
tar xzf - -C "$new" || { rm -rf "$new"; exit 4; }
if [ -e ${quoted(id)} ]; then rm -rf "$new"; else mv "$new" ${quoted(id)}; fi`;

/** Prints a started task's note of its pid, when it was started, and then what was kept with it. Nothing when it never was. */
export const findScript = (folder: string): string => `cd ${quoted(folder)} 2>/dev/null || exit 0
[ -s pid ] || exit 0
cat pid
stat -c %Y pid 2>/dev/null || stat -f %m pid
cat task.json`;

/** Starts an unpacked task in a session of its own, if nobody did, and prints what `findScript` does. The shell does not wait for it. */
export const startScript = (folder: string): string => `cd ${quoted(folder)} || exit 3
if [ ! -s pid ]; then
  if setsid -f true 2>/dev/null; then setsid -f sh ./launch </dev/null >/dev/null 2>&1
  elif command -v setsid >/dev/null; then setsid sh ./launch </dev/null >/dev/null 2>&1 &
  else perl -e 'use POSIX; POSIX::setsid(); exec @ARGV' sh ./launch </dev/null >/dev/null 2>&1 & fi
  n=0
  while [ ! -s pid ] && [ $n -lt 200 ]; do sleep 0.05; n=$((n + 1)); done
fi
${findScript(folder)}`;

/** Prints a line for each task: its id and `ended CODE RANK KILLS`, `running`, `lost` or `missing`, and `stopped` before the state of what we have stopped. */
export const statesScript = (jobs: string, ids: string[]): string => `${alive}
ended() {
  read -r code <"$1/exit"
  rank=- k=0 l=0
  [ ! -s "$1/failed" ] || read -r rank <"$1/failed"
  [ ! -s "$1/kills.before" ] || read -r k <"$1/kills.before"
  [ ! -s "$1/kills.after" ] || read -r l <"$1/kills.after"
  echo "ended $code $rank $((l - k))"
}
cd ${quoted(jobs)} || exit 3
for id in ${ids.map(quoted).join(' ')}; do
  printf '%s ' "$id"
  [ ! -e "$id/stopped" ] || printf 'stopped '
  if [ -s "$id/exit" ]; then ended "$id"
  elif [ ! -s "$id/pid" ]; then echo missing
  elif alive "$id"; then echo running
  elif [ -s "$id/exit" ]; then ended "$id"
  else echo lost
  fi
done`;

/** Writes a task's output from a byte on, as it grows, and ends when the task has and all was written. It ends, too, when the connection that it belongs to is gone. */
export const followScript = (folder: string, rank: number, from: number): string => `${alive}
cd ${quoted(folder)} || exit 3
n=${from}
while :; do
  over=
  { [ ! -s exit ] && alive .; } || over=1
  size=0
  [ ! -e ${outputFile(rank)} ] || size=$(($(wc -c <${outputFile(rank)})))
  if [ $size -gt $n ]; then tail -c +$((n + 1)) ${outputFile(rank)} | head -c $((size - n)) || exit 5; n=$size; continue; fi
  [ -z "$over" ] || exit 0
  kill -0 $PPID 2>/dev/null || exit 6
  sleep 0.2
done`;

/** Asks all of a task to end but its shell, which notes the code; insists after `graceMs`. What has ended by itself is not marked as stopped. */
export const stopScript = (folder: string, graceMs: number): string => `${alive}
cd ${quoted(folder)} 2>/dev/null || exit 0
lives=
alive . && lives=1
[ -s exit ] || [ ! -s pid ] || : >stopped
[ -n "$p" ] || exit 0
members() {
  if [ -r /proc/self/stat ]; then
    for d in /proc/[0-9]*; do
      q=\${d#/proc/}
      read -r line 2>/dev/null <"$d/stat" || continue
      set -- \${line##*) }
      [ "$1" = Z ] || [ "$4" != "$p" ] || [ "$q" = "$p" ] || echo "$q"
    done
    for d in $(grep -lsF ${quoted(`${taskVariable}=${markOf(folder)[taskVariable]}`)} /proc/[0-9]*/environ); do
      q=\${d#/proc/}; q=\${q%/environ}
      read -r line 2>/dev/null <"/proc/$q/stat" || continue
      set -- \${line##*) }
      [ "$1" = Z ] || [ "$q" = "$p" ] || echo "$q"
    done
  else
    ps -axo pid=,pgid= | while read -r q g; do [ "$g" != "$p" ] || [ "$q" = "$p" ] || echo "$q"; done
  fi
}
if [ -n "$lives" ]; then
  for q in $(members); do kill -TERM "$q" 2>/dev/null; done
  n=0
  while [ $n -lt ${Math.ceil(graceMs / 100)} ] && { alive . || [ -n "$(members)" ]; }; do sleep 0.1; n=$((n + 1)); done
fi
n=0
while [ $n -lt 50 ]; do
  left=$(members)
  [ -s exit ] || ! alive . || left="$left $p"
  [ -n "$left" ] || exit 0
  for q in $left; do kill -KILL "$q" 2>/dev/null; done
  sleep 0.1
  n=$((n + 1))
done
exit 0`;

/** Tells what the machine is like, one `NAME=value` a line. */
export const factsScript = (planeUrl: string | undefined): string => `echo "system=$(uname -s)"
echo "cores=$(nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null)"
echo "memory=$(sed -n 's/^MemTotal: *\\([0-9]*\\) kB/\\1/p' /proc/meminfo 2>/dev/null)"
${
  planeUrl === undefined
    ? ''
    : `if command -v curl >/dev/null; then curl -s -o /dev/null --max-time 5 ${quoted(`${planeUrl}/health`)} && echo plane=1 || echo plane=0
elif command -v wget >/dev/null; then wget -q -O /dev/null -T 5 ${quoted(`${planeUrl}/health`)} && echo plane=1 || echo plane=0
elif command -v python3 >/dev/null; then python3 -c 'import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=5)' ${quoted(`${planeUrl}/health`)} 2>/dev/null && echo plane=1 || echo plane=0
fi`
}`;
