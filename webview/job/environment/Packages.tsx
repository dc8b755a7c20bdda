import { plural } from '../../../src/base/text.ts';
import type { Job } from '../../../src/protocol/job.ts';
import { useLive } from '../../shared/live/useLive.ts';
import { CopyButton } from '../../shared/ui/CopyButton.tsx';
import { Section } from '../../shared/ui/Section.tsx';
import { readPackages } from './installedPackages.ts';

/** Which packages the environment of a job really had; nothing where that was not recorded. */
export function Packages({ job }: { job: Job }) {
  const { value } = useLive(
    `packages ${job.name}`,
    (client) => readPackages(client, job.name),
    (change) => change.kind === 'artifact' && change.id === job.name,
    1000,
  );
  if (!value) return null;
  const { packages, python, text } = value;
  return (
    <Section title="Installed packages" actions={<CopyButton text={text} label="Copy as requirements.txt" />}>
      <details className="packages">
        <summary>{[...(python ? [`Python ${python}`] : []), plural(packages.size, 'package')].join(' · ')}</summary>
        <ul aria-label="Installed packages">
          {[...packages].map(([name, version]) => (
            <li key={name}>
              <span title={name}>{name}</span>
              <code title={version}>{version}</code>
            </li>
          ))}
        </ul>
      </details>
    </Section>
  );
}
