import type { Launch, Spread } from './executor.ts';

/** Text as one word of a POSIX shell. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** Variables that a shell can't be told to export: names that are none of its, and those that it keeps for itself. */
const isOdd = (name: string): boolean => !/^[A-Za-z_]\w*$/.test(name) || /^(?:SHELLOPTS|BASHOPTS|BASH_VERSINFO|E?UID|PPID)$/.test(name);

/** How a shell hands variables on to the program that it becomes: lines before it, and words in front of it. */
export function exportsOf(variables: Record<string, string>): { lines: string[]; prefix: string[] } {
  const all = Object.entries(variables);
  const odd = all.filter(([name]) => isOdd(name)).map(([name, value]) => quoted(`${name}=${value}`));
  return {
    lines: all.filter(([name]) => !isOdd(name)).map(([name, value]) => `export ${name}=${quoted(value)}`),
    prefix: odd.length ? ['env', ...odd] : [],
  };
}

/** The file in a task's folder that has the output of one of its processes, both streams in the order in which they were written. */
export const outputFile = (rank: number): string => `log.${rank}`;

/** What a wrapper does beside running the command; shell text. */
export interface WrapperSteps {
  /** Notes its pid in the file `pid`. */
  notePid: string;
  /** When that is done. */
  began?: string;
  /** Between the end of the command and the note of its code. */
  left?: string;
  /** When all is done; the code is in `$2`. */
  ended?: string;
}

/**
 * The shell script of every task, on this machine and on others. Its arguments are the task's folder and the command. It writes its pid before the command runs and the exit code to the file
 * `exit` afterwards. The command runs in a subshell, so its `exec`, `exit` and traps do not affect the script.
 */
export function wrapper({ notePid, began = ':', left = ':', ended = ':' }: WrapperSteps, spread: Spread | undefined): string {
  return [
    // Of a command that is spread, the shell outlives the request to end that goes to all.
    ...(spread ? ['trap : TERM'] : []),
    notePid,
    began,
    '(updraft_command=$2; shift 2; eval "$updraft_command") 3>&-',
    'set -- "$1" $?',
    left,
    'echo $2 >"$1/exit"',
    ended,
    'exit $2',
  ].join('; ');
}

/** The command that the wrapper runs: the task's own, or one that runs it once for each of its processes. */
export function commandOf({ command, spread }: Launch, folder: string, shell: string): string {
  if (!spread) return command;
  const own = asRanks(folder, spread);
  return [
    `updraft_command=${quoted(command)}`,
    ...(spread.byMpirun
      ? [
          'if command -v mpirun >/dev/null 2>&1; then',
          // One machine runs as many processes as were asked for, whoever its user is: Open MPI 4 and 5 want to be told so.
          'export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1 PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe',
          `mpirun -np ${spread.processes.length} ${quoted(shell)} -c "$updraft_command"`,
          'else',
          'echo "There is no mpirun on the PATH: the processes are started without it, and only know their ranks from the variables OMPI_COMM_WORLD_*."',
          own,
          'fi',
        ]
      : [own]),
  ].join('\n');
}

/** Seconds that the other processes have to end themselves when one has failed. */
const grace = 10;

/**
 * Shell text that starts all processes and waits for them. When one fails, its rank is written to the file `failed`, the others are asked to end, and its exit code is the command's. A process
 * that does not end then is killed by the executor.
 */
function asRanks(folder: string, { processes, awaited }: Spread): string {
  const variables = (each: Record<string, string>) =>
    Object.entries(each)
      .map(([name, value]) => `export ${name}=${quoted(value)};`)
      .join(' ');
  return `updraft_folder=${quoted(folder)}
rm -f "$updraft_folder/ends"; mkfifo "$updraft_folder/ends" || exit
exec 4<>"$updraft_folder/ends"
trap : TERM
updraft_rank() {
  trap : TERM
  (
    trap - TERM INT QUIT
    exec 4>&-
    case $1 in
${processes.map((each, rank) => `      ${rank}) ${variables(each)} ;;`).join('\n')}
    esac
    shift
    eval "$updraft_command"
  ) >>"$updraft_folder/log.$1" 2>&1
  echo "$1 $?" >&4
}
for updraft_each in ${processes.map((_each, rank) => rank).join(' ')}; do updraft_rank $updraft_each & done
updraft_left=${awaited} updraft_code=0 updraft_late=
while [ $updraft_left -gt 0 ]; do
  read -r updraft_each updraft_end <&4 || continue
  [ $updraft_each != late ] || break
  [ $updraft_each -ge ${awaited} ] || updraft_left=$((updraft_left - 1))
  if [ $updraft_end -ne 0 ] && [ $updraft_code -eq 0 ]; then
    updraft_code=$updraft_end
    echo "$updraft_each" >"$updraft_folder/failed"
    kill -TERM 0
    { trap 'kill $!; exit' TERM; sleep ${grace} & wait $!; echo late 0 >&4; } >/dev/null 2>&1 &
    updraft_late=$!
  fi
done
[ -z "$updraft_late" ] || kill -TERM $updraft_late 2>/dev/null
${awaited < processes.length ? 'kill -TERM 0\n' : ''}exit $updraft_code`;
}
