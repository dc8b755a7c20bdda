import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { LspClient } from '../scripts/lspClient.ts';
import { installYamlLanguageServer } from '../scripts/yamlLanguageServer.ts';
import { kindFacts } from '../src/spec/kinds/all.ts';
import { type Benchmark, type Figure, figure } from './figure.ts';
import { jsonSchemaOf, syntheticPipeline } from './syntheticPipeline.ts';

/** Rounds by size: the peer needs seconds for each of the large ones. */
const sizes = [
  { lines: 1000, rounds: 15, atLeast: { completion: 20, hover: 20, diagnostics: 20 } },
  { lines: 10_000, rounds: 7, atLeast: { completion: 100, hover: 100, diagnostics: 50, open: 8 } },
  { lines: 50_000, rounds: 2, atLeast: {} as { completion?: number; hover?: number; diagnostics?: number; open?: number } },
];
const program = path.resolve(import.meta.dirname, '../dist/updraft.mjs');

/** One server with one document, edited in the middle: a letter of a display name comes and goes. */
class Session {
  readonly client: LspClient;
  readonly uri: string;
  private text: string;
  private version = 1;
  private readonly at: { line: number; character: number };
  private hasLetter = false;

  constructor(client: LspClient, folder: string, text: string) {
    this.client = client;
    this.uri = `file://${folder}/pipeline.yml`;
    this.text = text;
    const lines = text.split('\n');
    const middle = lines.findIndex((line, index) => index > lines.length / 2 && line.startsWith('    display_name: Step'));
    this.at = { line: middle, character: lines[middle]!.length };
  }

  async open(): Promise<number> {
    const told = this.client.notification('textDocument/publishDiagnostics', ({ uri }) => uri === this.uri);
    const started = performance.now();
    this.client.notify('textDocument/didOpen', { textDocument: { uri: this.uri, languageId: 'yaml', version: 1, text: this.text } });
    await told;
    return performance.now() - started;
  }

  /** Milliseconds from an edit to the answer of a request. */
  async ask(method: string, position: { line: number; character: number }): Promise<number> {
    const started = performance.now();
    this.edit();
    const result = await this.client.request(method, { textDocument: { uri: this.uri }, position });
    const took = performance.now() - started;
    if (!result || (Array.isArray(result.items) && result.items.length === 0)) throw new Error(`${method} answered nothing`);
    return took;
  }

  completion = () => this.ask('textDocument/completion', { line: this.at.line - 1, character: 10 });
  hover = () => this.ask('textDocument/hover', { line: this.at.line + 1, character: 6 });

  async diagnostics(): Promise<number> {
    const told = this.client.notification('textDocument/publishDiagnostics', ({ uri }) => uri === this.uri);
    const started = performance.now();
    this.edit();
    await told;
    return performance.now() - started;
  }

  /** Resident megabytes of the server. */
  memory(): number {
    const status = readFileSync(`/proc/${this.client.child.pid}/status`, 'utf8');
    return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1000;
  }

  private edit(): void {
    const { line, character } = this.at;
    const range = this.hasLetter
      ? { start: { line, character }, end: { line, character: character + 1 } }
      : { start: this.at, end: this.at };
    this.client.notify('textDocument/didChange', {
      textDocument: { uri: this.uri, version: ++this.version },
      contentChanges: [{ range, text: this.hasLetter ? '' : 'x' }],
    });
    this.hasLetter = !this.hasLetter;
  }
}

export const benchmark: Benchmark = {
  name: 'language',
  what: 'edit -> completion, hover, diagnostics; open; memory; against yaml-language-server with an equal schema, over stdio',
  async run() {
    const peerProgram = await installYamlLanguageServer();
    const figures: Figure[] = [];
    for (const { lines, rounds, atLeast } of sizes) {
      const folder = mkdtempSync(path.join(tmpdir(), 'updraft-bench-'));
      const schemaFile = path.join(folder, 'schema.json');
      writeFileSync(schemaFile, JSON.stringify(jsonSchemaOf(kindFacts.pipelineJob.schema)));
      // The peer would follow `$schema` to the network; it gets its schema by settings.
      const text = syntheticPipeline(lines);
      const settings = {
        yaml: {
          schemas: { [`file://${schemaFile}`]: '*.yml' },
          validate: true,
          completion: true,
          hover: true,
          schemaStore: { enable: false },
          maxItemsComputed: 1_000_000,
        },
      };
      const capabilities = {
        textDocument: { completion: { completionItem: { snippetSupport: true } } },
        workspace: { configuration: true },
      };
      const start = async () => {
        const ours = new LspClient(process.execPath, [program, 'lsp', '--stdio', '--data', path.join(folder, 'home')]);
        const peer = new LspClient(process.execPath, [peerProgram, '--stdio'], {
          configuration: (section) => (section === 'yaml' ? settings.yaml : null),
        });
        await Promise.all([ours.initialize(folder, {}, capabilities), peer.initialize(folder, {}, capabilities)]);
        peer.notify('workspace/didChangeConfiguration', { settings });
        const peerText = text.replace(/^\$schema:.*\n/m, '');
        return { ours: new Session(ours, folder, text), peer: new Session(peer, folder, peerText) };
      };
      const samples: Record<string, { ours: number[]; peer: number[] }> = {};
      const add = (what: string, ours: number, peer: number) => {
        samples[what] ??= { ours: [], peer: [] };
        samples[what].ours.push(ours);
        samples[what].peer.push(peer);
      };
      const memory: { ours: number[]; peer: number[] } = { ours: [], peer: [] };
      for (let start_ = 0; start_ < (lines > 10_000 ? 1 : 2); start_++) {
        const { ours, peer } = await start();
        try {
          add('open', await ours.open(), await peer.open());
          for (let round = -1; round < rounds; round++) {
            for (const what of ['completion', 'hover', 'diagnostics'] as const) {
              const [a, b] = [await ours[what](), await peer[what]()];
              if (round >= 0) add(what, a, b);
            }
          }
          memory.ours.push(ours.memory());
          memory.peer.push(peer.memory());
        } finally {
          ours.client.child.kill('SIGKILL');
          peer.client.child.kill('SIGKILL');
        }
      }
      rmSync(folder, { recursive: true, force: true });
      const size = lines.toLocaleString('en');
      for (const [what, { ours, peer }] of Object.entries(samples)) {
        const limit = atLeast[what as keyof typeof atLeast];
        figures.push(figure(`${size} lines, ${what}: ours`, ours, 'ms'));
        figures.push(figure(`${size} lines, ${what}: peer`, peer, 'ms'));
        figures.push(
          figure(
            `${size} lines, ${what}: times faster`,
            ours.map((each, index) => peer[index]! / each),
            'x',
            limit === undefined ? undefined : { atLeast: limit },
          ),
        );
      }
      const own = samples.completion!.ours.sort((a, b) => a - b);
      if (lines === 10_000)
        figures.push(
          figure(`${size} lines, keystroke to completion, p95`, [own[Math.min(own.length - 1, Math.floor(own.length * 0.95))]!], 'ms', {
            atMost: 16,
          }),
        );
      figures.push(figure(`${size} lines, resident memory: ours`, memory.ours, 'MB'));
      figures.push(figure(`${size} lines, resident memory: peer`, memory.peer, 'MB'));
      figures.push(
        figure(
          `${size} lines, resident memory: of the peer's`,
          memory.ours.map((each, index) => each / memory.peer[index]!),
          'x',
          { atMost: 0.333 },
        ),
      );
    }
    return figures;
  },
};
