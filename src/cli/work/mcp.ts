import path from 'node:path';
import { PlaneClient } from '../../client/planeClient.ts';
import { allTools } from '../../tools/allTools.ts';
import { connect } from '../connect.ts';
import { serveTools } from '../mcp/serveTools.ts';
import type { Outcome } from '../output/outcome.ts';
import { flag, type Parsed } from '../parsed.ts';
import { version } from '../version.ts';

/** Serves the tools to an agent until it hangs up. */
export async function serveAgent(parsed: Parsed): Promise<Outcome> {
  await serveTools({
    version,
    tools: flag(parsed, 'read-only') ? allTools.filter(({ changes }) => !changes) : allTools,
    hostOf: (name) => ({
      client: async (call) => {
        const { lock, client } = await connect(parsed);
        return new PlaneClient({ ...lock, agent: { name, ...(call ? { call } : {}) } }, client.workspace);
      },
      pathOf: (file) => path.resolve(file),
    }),
    onError: (error) => process.stderr.write(`${error.message}\n`),
  });
  return { exitCode: 0 };
}
