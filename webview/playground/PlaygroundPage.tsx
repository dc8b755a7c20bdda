import { useEffect, useRef, useState } from 'react';
import { check } from '../../src/protocol/check.ts';
import { OpenAiModels } from '../../src/protocol/openAi.ts';
import { EngineNotice } from '../shared/engine/EngineNotice.tsx';
import { useEngines } from '../shared/engine/useEngines.ts';
import { useHost } from '../shared/host/host.ts';
import { usePageState } from '../shared/host/pageState.ts';
import { useLive } from '../shared/live/useLive.ts';
import { Confirm } from '../shared/ui/Confirm.tsx';
import { PageLink } from '../shared/ui/PageLink.tsx';
import { Empty, Loading, ReadFailure } from '../shared/ui/states.tsx';
import { ToolButton } from '../shared/ui/ToolButton.tsx';
import { CasesPanel } from './CasesPanel.tsx';
import { CodeView } from './CodeView.tsx';
import { Composer } from './Composer.tsx';
import { type Answer, type Call, faultOf, noAnswer, noSettings, requestOf, type Settings, type Turn, turnLike } from './conversation.ts';
import { ModelPicker } from './ModelPicker.tsx';
import { SaveCase } from './SaveCase.tsx';
import { SettingsPanel } from './SettingsPanel.tsx';
import { TurnView } from './TurnView.tsx';
import { useAnswers } from './useAnswers.ts';

const noTurns: Turn[] = [];
const turnsLike = [turnLike];
const noModels: string[] = [];

