import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { after, before, describe, it } from 'mocha';
import { type PlaneProcess, startPlaneProcess } from './planeProcess.ts';
import { bundle } from './updraft.ts';

/** The tools for agents, through the official client of the Model Context Protocol. */
describe('tools for agents over MCP', () => {
  let folder: string;
  let plane: PlaneProcess;
  const clients: Client[] = [];

  const connect = async (options: string[] = []): Promise<Client> => {
    const client = new Client({ name: 'Test Agent', version: '1.0.0' });
    await client.connect(
      new StdioClientTransport({
        command: process.execPath,
        args: [bundle, 'mcp', '--data', folder, ...options],
        cwd: folder,
        stderr: 'inherit',
      }),
    );
    clients.push(client);
    return client;
  };
  const call = async (client: Client, name: string, input: Record<string, unknown> = {}): Promise<string> => {
    const { content, isError } = await client.callTool({ name, arguments: input });
    const [part] = content as { type: string; text: string }[];
    assert.equal(isError ?? false, false, part!.text);
    return part!.text;
  };

  before(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-mcp-'));
    plane = await startPlaneProcess(folder);
  });
  after(async () => {
    for (const client of clients) await client.close();
    await plane.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('lists jobs', async () => {
    assert.equal(await call(await connect(), 'list_jobs'), 'No such jobs.');
  });
});
