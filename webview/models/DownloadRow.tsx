import { useState } from 'react';
import { formatBytes } from '../../src/base/text.ts';
import { cancelDownload, forgetDownload } from '../../src/client/localModels.ts';
import type { ModelDownload } from '../../src/protocol/localModels.ts';
import { useHost } from '../shared/host/host.ts';
import { Icon } from '../shared/ui/Icon.tsx';
import { plainText } from '../shared/ui/plainText.ts';
import { Failure } from '../shared/ui/states.tsx';
import { ToolButton } from '../shared/ui/ToolButton.tsx';
import { useAction } from '../shared/ui/useAction.ts';

/** A download that is under way, or has ended before the model was whole. */
export function DownloadRow({
  download,
  onResume,
  onRemoved,
}: {
  download: ModelDownload;
  onResume(): void;
  onRemoved(bytes: number): void;
}) {
  const { client } = useHost();
  const { run, error, isRunning } = useAction();
  const [isStopping, setStopping] = useState(false);
  const { name, status, done, total, isWaiting } = download;
  const shown = plainText(name, 120);
  const bytes = total > 0 ? `${formatBytes(done)} of ${formatBytes(total)}` : formatBytes(done);
  return (
    <>
      <li className="model-row" aria-label={shown}>
        <div className="model-about">
          <p className="model-name">
            <strong>{shown}</strong>
          </p>
          {status === 'Running' && !isWaiting ? (
            <div className="engine-progress">
              <progress aria-label={`Download of ${shown}`} {...(total > 0 ? { max: total, value: done } : {})} />
              <span className="number dim">{bytes}</span>
            </div>
          ) : (
            <p className="dim">
              {isWaiting
                ? 'Another process gets it already; this one waits for it.'
                : status === 'Failed'
                  ? plainText(download.asked, 200)
                  : `${bytes} are here.`}
            </p>
          )}
        </div>
        <div className="model-judged">
          <Outcome download={download} />
        </div>
        <div className="toolbar" role="toolbar" aria-label={`Actions of ${shown}`}>
          {status === 'Running' ? (
            <ToolButton
              icon="debug-stop"
              label={`Cancel the download of ${shown}`}
              text="Cancel"
              disabled={isStopping}
              onClick={() => {
                setStopping(true);
                run(() => cancelDownload(client.http, name).finally(() => setStopping(false)));
              }}
            />
          ) : (
            <>
              <ToolButton icon="cloud-download" label={`Go on with the download of ${shown}`} text="Go on" onClick={onResume} />
              <ToolButton
                icon="trash"
                label={`Remove what came of ${shown}`}
                disabled={isRunning}
                onClick={() => run(async () => onRemoved(await forgetDownload(client.http, name)))}
              />
            </>
          )}
        </div>
      </li>
      {error && (
        <li>
          <Failure error={error} />
        </li>
      )}
    </>
  );
}

function Outcome({ download: { status, error, hint } }: { download: ModelDownload }) {
  if (status === 'Running') return null;
  const look = {
    Failed: { icon: 'error', tone: 'tone-failed', text: 'The download failed' },
    Canceled: { icon: 'circle-slash', tone: 'tone-skipped', text: 'Canceled' },
    Interrupted: { icon: 'warning', tone: 'tone-warning', text: 'Interrupted: the control plane ended meanwhile' },
  }[status];
  return (
    <>
      <p className="status-text">
        <Icon name={look.icon} className={look.tone} />
        <span>{look.text}</span>
      </p>
      {error && <p>{plainText(error)}</p>}
      {hint && <p className="dim">{plainText(hint)}</p>}
    </>
  );
}
