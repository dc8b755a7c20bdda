/** A plain copy over HTTP: each PUT becomes a file of that name below FOLDER, flushed before it is answered. `node uploadServer.ts FOLDER` says its port in a line. */
import { mkdir, open } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

const folder = process.argv[2]!;
const server = createServer(async (request, response) => {
  const target = path.join(folder, request.url!);
  await mkdir(path.dirname(target), { recursive: true });
  const file = await open(target, 'w');
  for await (const part of request) await file.write(part as Buffer);
  await file.sync();
  await file.close();
  response.writeHead(201).end();
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));
