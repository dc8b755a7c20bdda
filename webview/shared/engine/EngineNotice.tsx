import { formatBytes } from '../../../src/base/text.ts';
import { Button } from '../ui/fields.tsx';
import { Failure, ReadFailure } from '../ui/states.tsx';
import type { useEngine } from './useEngine.ts';

/** That the program which runs the models is missing, how large it is, and the way to get it. */
export function EngineNotice({ engine, error, install, progress, installError, isInstalling }: ReturnType<typeof useEngine>) {
  if (error) return <ReadFailure error={error} />;
  if (!engine || engine.isInstalled) return null;
  const { bytes, of } = progress ?? { bytes: 0, of: engine.bytes };
  return (
    <section className="notice engine-notice" aria-label="The program that runs models">
      <p>
        <strong>The program that runs the models is not on this machine yet.</strong>{' '}
        <span className="dim">
          {engine.title}, {formatBytes(engine.bytes)}, is downloaded once, for all workspaces.
        </span>
      </p>
      {installError && <Failure error={installError} />}
      {isInstalling ? (
        <div className="engine-progress">
          <progress max={of} value={bytes} aria-label="Download" />
          <span className="number">
            {formatBytes(bytes)} of {formatBytes(of)}
          </span>
        </div>
      ) : (
        <Button onClick={install}>{`Download ${formatBytes(engine.bytes)}`}</Button>
      )}
    </section>
  );
}
