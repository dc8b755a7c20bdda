import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { UserError } from '../../../src/base/userError.ts';
import type { LoggedKey } from '../../../src/protocol/loggedFiles.ts';
import { CardFrame, type CardPlace } from '../chart/CardFrame.tsx';
import { MenuItem, MenuItems } from '../chart/CardMenu.tsx';
import type { ChartCardOf } from '../chart/chartSections.ts';
import type { ChartSettings } from '../chart/chartSettings.ts';
import type { Palette } from '../chart/palette.ts';
import type { ChartRun } from '../chart/useLines.ts';
import { mostPixels } from '../files/previews/imageSize.ts';
import { useHost } from '../host/host.ts';
import { fileName, saveFile } from '../host/saveFile.ts';
import { useDelayed } from '../live/useDelayed.ts';
import { Popover } from '../ui/Popover.tsx';
import { Failure } from '../ui/states.tsx';
import { useAction } from '../ui/useAction.ts';
import { readShown } from './content/shown.ts';
import { csvOfContents, pngOfContents, type RunContent } from './exported.ts';
import { RunPanel } from './RunPanel.tsx';
import { StepSlider } from './StepSlider.tsx';
import { allSteps, atStep, stepsOf } from './steps.ts';
import { useLoggedFiles } from './useLoggedFiles.ts';

export interface LoggedCardProps extends CardPlace {
  card: ChartCardOf;
  logged: LoggedKey;
  runs: readonly ChartRun[];
  settings: ChartSettings;
  palette: Palette;
}

/** Runs that are shown at once; more on request. */
const atOnce: Record<LoggedKey['kind'], number> = { image: 24, data: 8, text: 8 };
/** Least width of a panel, in pixels. */
const leastWidth: Record<LoggedKey['kind'], number> = { image: 130, data: 300, text: 300 };
/** Of a panel above and below what it shows, and between panels. */
const [panelHead, panelGap] = [26, 12];
const leastHeight = 96;
/** The step follows the slider when it has rested for so long, in ms; and is kept a little later. */
const [restMs, keptMs] = [60, 400];

