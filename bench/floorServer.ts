/**
 * The floor: the least that a server with our promises must do. Bare HTTP, the JSON parsed, the numbers appended as one binary row to `node:sqlite` with
 * `synchronous=FULL`, writes of the same moment in one transaction; nothing is checked, indexed or announced. `node floorServer.ts FOLDER`
 */
import { createServer } from 'node:http';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const db = new DatabaseSync(path.join(process.argv[2]!, 'floor.db'));
db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE IF NOT EXISTS t (run TEXT, data BLOB)');
const [begin, commit] = [db.prepare('BEGIN'), db.prepare('COMMIT')];
const insert = db.prepare('INSERT INTO t VALUES (?, ?)');
let waiting: { run: string; data: Uint8Array; done: () => void }[] = [];

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = JSON.parse(Buffer.concat(chunks).toString() || '{}');
    const answer = (text: string) => response.writeHead(200, { 'content-type': 'application/json' }).end(text);
    if (request.url!.endsWith('/runs/create')) return answer(JSON.stringify({ run: { info: { run_id: crypto.randomUUID() } } }));
    const metrics = body.metrics ?? (request.url!.endsWith('/log-metric') ? [body] : undefined);
    if (!metrics) return answer('{}');
    const numbers = new Float64Array(metrics.length * 3);
    let at = 0;
    for (const { value, timestamp, step } of metrics) {
      numbers[at++] = value;
      numbers[at++] = timestamp;
      numbers[at++] = step;
    }
    waiting.push({ run: body.run_id, data: new Uint8Array(numbers.buffer), done: () => answer('{}') });
    if (waiting.length === 1) setImmediate(flush);
  });
});

function flush(): void {
  const group = waiting;
  waiting = [];
  begin.run();
  for (const { run, data } of group) insert.run(run, data);
  commit.run();
  for (const { done } of group) done();
}

server.listen(Number(process.argv[3]), '127.0.0.1');
