import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LspClient } from '../scripts/lspClient.ts';
import { installYamlLanguageServer } from '../scripts/yamlLanguageServer.ts';
import { localDisk } from '../src/language/localDisk.ts';
import { WorkspaceIndex } from '../src/language/workspaceIndex.ts';
import { SpecDocument } from '../src/spec/document.ts';
import { kindOf } from '../src/spec/kind.ts';
import { kindFacts } from '../src/spec/kinds/all.ts';
import { languageProcess } from '../src/tuning/languageProcess.ts';
import { type Benchmark, type Figure, figure, p95 } from './figure.ts';
import { jsonSchemaOf, syntheticPipeline } from './syntheticPipeline.ts';

/** Rounds by size: the peer needs seconds for each of the large ones. */
const sizes: { lines: number; rounds: number; atLeast: { completion?: number; hover?: number; diagnostics?: number; open?: number } }[] = [
  { lines: 1000, rounds: 4, atLeast: { completion: 20, hover: 20, diagnostics: 20 } },
  { lines: 10_000, rounds: 4, atLeast: { completion: 100, hover: 100, diagnostics: 50, open: 8 } },
  { lines: 50_000, rounds: 1, atLeast: {} },
];
const corpus = path.resolve(import.meta.dirname, '../../shared/corpora/azureml-examples/files');
/** As the extension starts it. */
const started = languageProcess(process.versions.v8);
const program = [...started.execArgv, path.resolve(import.meta.dirname, '../dist/language.cjs'), '--stdio'];
const environment = { env: { ...process.env, ...started.env } };

/** Milliseconds after which an answer counts as this long, and nothing more is asked: the peer needs minutes for the largest file. */
const patienceMs = 60_000;

/** Time in which a server that has answered ends what it still does, so that it takes no processor from the other one. */
const quietMs = 300;
async function thenQuiet(measured: Promise<number>, ms = quietMs): Promise<number> {
  const took = await measured;
  await delay(ms);
  return took;
}

const keystrokes = 40;
/** Milliseconds between keys, as one types. */
const keyMs = 100;

/** One server with one document, edited in the middle: a letter of a display name comes and goes. */
class Session {
  readonly client: LspClient;
  readonly uri: string;
  private text: string;
  private version = 1;
  private readonly at: { line: number; character: number };
  private hasLetter = false;
  private isLost = false;

  constructor(client: LspClient, folder: string, text: string) {
    this.client = client;
    this.uri = `file://${folder}/pipeline.yml`;
    this.text = text;
    const lines = text.split('\n');
    const middle = lines.findIndex((line, index) => index > lines.length / 2 && line.startsWith('    display_name: Step'));
    this.at = { line: middle, character: lines[middle]!.length };
  }

  /** The next diagnostics. Both servers say them again after each edit, also when there is nothing to say. */
  private told(): Promise<unknown> {
    return this.client.notification('textDocument/publishDiagnostics', ({ uri }) => uri === this.uri);
  }

  async open(): Promise<number> {
    const told = this.told();
    const started = performance.now();
    this.client.notify('textDocument/didOpen', { textDocument: { uri: this.uri, languageId: 'yaml', version: 1, text: this.text } });
    await this.patient(told);
    return performance.now() - started;
  }

