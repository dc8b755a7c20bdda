import type { JobStatus } from '../../../src/protocol/job.ts';
import { Icon } from './Icon.tsx';
import { lookOf } from './statusLook.ts';

export function StatusIcon({ status }: { status: JobStatus | undefined }) {
  const { icon, tone, spin } = lookOf(status);
  return <Icon name={icon} spin={spin ?? false} className={`tone-${tone}`} />;
}

/** Icon and word. */
export function StatusText({ status }: { status: JobStatus | undefined }) {
  const { tone, label } = lookOf(status);
  return (
    <span className="status-text">
      <StatusIcon status={status} />
      <span className={`tone-${tone}`}>{label}</span>
    </span>
  );
}