/** Talks to language models of this machine, several side by side on the same prompts. */
export function PlaygroundPage() {
  const { state } = useHost();
  const [readings, setReadings] = useState(0);
  const models = useLive(
    `language models ${readings}`,
    async ({ http }) => {
      const { data } = check(OpenAiModels, await http.json('GET', '/v1/models'), 'The list of models');
      return data.filter((each) => !each.is_embedder);
    },
    ({ kind }) => kind === 'model' || kind === 'localModel' || kind === 'connection',
    1000,
  );
  const engines = useEngines();
  const [picked, pick] = usePageState('models', noModels);
  const [settings, setSettings] = usePageState('private.settings', noSettings);
  const [areSettingsShown, showSettings] = usePageState('settings', false);
  const [turns, setTurns] = usePageState('private.turns', noTurns, turnsLike);
  const [draft, setDraft] = usePageState('private.draft', '');
  const [isCodeShown, showCode] = useState(false);
  const [areCasesShown, showCases] = usePageState('cases', false);
  /** How many turns are to be kept as a test case. */
  const [saving, setSaving] = useState<number>();
  const [isClearing, setClearing] = useState(false);
  const [announcement, announce] = useState('');

  // Several answers may end within one painting: each is added to what is kept at that moment.
  const change = (to: (turns: Turn[]) => Turn[]) => setTurns(to(state.get('private.turns', noTurns, turnsLike)));
  const keepAnswer = (turn: number, model: string, answer: Answer) =>
    change((all) => all.map((each) => (each.id === turn ? { ...each, answers: { ...each.answers, [model]: answer } } : each)));
  const { making, ask, stop } = useAnswers((turn, model, answer) => {
    keepAnswer(turn, model, answer);
    announce(answer.end === 'failed' ? answer.error : answer.end === 'stopped' ? 'The answer was stopped.' : 'The answer is complete.');
  });

  const known = models.value;
  const chosen =
    picked.length > 0
      ? picked
      : (known ?? [])
          .filter(({ problem }) => !problem)
          .slice(0, 1)
          .map(({ id }) => id);
  const fault = (Object.keys(settings) as (keyof Settings)[]).some((key) => faultOf(key, settings[key]));
  const obstacle = making
    ? 'A model answers.'
    : chosen.length === 0
      ? 'No model is chosen.'
      : !engines.of('gguf')?.isInstalled
        ? 'The program that runs language models is missing.'
        : fault
          ? 'A setting is wrong.'
          : undefined;

  /** Begins the turn anew: later ones, which came of its old answers, go. */
  function askFrom(index: number, prompt: string) {
    if (obstacle || !prompt.trim()) return;
    const before = turns.slice(0, index);
    const next = [...before, { id: Math.max(0, ...before.map(({ id }) => id)) + 1, prompt, answers: {} }];
    setTurns(next);
    announce('');
    ask(chosen, next, settings).catch((error: unknown) => announce(String(error)));
  }
  /** Goes on with the last answer of a model, which waits for what came of the functions that it asked for. */
  function sendResults(model: string, calls: Call[]) {
    const last = turns.at(-1);
    if (obstacle || !last) return;
    const { [model]: answer = noAnswer, ...others } = last.answers;
    const before = turns.slice(0, -1);
    setTurns([...before, { ...last, answers: others }]);
    ask([model], [...before, { ...last, answers: { ...others, [model]: { ...answer, calls } } }], settings).catch((error: unknown) =>
      announce(String(error)),
    );
  }
  function send() {
    if (obstacle || !draft.trim()) return;
    askFrom(turns.length, draft);
    setDraft('');
  }

  // The end stays in view while it grows, unless the person has scrolled away from it.
  const pane = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it moves when the conversation has grown
  useEffect(() => {
    if (isAtEnd.current && pane.current) pane.current.scrollTop = pane.current.scrollHeight;
  }, [turns, making]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => event.key === 'Escape' && !event.defaultPrevented && stop();
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [stop]);

  const saved =
    saving !== undefined && saving <= turns.length && !fault ? caseOf(turns.slice(0, saving), chosen[0] ?? '', settings) : undefined;
  const hasModels = known !== undefined && (known.length > 0 || picked.length > 0);
  return (
    <main className="page playground">
      <header className="playground-header">
        <h1>Playground</h1>
        {hasModels && (
          <div className="toolbar" role="toolbar" aria-label="Playground">
            <ModelPicker models={known} chosen={chosen} onChange={pick} onRefresh={() => setReadings((count) => count + 1)} />
            <ToolButton
              icon="settings"
              label="Settings of the answers"
              text="Settings"
              pressed={areSettingsShown}
              onClick={() => showSettings(!areSettingsShown)}
            />
            <ToolButton
              icon="code"
              label="View code that asks the same"
              text="Code"
              pressed={isCodeShown}
              disabled={fault}
              onClick={() => showCode(!isCodeShown)}
            />
            <ToolButton
              icon="beaker"
              label="Test cases"
              text="Test cases"
              pressed={areCasesShown}
              onClick={() => showCases(!areCasesShown)}
            />
            <ToolButton
              icon="clear-all"
              label="Clear the conversation"
              disabled={turns.length === 0 || making !== undefined}
              onClick={() => setClearing(true)}
            />
          </div>
        )}
      </header>
      {isClearing && (
        <Confirm
          question="Clear the conversation?"
          detail="Its prompts and answers are kept nowhere else."
          action="Clear"
          otherwise="Keep"
          onAnswer={(isSure) => {
            setClearing(false);
            if (isSure) setTurns([]);
          }}
        />
      )}
      <EngineNotice engines={engines} format="gguf" />
      {models.error && <ReadFailure error={models.error} />}
      {!known && !models.error && <Loading what="the models" />}
      {known && !hasModels && <NoModels onRefresh={() => setReadings((count) => count + 1)} />}
      {hasModels && (
        <div className={`playground-body${areSettingsShown ? ' has-settings' : ''}`}>
          {areSettingsShown && <SettingsPanel settings={settings} onChange={setSettings} />}
          {areCasesShown && <CasesPanel models={chosen} obstacle={obstacle} />}
          <div className="playground-talk" hidden={areCasesShown}>
            {isCodeShown && !fault && (
              <CodeView
                request={requestOf(
                  chosen[0] ?? '',
                  draft.trim() || turns.length === 0 ? [...turns, { id: 0, prompt: draft || 'Hello', answers: {} }] : turns,
                  settings,
                )}
              />
            )}
            <div
              ref={pane}
              className="playground-turns"
              onScroll={({ currentTarget: at }) => {
                isAtEnd.current = at.scrollHeight - at.scrollTop - at.clientHeight < 40;
              }}
            >
              {turns.length === 0 && (
                <Empty title="Ask something.">
                  Models of this machine keep what you write here; others are named with the machine that they run on. Choose several to see
                  their answers side by side.
                </Empty>
              )}
              {turns.map((turn, index) => (
                <TurnView
                  key={turn.id}
                  turn={turn}
                  models={chosen}
                  making={making?.turn === turn.id ? making.answers : undefined}
                  canAsk={!obstacle}
                  isBusy={making !== undefined}
                  isLast={index === turns.length - 1}
                  onAsk={(prompt) => askFrom(index, prompt)}
                  onChange={(changed) => change((all) => all.map((each) => (each.id === changed.id ? changed : each)))}
                  onRemove={() => change((all) => all.filter((each) => each.id !== turn.id))}
                  onSave={() => setSaving(index + 1)}
                  onResults={sendResults}
                />
              ))}
            </div>
            {saved && saving !== undefined && (
              <SaveCase
                key={saving}
                asked={saved}
                answer={turns[saving - 1]?.answers[chosen[0] ?? '']?.text ?? ''}
                onClose={(hasSaved) => {
                  setSaving(undefined);
                  if (hasSaved) announce('The test case was saved.');
                }}
              />
            )}
            <Composer draft={draft} onDraft={setDraft} obstacle={obstacle} isAnswering={making !== undefined} onSend={send} onStop={stop} />
          </div>
        </div>
      )}
      <p className="visually-hidden" role="status">
        {announcement}
      </p>
    </main>
  );
}

/** What a test case keeps of a conversation: all but the model. */
function caseOf(turns: readonly Turn[], asked: string, settings: Settings) {
  const { model: _, messages, ...others } = requestOf(asked, turns, settings);
  return { messages, settings: others };
}

function NoModels({ onRefresh }: { onRefresh(): void }) {
  return (
    <Empty title="No language model is on this machine yet.">
      <p>
        The page of <PageLink to={{ page: 'models', name: '' }}>models</PageLink> gets one, and tells which of them fit this machine. GGUF
        files that you have already are found in the folders of <code>UPDRAFT_MODEL_FOLDERS</code>.
      </p>
      <button type="button" className="link" onClick={onRefresh}>
        Look again
      </button>
    </Empty>
  );
}
