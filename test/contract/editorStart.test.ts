import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { DisposableStore } from '../../src/base/disposable.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { ActiveJobs } from '../../src/extension/state/activeJobs.ts';
import { JobFeed } from '../../src/extension/state/jobFeed.ts';
import { PlaneConnection } from '../../src/extension/state/planeConnection.ts';
import { ManualTimers } from '../unit/client/manualTimers.ts';
import { first } from './first.ts';
import { startPlane, type TestPlane } from './plane.ts';
import { asVscode, type EditorDocument, StandInEditor } from './standInEditor.ts';

/** Milliseconds within which everything is there, whatever happened in which order, and those that the language server needs for its start and its look at a file. */
const promisedMs = 2000;
const serverMs = 400;

describe('the start of the extension', () => {
  let timers = new ManualTimers();
  let editor = new StandInEditor(timers);
  let kept: DisposableStore;
  let startLanguage: () => void;
  /** The server ends by itself and is started again. */
  let killServer: () => Promise<void>;
  before(async () => {
    asVscode(() => editor);
    const { Language } = await import('../../src/extension/language/language.ts');
    startLanguage = () => {
      let onRestarted = () => {};
      let onKind: (document: EditorDocument) => void = () => {};
      const look = () => timers.after(serverMs, () => editor.documents.forEach(onKind));
      const language = new Language(
        '/extension',
        silentLogger as never,
        () => ({}),
        async (given) => {
          onKind = ({ uri }) => given.onKind(uri as never, { uri: uri.toString(), isOurs: true, isJob: true, kind: 'pipelineJob' });
          onRestarted = given.onRestarted;
          editor.lensesOf = (document) => given.onLenses(document as never);
          kept.add(editor.api.workspace.onDidOpenTextDocument(look));
          look();
          return { refreshLenses: (document: EditorDocument) => editor.ask(document), stop: async () => {} } as never;
        },
        timers,
      );
      kept.add(language);
      killServer = async () => {
        editor.withLenses.clear();
        onRestarted();
        look();
      };
    };
  });
  beforeEach(() => {
    timers = new ManualTimers();
    editor = new StandInEditor(timers);
    kept = new DisposableStore();
  });
  afterEach(() => kept.dispose());

  const isReady = async (document: EditorDocument) => {
    await timers.advance(promisedMs);
    assert.deepEqual(
      ['updraft.isJob', 'updraft.isSpec', 'updraft.isPipeline'].map((key) => editor.contextKeys.get(key)),
      [true, true, true],
    );
    assert.equal(document.languageId, 'azure-ml-yaml');
    assert.ok(editor.withLenses.has(document), 'no lenses');
  };

  for (const [order, act] of [
    ['a file, then the extension, as in a restored window', async () => [editor.open('/w/a.yml'), startLanguage()][0]],
    ['the extension, then at once a file', async () => [startLanguage(), editor.open('/w/a.yml')][1]],
    [
      'a view first, and a file much later',
      async () => {
        startLanguage();
        await timers.advance(60_000);
        return editor.open('/w/a.yml');
      },
    ],
    [
      'a file, then the question whether its folder is trusted',
      async () => {
        const document = editor.open('/w/a.yml');
        startLanguage();
        editor.loseFocus();
        return document;
      },
    ],
    [
      'trust, then a file whose text loses the focus at once',
      async () => {
        startLanguage();
        await timers.advance(serverMs);
        const document = editor.open('/w/a.yml');
        await timers.advance(serverMs + 10);
        editor.loseFocus();
        return document;
      },
    ],
  ] as [string, () => Promise<EditorDocument>][])
    it(`has lenses, context keys and the language mode within two seconds: ${order}`, async () => isReady(await act()));

  it('has them again within two seconds after the language server was killed, with the focus elsewhere', async () => {
    const document = editor.open('/w/a.yml');
    startLanguage();
    await isReady(document);
    editor.loseFocus();
    await killServer();
    await isReady(document);
  });

  it('has no keys of a job for another file', async () => {
    startLanguage();
    await isReady(editor.open('/w/a.yml'));
    editor.active = undefined;
    editor.open('/w/b.yml');
    assert.equal(editor.contextKeys.get('updraft.isJob'), false);
  });

  describe('beside a plane', () => {
    let plane: TestPlane;
    let isAway: boolean;
    let cut: AbortController;
    before(async () => {
      plane = await startPlane({ withRunner: false });
    });
    after(() => plane.remove());

    it('has its status item and context keys at once, and they follow a plane that goes and comes back', async () => {
      const { statusBar } = await import('../../src/extension/views/statusBar.ts');
      const { viewMessages } = await import('../../src/extension/views/viewMessages.ts');
      isAway = true;
      cut = new AbortController();
      const away = () => new TypeError('fetch failed');
      const connection = kept.add(
        new PlaneConnection(
          async () => {
            if (isAway) throw away();
            return {
              ...plane,
              ...(await plane.client.health()),
              startedAt: '',
              program: '',
              onDemand: true,
              fetch: async (input, init) => {
                if (isAway) throw away();
                const signals = [cut.signal, ...(init?.signal ? [init.signal] : [])];
                return globalThis.fetch(input, { ...init, signal: AbortSignal.any(signals) });
              },
            };
          },
          undefined,
          timers,
        ),
      );
      const feed = kept.add(new JobFeed(connection));
      kept.add(
        statusBar(connection, kept.add(new ActiveJobs(connection, feed, () => {})), () => ({ workspace: 'local', plane: undefined })),
      );
      const views = Object.fromEntries(['jobs', 'models', 'assets', 'workspaces', 'compute'].map((name) => [name, {}]));
      const noFilter = { models: { search: '' }, data: { search: '' } };
      kept.add(
        viewMessages(
          connection,
          { filter: {}, isFiltered: false } as never,
          noFilter as never,
          views as never,
          () => ({ label: 'local', isHere: true }),
          (error) => assert.fail(String(error)),
        ),
      );
      const shown = () => [editor.statusItem.text.replace(/ · .*/, ''), editor.contextKeys.get('updraft.planeState')];
      assert.ok(editor.statusItem.isShown);
      assert.deepEqual(shown(), ['$(beaker) local', 'idle']);

      await assert.rejects(connection.client());
      assert.deepEqual(shown(), ['$(debug-disconnect) local', 'failed']);
      isAway = false;
      await connection.client();
      assert.deepEqual(shown(), ['$(beaker) local', 'live']);

      isAway = true;
      const gone = first(connection.onDidChangeState, (state) => state === 'disconnected');
      cut.abort();
      await gone;
      assert.deepEqual(shown(), ['$(debug-disconnect) local', 'disconnected']);
      isAway = false;
      cut = new AbortController();
      const back = first(connection.onDidChangeState, (state) => state === 'live');
      await timers.advance(promisedMs);
      await back;
      assert.deepEqual(shown(), ['$(beaker) local', 'live']);
    });
  });
});
