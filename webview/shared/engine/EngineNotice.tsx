import { aside } from '../../../src/base/aside.ts';
import { formatBytes } from '../../../src/base/text.ts';
import type { EngineFormat } from '../../../src/protocol/inferenceEngine.ts';
import { Button } from '../ui/fields.tsx';
import { Failure, ReadFailure } from '../ui/states.tsx';
import type { useEngines } from './useEngines.ts';

/** That the program which runs the models of a format is missing, how large it is, and the way to get it; or how far it has come. `isQuiet`: only the latter, for those who can wait for it alone. */
export function EngineNotice({
  engines: { of, error, install, asked },
  format,
  isQuiet = false,
}: {
  engines: ReturnType<typeof useEngines>;
  format: EngineFormat;
  isQuiet?: boolean;
}) {
  const engine = of(format);
  if (!engine) return error && !isQuiet ? <ReadFailure error={error} /> : null;
  const state = asked[format];
  const isComing = engine.got !== undefined || state === 'coming';
  if (engine.isInstalled || (isQuiet && !isComing)) return null;
  const got = Math.min(engine.got ?? 0, engine.bytes);
  return (
    <section className="notice engine-notice" aria-label={`The program that runs ${engine.runs}`}>
      <p>
        <strong>
          {isComing
            ? `The program that runs ${engine.runs} is being got.`
            : `The program that runs ${engine.runs} is not on this machine yet.`}
        </strong>{' '}
        <span className="dim">
          {engine.title}, {formatBytes(engine.bytes)}, is downloaded once, for all workspaces.
        </span>
      </p>
      {typeof state === 'object' && !isComing && <Failure error={state} />}
      {isComing ? (
        <div className="engine-progress">
          <progress max={engine.bytes} value={got} aria-label={`Download of ${engine.title}`} />
          <span className="number">
            {formatBytes(got)} of {formatBytes(engine.bytes)}
          </span>
        </div>
      ) : (
        <Button onClick={() => aside('installation', install(format), console)}>{`Download ${formatBytes(engine.bytes)}`}</Button>
      )}
    </section>
  );
}