  /** Waits for an answer as long as one does. */
  private async patient<T>(answer: Promise<T>): Promise<T | undefined> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => {
        this.isLost = true;
        resolve(undefined);
      }, patienceMs);
    });
    const result = await Promise.race([answer, late]);
    clearTimeout(timer);
    return result;
  }

  /** Milliseconds from an edit to the answer of a request. */
  async ask(method: string, position: { line: number; character: number }): Promise<number> {
    if (this.isLost) return patienceMs;
    const told = this.told();
    const started = performance.now();
    this.edit();
    const result = await this.patient(this.client.request(method, { textDocument: { uri: this.uri }, position }));
    const took = performance.now() - started;
    if (this.isLost) return took;
    // The edit is checked too. What is measured next, here or in the other server, begins when that is done.
    await this.patient(told);
    if (!result || (Array.isArray(result.items) && result.items.length === 0)) throw new Error(`${method} answered nothing`);
    return took;
  }

  completion = () => this.ask('textDocument/completion', { line: this.at.line - 1, character: 10 });
  hover = () => this.ask('textDocument/hover', { line: this.at.line + 1, character: 6 });

  async diagnostics(): Promise<number> {
    if (this.isLost) return patienceMs;
    const told = this.told();
    const started = performance.now();
    this.edit();
    await this.patient(told);
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

/** A schema for each kind of the corpus, with the files that are of it. */
function schemasOf(files: string[], folder: string): Record<string, string[]> {
  const schemas: Record<string, string[]> = {};
  for (const file of files) {
    const kind = kindOf(new SpecDocument(path.join(corpus, file), readFileSync(path.join(corpus, file), 'utf8')))?.kind;
    if (!kind) continue;
    const schema = path.join(folder, `${kind}.json`);
    const uri = `file://${schema}`;
    if (!schemas[uri]) writeFileSync(schema, JSON.stringify(jsonSchemaOf(kindFacts[kind].schema)));
    schemas[uri] = [...(schemas[uri] ?? []), `/${file}`];
  }
  return schemas;
}

/** The time to know every file of the corpus: ours indexes the folder, the peer has to be given each file. */
async function corpusFigures(peerProgram: string): Promise<Figure[]> {
  const files = globSync('**/*.{yml,yaml}', { cwd: corpus });
  if (files.length === 0) throw new Error(`The corpus is not there: ${corpus}`);
  const ours: number[] = [];
  const peer: number[] = [];
  const schemaFolder = mkdtempSync(path.join(tmpdir(), 'updraft-bench-'));
  const settings = { schemas: schemasOf(files, schemaFolder), validate: true, schemaStore: { enable: false } };
  for (let round = 0; round < 2; round++) {
    const own = new LspClient(process.execPath, program, environment);
    const indexed = own.notification('updraft/indexed');
    const started = performance.now();
    await own.initialize(corpus);
    await indexed;
    ours.push(performance.now() - started);
    own.child.kill('SIGKILL');

    const other = new LspClient(process.execPath, [peerProgram, '--stdio'], {
      configuration: (section) => (section === 'yaml' ? settings : null),
    });
    const startedOther = performance.now();
    await other.initialize(corpus, {}, { workspace: { configuration: true } });
    other.notify('workspace/didChangeConfiguration', { settings: { yaml: settings } });
    const told = files.map((file) =>
      other.notification('textDocument/publishDiagnostics', ({ uri }) => uri === `file://${corpus}/${file}`),
    );
    for (const file of files) {
      // The peer would follow `$schema` to the network; it gets its schemas by settings.
      const text = readFileSync(path.join(corpus, file), 'utf8').replace(/^\$schema:.*$/m, '');
      other.notify('textDocument/didOpen', { textDocument: { uri: `file://${corpus}/${file}`, languageId: 'yaml', version: 1, text } });
    }
    await Promise.all(told);
    peer.push(performance.now() - startedOther);
    other.child.kill('SIGKILL');
  }
  rmSync(schemaFolder, { recursive: true, force: true });
  return [
    figure(`${files.length} files of the corpus: ours, indexed`, ours, 'ms'),
    figure(`${files.length} files of the corpus: peer, opened`, peer, 'ms'),
    figure(
      `${files.length} files of the corpus: of the peer's time`,
      ours.map((each, index) => each / peer[index]!),
      'x',
      { atMost: 0.2 },
    ),
  ];
}

/** From a changed component to the last answer about the 20 pipelines that name it, in this process. */
function dependentFigures(): Figure[] {
  const folder = mkdtempSync(path.join(tmpdir(), 'updraft-bench-'));
  const component = (input: string) =>
    `$schema: https://azuremlschemas.azureedge.net/latest/commandComponent.schema.json\nname: c\ntype: command\ninputs:\n  ${input}: {type: number}\ncommand: echo \${{inputs.${input}}}\nenvironment: azureml:e:1\n`;
  writeFileSync(path.join(folder, 'c.yml'), component('a'));
  const index = new WorkspaceIndex(localDisk);
  index.read(path.join(folder, 'c.yml'));
  for (let pipeline = 0; pipeline < 20; pipeline++) {
    const steps = Array.from(
      { length: 25 },
      (_, step) => `  s${step}:\n    type: command\n    component: ./c.yml\n    inputs:\n      a: 1\n`,
    ).join('');
    const file = path.join(folder, `p${pipeline}.yml`);
    writeFileSync(file, `type: pipeline\njobs:\n${steps}`);
    index.openDocument(new SpecDocument(file, `type: pipeline\njobs:\n${steps}`));
    index.check(file);
  }
  const samples: number[] = [];
  for (let round = -3; round < 15; round++) {
    writeFileSync(path.join(folder, 'c.yml'), component(round % 2 ? 'b' : 'a'));
    const started = performance.now();
    const dependents = index.changed(path.join(folder, 'c.yml'));
    for (const file of dependents) index.check(file);
    if (round >= 0) samples.push(performance.now() - started);
    if (dependents.length !== 20) throw new Error(`${dependents.length} dependents`);
  }
  rmSync(folder, { recursive: true, force: true });
  return [figure('a changed component with its 20 pipelines, checked again', samples, 'ms', { atMost: 20 })];
}

export const benchmark: Benchmark = {
  name: 'language',
  what: 'edit -> completion, hover, diagnostics; open; memory; against yaml-language-server with an equal schema, over stdio',
  async run() {
    const peerProgram = await installYamlLanguageServer();
    const figures: Figure[] = [...dependentFigures(), ...(await corpusFigures(peerProgram))];
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
        const ours = new LspClient(process.execPath, program, environment);
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
      const typed: number[] = [];
      const memory: { ours: number[]; peer: number[] } = { ours: [], peer: [] };
      for (let servers = 0; servers < (lines > 10_000 ? 1 : 3); servers++) {
        const { ours, peer } = await start();
        try {
          add('open', await thenQuiet(ours.open()), await thenQuiet(peer.open()));
          // The largest file has no round to warm up: the peer needs minutes for each.
          for (let round = lines > 10_000 ? 0 : -1; round < rounds; round++) {
            for (const what of ['completion', 'hover', 'diagnostics'] as const) {
              const [a, b] = [await thenQuiet(ours[what]()), await thenQuiet(peer[what]())];
              if (round >= 0) add(what, a, b);
            }
          }
          memory.ours.push(ours.memory());
          memory.peer.push(peer.memory());
          for (let round = 0; lines === 10_000 && round < 2; round++) {
            const keys: number[] = [];
            for (let key = 0; key < keystrokes; key++) keys.push(await thenQuiet(ours.completion(), keyMs));
            typed.push(p95(keys));
          }
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
      if (lines === 10_000)
        figures.push(figure(`${size} lines, keystroke to completion, p95 of ${keystrokes}`, typed, 'ms', { atMost: 16 }));
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