/** What runs logged under one key beside metrics, side by side: pictures, tables, matrices, histograms, text. A slider goes through its steps. */
export function LoggedCard(props: LoggedCardProps) {
  const { card, logged, runs, settings, palette, isFull } = props;
  const { kind } = logged;
  const host = useHost();
  const action = useAction();
  const [limit, setLimit] = useState(atOnce[kind]);
  const ids = useMemo(() => runs.map(({ id }) => id), [runs]);
  const { value, error } = useLoggedFiles(logged, ids, limit);
  const last = useRef(value);
  if (value) last.current = value;
  const found = last.current;
  const byId = useMemo(() => new Map(runs.map((run) => [run.id, run])), [runs]);
  const panels = useMemo(
    () => (found?.runs ?? []).flatMap(({ run, files }) => (byId.has(run) ? [{ run: byId.get(run)!, files }] : [])),
    [found, byId],
  );

  const [inside, setInside] = useState<Readonly<Record<string, readonly number[]>>>({});
  const onSteps = useCallback(
    (run: string, steps: readonly number[]) =>
      setInside((old) => (JSON.stringify(old[run] ?? []) === JSON.stringify(steps) ? old : { ...old, [run]: steps })),
    [],
  );
  const steps = useMemo(
    () => allSteps([...panels.map(({ files }) => stepsOf(files)), ...panels.map(({ run }) => inside[run.id] ?? [])]),
    [panels, inside],
  );
  const [step, setStep] = useStep(card.id, settings, steps);
  const shownStep = useDelayed(step, restMs);

  const [list, { width, height }] = useSize<HTMLUListElement>();
  const columns = Math.max(1, Math.min(panels.length, Math.floor((width + panelGap) / (leastWidth[kind] + panelGap))));
  const rows = Math.max(1, Math.ceil(panels.length / columns));
  // Pictures share the height that there is; what is read scrolls.
  const room = (height - (kind === 'image' ? (rows - 1) * panelGap : 0)) / (kind === 'image' ? rows : 1) - panelHead;
  const each = Math.max(leastHeight, Math.floor(room) - (kind === 'image' ? 2 : 24));

  const contents = async (): Promise<RunContent[]> => {
    const read: RunContent[] = [];
    for (const { run, files } of panels) {
      const file = atStep(files, step);
      if (file) read.push({ run, step: file.step ?? step, shown: await readShown(host.client, run.id, file, false) });
    }
    return read;
  };
  const save = (extension: 'csv' | 'png', make: (read: RunContent[]) => Promise<Blob | undefined>) =>
    action.run(async () => {
      const content = await make(await contents());
      if (!content)
        throw new UserError(
          'InvalidRequest',
          extension === 'csv' ? 'Nothing of this has values to save.' : 'Nothing of this can be drawn.',
        );
      await saveFile(host, fileName(card.name.replace(/\.\w+$/, ''), extension), content);
    });
  const more = logged.runs - panels.length;

  return (
    <CardFrame
      id={card.id}
      name={card.name}
      place={props}
      className="logged"
      menu={
        <div className="chart-menu">
          <Popover icon="ellipsis" label={`More for ${card.name}`} text="">
            <MenuItems isWide={props.isWide} onWide={props.onWide} moveBy={props.onMoveBy}>
              {kind !== 'text' && (
                <MenuItem text="Save side by side as PNG" onClick={() => save('png', (read) => pngOfContents(read, card.name, palette))} />
              )}
              {kind === 'data' && (
                <MenuItem
                  text="Save values as CSV"
                  onClick={() =>
                    save('csv', async (read) => {
                      const text = csvOfContents(read);
                      return text === undefined ? undefined : new Blob([text], { type: 'text/csv' });
                    })
                  }
                />
              )}
            </MenuItems>
          </Popover>
        </div>
      }
    >
      {action.error && <Failure error={action.error} />}
      {steps.length > 1 && step !== undefined && <StepSlider name={card.name} steps={steps} step={step} onChange={setStep} />}
      {!found && <p className="logged-note">{error ? error.message : 'Loading…'}</p>}
      <ul className="logged-panels" ref={list} style={{ gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))` }}>
        {panels.map(({ run, files }) => (
          <RunPanel
            key={run.id}
            run={run}
            files={files}
            step={steps.length > 0 ? shownStep : undefined}
            name={card.name}
            palette={palette}
            height={each}
            mostPixels={Math.floor(mostPixels / Math.max(1, panels.length))}
            isFull={isFull}
            onSteps={onSteps}
          />
        ))}
        {found && more > 0 && (
          <li className="logged-more">
            <button type="button" className="link" onClick={() => setLimit(limit + atOnce[kind])}>
              Show more of the {logged.runs} runs
            </button>
          </li>
        )}
      </ul>
      {found?.isCut && <p className="chart-note chart-foot">There are more steps than are shown.</p>}
    </CardFrame>
  );
}

/** The step that is shown: what was chosen, else the last one, also when there is a new one. It is kept once the slider rests. */
function useStep(card: string, settings: ChartSettings, steps: readonly number[]): [number | undefined, (step: number) => void] {
  const kept = settings.choiceOf(card).step;
  const [chosen, setChosen] = useState(kept);
  // It may have been chosen elsewhere: by the browser's Back, or on the card in full screen.
  useEffect(() => setChosen(kept), [kept]);
  const lastStep = steps.at(-1);
  const latest = useRef(settings);
  latest.current = settings;
  useEffect(() => {
    if (chosen === kept) return;
    const timer = setTimeout(() => {
      const { step: _old, ...rest } = latest.current.choiceOf(card);
      latest.current.choose(card, chosen === undefined ? rest : { ...rest, step: chosen });
    }, keptMs);
    return () => clearTimeout(timer);
  }, [card, chosen, kept]);
  // The last step stands for the newest, whichever that will be.
  return [chosen ?? lastStep, (next) => setChosen(next === lastStep ? undefined : next)];
}

/** The size of an element in pixels, while it is shown. */
function useSize<E extends HTMLElement>(): [React.RefObject<E | null>, { width: number; height: number }] {
  const element = useRef<E>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  useEffect(() => {
    const observer = new ResizeObserver(() => {
      const { clientWidth: width = 0, clientHeight: height = 0 } = element.current ?? {};
      setSize((old) => (old.width === width && old.height === height ? old : { width, height }));
    });
    observer.observe(element.current!);
    return () => observer.disconnect();
  }, []);
  return [element, size];
}
