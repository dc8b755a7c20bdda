import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { LspClient } from '../../scripts/lspClient.ts';
import { readLock } from '../../src/plane/lock.ts';
import { startPlane, type TestPlane } from './plane.ts';
import { writeIn } from './writeIn.ts';

const program = path.resolve(import.meta.dirname, '../../dist/updraft.mjs');
const component = `$schema: https://azuremlschemas.azureedge.net/latest/commandComponent.schema.json
name: train
type: command
inputs:
  data:
    type: uri_folder
outputs:
  model:
    type: custom_model
command: echo \${{inputs.data}} \${{outputs.model}}
environment: azureml:env:1
`;
const pipeline = `type: pipeline
compute: azureml:cpu
inputs:
  raw:
    type: uri_folder
    path: ./data
jobs:
  fit:
    type: command
    component: ./train.yml
    inputs:
      data: \${{parent.inputs.raw}}
`;

/** Milliseconds that an answer may take: two seconds, and more on a machine whose cores are busy with other programs. */
const limitMs = () => 2000 * Math.max(1, loadavg()[0]! / availableParallelism());

describe('updraft lsp --stdio', () => {
  let folder: string;
  let client: LspClient;
  const file = (name: string, text: string) => writeIn(folder, name, text);
  const uri = (name: string) => `file://${folder}/${name}`;
  const open = (name: string, text: string, languageId = 'yaml') => {
    const told = client.notification('textDocument/publishDiagnostics', (params) => params.uri === uri(name));
    client.notify('textDocument/didOpen', { textDocument: { uri: uri(name), languageId, version: 1, text } });
    return told.then(({ diagnostics }) => diagnostics as { code: string; message: string; source: string; range: any; severity: number }[]);
  };
  const change = (name: string, contentChanges: object[]) => {
    const told = client.notification('textDocument/publishDiagnostics', (params) => params.uri === uri(name));
    client.notify('textDocument/didChange', { textDocument: { uri: uri(name), version: 2 }, contentChanges });
    return told.then(({ diagnostics }) => diagnostics as { code: string; message: string }[]);
  };
  const at = (text: string, word: string, into = 0) => {
    const offset = text.indexOf(word) + into;
    const before = text.slice(0, offset).split('\n');
    return { line: before.length - 1, character: before.at(-1)!.length };
  };
  const ask = (method: string, name: string, more: object = {}) =>
    client.request(`textDocument/${method}`, { textDocument: { uri: uri(name) }, ...more });
  const start = async (options: object = {}) => {
    client = new LspClient(process.execPath, [program, 'lsp', '--stdio', '--data', path.join(folder, 'home')]);
    const indexed = client.notification('updraft/indexed');
    const result = await client.initialize(folder, options);
    await indexed;
    return result;
  };

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-lsp-'));
    file('train.yml', component);
    file('data/a.csv', '1');
  });
  afterEach(async () => {
    if (client.child.exitCode === null) client.child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  });

  it('answers every feature on a pipeline of several files', async () => {
    file('pipeline.yml', pipeline);
    const { capabilities } = await start();
    assert.ok(capabilities.completionProvider && capabilities.renameProvider);
    assert.deepEqual(await open('pipeline.yml', pipeline), []);
    const broken = await change('pipeline.yml', [{ range: { start: at(pipeline, 'raw}}'), end: at(pipeline, 'raw}}', 3) }, text: 'rwa' }]);
    assert.deepEqual(
      broken.map(({ code }) => code),
      ['InvalidReference'],
    );
    const [action] = await ask('codeAction', 'pipeline.yml', {
      range: { start: at(pipeline, 'raw}}'), end: at(pipeline, 'raw}}') },
      context: { diagnostics: broken, only: ['quickfix'] },
    });
    assert.match(action.title, /parent\.inputs\.raw/);
    assert.deepEqual(
      await change('pipeline.yml', [{ range: { start: at(pipeline, 'raw}}'), end: at(pipeline, 'raw}}', 3) }, text: 'raw' }]),
      [],
    );

    const { items } = await ask('completion', 'pipeline.yml', { position: at(pipeline, 'parent.inputs', 7) });
    assert.deepEqual(
      items.map((item: { label: string }) => item.label),
      ['raw'],
    );
    assert.match((await ask('hover', 'pipeline.yml', { position: at(pipeline, './train', 3) })).contents.value, /\*\*train\*\*/);
    assert.equal((await ask('definition', 'pipeline.yml', { position: at(pipeline, 'data: $', 1) }))[0].uri, uri('train.yml'));
    assert.equal(
      (await ask('references', 'pipeline.yml', { position: at(pipeline, 'raw:', 1), context: { includeDeclaration: true } })).length,
      2,
    );
    assert.equal((await ask('documentHighlight', 'pipeline.yml', { position: at(pipeline, 'raw:', 1) })).length, 2);
    assert.equal((await ask('documentLink', 'pipeline.yml')).length, 1);
    assert.deepEqual(
      (await ask('documentSymbol', 'pipeline.yml')).map((each: { name: string }) => each.name),
      ['type', 'compute', 'inputs', 'jobs'],
    );
    assert.ok((await ask('foldingRange', 'pipeline.yml')).length >= 4);
    assert.equal((await ask('selectionRange', 'pipeline.yml', { positions: [at(pipeline, 'raw}}')] })).length, 1);
    assert.ok((await ask('semanticTokens/full', 'pipeline.yml')).data.length > 0);
    assert.ok(
      (await ask('inlayHint', 'pipeline.yml', { range: { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } } })).length >=
        1,
    );
    assert.deepEqual(await ask('codeLens', 'pipeline.yml'), [], 'no commands for an editor that has none');
    assert.deepEqual(
      (await client.request('workspace/symbol', { query: 'fit' })).map((each: { name: string }) => each.name),
      ['fit'],
    );
    const [item] = await ask('prepareCallHierarchy', 'pipeline.yml', { position: at(pipeline, 'fit') });
    assert.deepEqual(await client.request('callHierarchy/outgoingCalls', { item }), []);
    const { changes } = await ask('rename', 'train.yml'.replace('train', 'pipeline'), {
      position: at(pipeline, 'data: $', 1),
      newName: 'table',
    });
    assert.deepEqual(Object.keys(changes).sort(), [uri('pipeline.yml'), uri('train.yml')]);
    await assert.rejects(ask('rename', 'pipeline.yml', { position: at(pipeline, 'fit', 1), newName: 'No Name' }), /no name for a step/);
    assert.equal(await client.stop(), 0);
  });

  it('checks a pipeline again when a component is edited, or changes on disk', async () => {
    await start();
    assert.deepEqual(await open('pipeline.yml', pipeline), []);
    const again = client.notification(
      'textDocument/publishDiagnostics',
      (params) => params.uri === uri('pipeline.yml') && params.diagnostics.length > 0,
    );
    await open('train.yml', component);
    await change('train.yml', [{ text: component.replaceAll('data', 'table') }]);
    assert.deepEqual((await again).diagnostics.map(({ code }: { code: string }) => code).sort(), ['MissingInput', 'UnknownInput']);
    const good = client.notification(
      'textDocument/publishDiagnostics',
      (params) => params.uri === uri('pipeline.yml') && params.diagnostics.length === 0,
    );
    client.notify('textDocument/didClose', { textDocument: { uri: uri('train.yml') } });
    await good;
    file('train.yml', component.replaceAll('data', 'rows'));
    const changed = client.notification(
      'textDocument/publishDiagnostics',
      (params) => params.uri === uri('pipeline.yml') && params.diagnostics.length > 0,
    );
    client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: uri('train.yml'), type: 2 }] });
    await changed;
  });

  it('takes back what it found in files that are deleted with their folder, and tells it again when they are edited or there again', async () => {
    file('parts/train.yml', component);
    const broken = pipeline.replace('./train.yml', './train.yml\n    colour: red').replace('./data', 'azureml:raw:1');
    const outer = pipeline.replace('./train.yml', './parts/train.yml');
    file('parts/pipeline.yml', broken);
    await start();
    assert.equal((await open('parts/pipeline.yml', broken)).length, 1);
    assert.deepEqual(await open('pipeline.yml', outer), []);
    const next = (name: string, count: number) =>
      client.notification('textDocument/publishDiagnostics', (params) => params.uri === uri(name) && params.diagnostics.length === count);
    rmSync(path.join(folder, 'parts'), { recursive: true });
    const gone = [next('parts/pipeline.yml', 0), next('pipeline.yml', 1)];
    client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: uri('parts'), type: 3 }] });
    const [, outside] = await Promise.all(gone);
    assert.equal(outside.diagnostics[0].code, 'MissingFile');
    assert.equal(
      client
        .past('textDocument/publishDiagnostics')
        .filter((each) => each.uri === uri('parts/pipeline.yml'))
        .at(-1).diagnostics.length,
      0,
    );

    file('parts/train.yml', component);
    const back = [next('parts/pipeline.yml', 1), next('pipeline.yml', 0)];
    file('parts/pipeline.yml', broken);
    client.notify('workspace/didChangeWatchedFiles', {
      changes: ['train.yml', 'pipeline.yml'].map((each) => ({ uri: uri(`parts/${each}`), type: 1 })),
    });
    await Promise.all(back);

    rmSync(path.join(folder, 'parts/pipeline.yml'));
    const again = next('parts/pipeline.yml', 0);
    client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: uri('parts/pipeline.yml'), type: 3 }] });
    await again;
    assert.equal((await change('parts/pipeline.yml', [{ text: `${broken}\n` }])).length, 1);
  });

  it('knows the files of a folder that took the place of another, also when the editor tells of them first', async () => {
    file('parts/train.yml', component);
    const text = pipeline.replace('./train.yml', './parts/');
    await start();
    await open('pipeline.yml', text);
    rmSync(path.join(folder, 'parts'), { recursive: true });
    file('parts/score.yml', component);
    client.notify('workspace/didChangeWatchedFiles', {
      changes: [
        { uri: uri('parts/score.yml'), type: 1 },
        { uri: uri('parts'), type: 3 },
      ],
    });
    const lines = text.split('\n');
    const line = lines.findIndex((each) => each.includes('./parts/'));
    const { items } = await client.request('textDocument/completion', {
      textDocument: { uri: uri('pipeline.yml') },
      position: { line, character: lines[line]!.length },
    });
    const names = items.map(({ label }: { label: string }) => label);
    assert.ok(names.includes('./parts/score.yml'), names.join());
    assert.ok(!names.includes('./parts/train.yml'), names.join());
    // Nobody told of this one.
    file('parts/late.yml', component);
    const later = await client.request('textDocument/completion', {
      textDocument: { uri: uri('pipeline.yml') },
      position: { line, character: lines[line]!.length },
    });
    assert.ok(later.items.some(({ label }: { label: string }) => label === './parts/late.yml'));
  });

  it('says nothing about files that are not ours, and what a document is', async () => {
    await start({ hasCommands: true });
    for (const [name, text] of Object.entries({
      'compose.yml': 'services:\n  web:\n    image: x\n    command: [y\n',
      'workflow.yml': 'on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: y\n',
      'pod.yml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n',
      'conda.yml': 'name: e\nchannels: [x]\ndependencies: [python]\n',
      'chart.yml': '{{- if .Values.x }}\na: {{ .Values.y }}\n{{- end }}\n',
    })) {
      assert.deepEqual(await open(name, text), [], name);
      assert.equal(await ask('completion', name, { position: { line: 1, character: 0 } }), null);
    }
    const told = client.notification('updraft/documentKind', (params) => params.uri === uri('pipeline.yml'));
    await open('pipeline.yml', pipeline);
    assert.deepEqual(await told, { uri: uri('pipeline.yml'), isOurs: true, isJob: true, kind: 'pipelineJob' });
    assert.deepEqual(
      (await ask('codeLens', 'pipeline.yml')).map((lens: { command: { command: string } }) => lens.command.command).slice(0, 4),
      ['updraft.job.submit', 'updraft.job.submitWithChanges', 'updraft.job.preview', 'updraft.job.validate'],
    );
  });

  it('offers to submit a job elsewhere where there is another plane, and names where it went the last time', async () => {
    await start({ hasCommands: true, submitTo: {} });
    await open('pipeline.yml', pipeline);
    const title = async () => {
      const lenses: { command: { title: string; command: string } }[] = await ask('codeLens', 'pipeline.yml');
      return lenses.find(({ command }) => command.command === 'updraft.job.submitTo')?.command.title;
    };
    assert.equal(await title(), 'Submit to…');
    client.notify('updraft/configure', { submitTo: { [uri('pipeline.yml')]: 'vision (Team)' } });
    assert.equal(await title(), 'Submit to vision (Team)');
    client.notify('updraft/configure', { submitTo: null });
    assert.equal(await title(), undefined);
  });

  it('lists the files that are ours, and which of them are jobs that run', async () => {
    file('pipeline.yml', pipeline);
    file('deep/down/spark.yml', '$schema: https://azuremlschemas.azureedge.net/latest/sparkJob.schema.json\ntype: spark\n');
    file('conda.yml', 'name: e\nchannels: [x]\ndependencies: [python]\n');
    await start();
    const files: { uri: string }[] = await client.request('updraft/files', undefined);
    assert.deepEqual(
      files.sort((a, b) => a.uri.localeCompare(b.uri)),
      [
        { uri: uri('deep/down/spark.yml'), isJob: false, kind: 'sparkJob' },
        { uri: uri('pipeline.yml'), isJob: true, kind: 'pipelineJob' },
        { uri: uri('train.yml'), isJob: false, kind: 'commandComponent' },
      ],
    );
  });

  it('says and answers everything again when it was killed and started again with the same documents', async () => {
    const broken = pipeline.replace('parent.inputs.raw', 'parent.inputs.rwa');
    const everything = async () => {
      await start({ hasCommands: true });
      const told = client.notification('updraft/documentKind', (params) => params.uri === uri('pipeline.yml'));
      const codes = (await open('pipeline.yml', broken, 'azure-ml-yaml')).map(({ code }) => code);
      return {
        codes,
        kind: await told,
        lenses: (await ask('codeLens', 'pipeline.yml')).map((lens: { command: { title: string } }) => lens.command.title),
        colours: (await ask('semanticTokens/full', 'pipeline.yml')).data,
        names: (await ask('completion', 'pipeline.yml', { position: at(broken, 'parent.inputs', 7) })).items,
      };
    };
    const before = await everything();
    assert.deepEqual([before.codes, before.kind.isJob], [['InvalidReference'], true]);
    assert.ok(before.lenses.length >= 4 && before.colours.length > 0 && before.names.length > 0);
    const ended = once(client.child, 'exit');
    client.child.kill('SIGKILL');
    await ended;
    assert.deepEqual(await everything(), before);
  });

  it('offers what a file may become while it is empty, or where its language mode says it is one of ours', async () => {
    await start();
    const labels = async (name: string, line: number) =>
      ((await ask('completion', name, { position: { line, character: 0 } }))?.items ?? []).map(({ label }: { label: string }) => label);
    await open('empty.yml', '# new\n');
    assert.ok((await labels('empty.yml', 1)).includes('command job'));
    for (const [text, offered] of Object.entries({
      '$schema: ': 'https://azuremlschemas.azureedge.net/latest/pipelineJob.schema.json',
      '# mine\ntype: ': 'pipeline',
      'type: comm': 'command',
      pip: 'pipeline job',
    })) {
      await open('begun.yml', text);
      const lines = text.split('\n');
      const position = { line: lines.length - 1, character: lines.at(-1)!.length };
      const found = (await ask('completion', 'begun.yml', { position }))?.items ?? [];
      assert.ok(
        found.some(({ label }: { label: string }) => label === offered),
        text,
      );
      client.notify('textDocument/didClose', { textDocument: { uri: uri('begun.yml') } });
    }
    await open('foreign.yml', '$schema: https://json.schemastore.org/chart.json\n');
    assert.deepEqual(await labels('foreign.yml', 1), []);
    const nobodys = 'a: 1\n';
    await open('other.yml', nobodys);
    assert.deepEqual(await labels('other.yml', 1), []);
    await open('meant.yml', nobodys, 'azure-ml-yaml');
    assert.ok((await labels('meant.yml', 1)).includes('$schema'));
  });

  it('offers names of a plane that is up, and none of one that is not', async () => {
    await start();
    const text = 'type: command\ncommand: x\nenvironment: \nexperiment_name: e\n';
    await open('job.yml', text);
    const labels = async () =>
      (await ask('completion', 'job.yml', { position: { line: 2, character: 13 } })).items.map(({ label }: { label: string }) => label);
    assert.ok(!(await labels()).some((label: string) => label.includes('trees')));
    let plane: TestPlane | undefined;
    try {
      plane = await startPlane({}, path.join(folder, 'home'));
      await plane.client.putAsset('environments', 'trees', '3', { image: 'x' });
      assert.ok(readLock(path.join(folder, 'home')), 'the plane says where it is');
      assert.ok((await labels()).includes('azureml:trees:3'), (await labels()).join());
    } finally {
      await plane?.stop();
    }
  });

  it('warns about what the connected plane lacks, and about nothing while it is not known', async () => {
    const codesOf = (params: { diagnostics: { code: string; message: string }[] }) => params.diagnostics.map(({ code }) => code);
    const told = (test: (codes: string[]) => boolean) =>
      client.notification('textDocument/publishDiagnostics', (params) => params.uri === uri('job.yml') && test(codesOf(params)));
    await start();
    assert.deepEqual(
      await open(
        'job.yml',
        'type: command\ncommand: echo ${{inputs.t}}\nenvironment: azureml:tres:3\ncompute: azureml:cloud-cluster\ninputs:\n  t: {type: uri_file, path: azureml:table@latest}\n',
      ),
      [],
    );
    let missing = told((codes) => codes.length === 2);
    const plane = await startPlane({}, path.join(folder, 'home'));
    try {
      // The plane that came up is noticed, and a cluster's name means this machine there.
      const { diagnostics } = await missing;
      assert.deepEqual(
        diagnostics.map(({ message }: { message: string }) => message),
        [
          'There is no environment "tres" on the plane (azureml:tres:3).',
          'There is no data asset "table" on the plane (azureml:table@latest).',
        ],
      );
      assert.deepEqual(
        diagnostics.map(({ severity }: { severity: number }) => severity),
        [2, 2],
      );
      // The change feed says that something is there now.
      let left = told((codes) => codes.length === 1);
      await plane.client.putAsset('data', 'table', '1', { dataType: 'uri_file', dataUri: 'https://example.org/table' });
      assert.match((await left).diagnostics[0].message, /environment "tres"/);
      const proposed = client.notification(
        'textDocument/publishDiagnostics',
        (params) => params.uri === uri('job.yml') && /Did you mean "trees"/.test(params.diagnostics[0]?.message ?? ''),
      );
      await plane.client.putAsset('environments', 'trees', '3', { image: 'x' });
      await proposed;
      left = told((codes) => codes.length === 0);
      await plane.client.putAsset('environments', 'tres', '3', { image: 'x' });
      await left;
      missing = told((codes) => codes.length === 1);
      await plane.client.deleteAsset('environments', 'tres', '3');
      await missing;
    } finally {
      missing = told((codes) => codes.length === 0);
      await plane.stop();
    }
    await missing;
    // It is away, and comes back: on another port, with what it had.
    missing = told((codes) => codes.length === 1);
    const again = await startPlane({}, path.join(folder, 'home'));
    try {
      assert.match((await missing).diagnostics[0].message, /environment "tres"/);
      const { items } = await ask('completion', 'job.yml', { position: { line: 2, character: 21 } });
      assert.ok(items.some(({ label }: { label: string }) => label === 'azureml:trees:3'));
    } finally {
      await again.stop();
    }
    assert.equal(client.errors, '');
    assert.equal(await client.stop(), 0);
  });

  it('tells the graph of a file that is followed, open or not, and puts pipelines together', async () => {
    file('pipeline.yml', pipeline);
    await start();
    const graph = (test: (told: any) => boolean) => client.notification('updraft/graph', test);
    const isBroken = ({ graph: { nodes } }: any) => nodes.some((node: any) => node.isBroken);
    const first = graph(() => true);
    client.notify('updraft/graph/follow', { uri: uri('pipeline.yml'), expanded: [] });
    const { state, graph: drawn } = await first;
    assert.deepEqual([state, drawn.nodes.map(({ id }: any) => id)], ['current', ['#inputs.raw', 'fit']]);
    assert.deepEqual(
      drawn.edges.map(({ source, target }: any) => [source, target]),
      [['#inputs.raw', 'fit']],
    );
    assert.deepEqual(await client.request('updraft/graph/place', { uri: uri('pipeline.yml'), node: 'fit' }), {
      uri: uri('pipeline.yml'),
      range: { start: at(pipeline, 'fit'), end: at(pipeline, 'fit', 3) },
    });
    const position = at(pipeline, 'parent.inputs');
    const request = { uri: uri('pipeline.yml'), file: uri('pipeline.yml'), position };
    assert.equal(await client.request('updraft/graph/nodeAt', request), 'fit');
    // The component that it names is edited: it wants more now.
    await open('train.yml', component);
    const broken = graph(isBroken);
    await change('train.yml', [{ text: component.replace('  data:', '  more:\n    type: uri_file\n  data:') }]);
    assert.match((await broken).graph.nodes[1].detail, /does not give the input "more"/);
    const mended = graph((told) => !isBroken(told));
    await change('train.yml', [{ text: component }]);
    await mended;
    const [found] = await client.request('updraft/components', {});
    assert.deepEqual(
      [found.name, found.inputs, found.outputs],
      ['train', [{ name: 'data', type: 'uri_folder', optional: false }], [{ name: 'model', type: 'custom_model', optional: false }]],
    );
    const text = await client.request('updraft/assemble', { target: uri('made/new.yml'), components: [found.uri] });
    assert.match(text, /component: \.\.\/train\.yml/);
    client.notify('updraft/graph/unfollow', { uri: uri('pipeline.yml') });
    assert.equal(client.errors, '');
    assert.equal(await client.stop(), 0);
  });

  it('measures the code folder as submitting does, and again when what it leaves out changes', async () => {
    file('src/train.py', 'x');
    file('src/data/rows.csv', '');
    // A hole: it takes no room on the disk.
    truncateSync(path.join(folder, 'src/data/rows.csv'), 400_000_000);
    const text = 'type: command\ncommand: x\nenvironment: {image: x}\ncode: ./src\n';
    const told = (count: number) =>
      client.notification(
        'textDocument/publishDiagnostics',
        (params) => params.uri === uri('job.yml') && params.diagnostics.length === count,
      );
    await start();
    const large = told(1);
    await open('job.yml', text);
    const { diagnostics } = await large;
    assert.equal(diagnostics[0].code, 'SnapshotTooLarge');
    assert.deepEqual(diagnostics[0].range.start, { line: 3, character: 6 });
    assert.match(diagnostics[0].message, /400 MB; a snapshot may have 300 MB[\s\S]*data\/rows\.csv/);
    const small = told(0);
    file('src/.amlignore', 'data/\n');
    client.notify('workspace/didChangeWatchedFiles', { changes: [{ uri: uri('src/.amlignore'), type: 1 }] });
    await small;
  });

  it('reads a workspace with thousands of files and links in a circle', async () => {
    for (let i = 0; i < 3000; i++)
      file(`many/${i % 50}/c${i}.yml`, i % 3 ? `a: ${i}\n` : component.replace('name: train', `name: train_${i}`));
    symlinkSync(folder, path.join(folder, 'many/loop'));
    symlinkSync(path.join(folder, 'many'), path.join(folder, 'many/0/up'));
    const started = performance.now();
    await start();
    assert.ok(performance.now() - started < 10 * limitMs());
    assert.equal(client.past('updraft/indexed')[0].files, 1001);
  });

  const hostile: [string, () => string][] = [
    [
      'an alias bomb',
      () =>
        `type: pipeline\na0: &a0 x\n${Array.from({ length: 30 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(10)}]\n`).join('')}inputs: *a30\njobs:\n  x:\n    inputs: *a30\n    command: *a29\n`,
    ],
    ['aliases of themselves', () => 'type: pipeline\njobs: &a\n  x: *a\n  y: &b\n    inputs: *b\n    <<: *b\n'],
    ['100,000 levels', () => `type: pipeline\njobs:\n  a:\n    inputs: ${'{a: '.repeat(100_000)}`],
    ['a line of 50 MB', () => `type: command\nenvironment: x\ncommand: ${'x '.repeat(25_000_000)}\n`],
    [
      'NUL, lone surrogates, tabs and carriage returns',
      () => 'type: command\r\ncommand: \u0000\ud800 ${{inputs.\udfff}}\r\n\tenvironment: x\r\ninputs:\r\n\ta: 1\r',
    ],
    [
      '100,000 steps',
      () =>
        `type: pipeline\njobs:\n${Array.from({ length: 100_000 }, (_, i) => `  s${i}: {command: x, environment: 'azureml:e:1'}\n`).join('')}`,
    ],
    [
      '100,000 keys in one map, the first of them twice',
      () =>
        `type: command\ncommand: x\nenvironment: azureml:e:1\nenvironment_variables:\n  k0: "a\\tb"\n${Array.from({ length: 100_000 }, (_, i) => `  k${i}: ${i}\n`).join('')}`,
    ],
    ['equal keys', () => `type: pipeline\njobs:\n${'  a:\n    command: x\n'.repeat(5000)}`],
  ];
  for (const [what, make] of hostile)
    it(`stands ${what}`, async () => {
      await start();
      const text = make();
      const name = 'hostile.yml';
      const started = performance.now();
      await open(name, text);
      assert.ok(performance.now() - started < limitMs(), `opened in ${performance.now() - started} ms`);
      for (const method of ['documentSymbol', 'foldingRange', 'documentLink', 'codeLens', 'semanticTokens/full']) {
        const asked = performance.now();
        await ask(method, name);
        assert.ok(performance.now() - asked < limitMs(), `${method} in ${performance.now() - asked} ms`);
      }
      for (const line of [0, 2, 3])
        for (const method of ['completion', 'hover', 'definition']) await ask(method, name, { position: { line, character: 12 } });
      await change(name, [{ range: { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } }, text: '# x\n' }]);
      assert.equal(client.errors, '');
      assert.deepEqual(client.past('window/logMessage'), []);
      assert.equal(await client.stop(), 0);
    });
});
