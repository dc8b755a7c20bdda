import { useEffect, useRef, useState } from 'react';
import { AnalysisCard } from './AnalysisCard.tsx';
import type { Dimension } from './dimension.ts';
import { findImportance, type Importance, leastRuns } from './importance.ts';
import { shortLabel } from './valueText.ts';

/** Which parameters matter for the objective, and how sure that is. */
export function ImportanceBars({
  importance,
  objective,
  onChoose,
}: {
  importance: Importance | undefined | 'running';
  objective: Dimension;
  onChoose(key: string): void;
}) {
  return (
    <AnalysisCard
      title="Parameter importance"
      note={importance && importance !== 'running' ? <Method importance={importance} /> : undefined}
    >
      {importance === 'running' && <p className="dim">Working it out…</p>}
      {!importance && (
        <p className="dim">
          It is worked out from {leastRuns} runs on that have different values of {shortLabel(objective.label)}.
        </p>
      )}
      {importance && importance !== 'running' && (
        <table className="importance" aria-label="Parameter importance">
          <thead>
            <tr>
              <th scope="col">Parameter</th>
              <th scope="col">Importance</th>
              <th scope="col" className="numeric" title="Spearman’s rank correlation with the objective">
                Correlation
              </th>
            </tr>
          </thead>
          <tbody>
            {importance.rows.map(({ key, label, share, correlation }) => (
              <tr key={key}>
                <th scope="row" title={label}>
                  <button type="button" className="link" onClick={() => onChoose(key)}>
                    {shortLabel(label, 40)}
                  </button>
                </th>
                <td>
                  <span className="importance-bar">
                    <span style={{ width: `${Math.round(100 * (share ?? 0))}%` }} />
                  </span>
                  <span className="number">{share === undefined ? '–' : `${Math.round(100 * share)} %`}</span>
                </td>
                <td className="numeric number">{correlation === undefined ? '–' : signed(correlation)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </AnalysisCard>
  );
}

/** Two digits behind the point, and no sign before a zero. */
const signed = (value: number): string => (Math.abs(value) < 0.005 ? '0.00' : `${value > 0 ? '+' : ''}${value.toFixed(2)}`);

function Method({ importance: { runs, used, explained } }: { importance: Importance }) {
  return (
    <>
      From {used === runs ? `${runs} runs` : `${used} of ${runs} runs`}: how much worse a random forest foretells the objective when a
      parameter’s values are shuffled.{' '}
      {explained > 0
        ? `It explains ${Math.round(100 * explained)} % of the differences between runs that it has not seen.`
        : 'It explains nothing of runs that it has not seen, so no share is given: more runs are needed, or these parameters do not matter.'}{' '}
      Correlation is Spearman’s: the sign says which way.
    </>
  );
}

/** Milliseconds that are worked at a time, so that the page stays alive. */
const sliceMs = 12;
/** While runs go on, working it out anew waits so many times as long as it took. */
const restTimes = 10;

/** The importance of parameters, worked out while nothing else is to be done, and anew when runs change. */
export function useImportance(parameters: readonly Dimension[], objective: Dimension): Importance | undefined | 'running' {
  const subject = [objective.label, ...parameters.map(({ key }) => key)].join('\n');
  const [found, setFound] = useState<{ subject: string; importance: Importance | undefined }>();
  const last = useRef({ subject: '', endedAt: 0, took: 0 });
  useEffect(() => {
    const finding = findImportance(parameters, objective);
    let took = 0;
    let timer: ReturnType<typeof setTimeout>;
    const go = () => {
      const start = performance.now();
      let step = finding.next();
      while (!step.done && performance.now() - start < sliceMs) step = finding.next();
      took += performance.now() - start;
      if (!step.done) {
        timer = setTimeout(go, 0);
        return;
      }
      last.current = { subject, endedAt: performance.now(), took };
      setFound({ subject, importance: step.value });
    };
    const { endedAt, took: before } = last.current;
    const rest = last.current.subject === subject ? endedAt + restTimes * before - performance.now() : 0;
    timer = setTimeout(go, Math.max(0, rest));
    return () => clearTimeout(timer);
  }, [parameters, objective, subject]);
  // What was found before stays until the next is found.
  return found?.subject === subject ? found.importance : 'running';
}
