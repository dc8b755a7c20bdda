import { formatBytes, formatCount, plural } from '../../src/base/text.ts';
import type { UserError } from '../../src/base/userError.ts';
import type { TrainingPlan } from '../../src/protocol/finetuningForm.ts';
import { Facts } from '../shared/ui/Facts.tsx';
import { Icon } from '../shared/ui/Icon.tsx';
import { Section } from '../shared/ui/Section.tsx';
import { ReadFailure } from '../shared/ui/states.tsx';
import { bytesText, timeText } from './rangeTexts.ts';

/** What the training will take on this machine, and what that rests on. */
export function EstimateStep({
  plan,
  error,
  missing,
  areTokensGuessed,
}: {
  plan: TrainingPlan | undefined;
  error: UserError | undefined;
  /** What is needed first. */
  missing: string | undefined;
  areTokensGuessed: boolean;
}) {
  return (
    <Section title="4. What it takes">
      {error && <ReadFailure error={error} />}
      {!plan && !error && <p className="dim">{missing ?? 'It is being estimated.'}</p>}
      {plan && <PlanView plan={plan} areTokensGuessed={areTokensGuessed} />}
    </Section>
  );
}

function PlanView({ plan: { split, reasons, estimate, downloads }, areTokensGuessed }: { plan: TrainingPlan; areTokensGuessed: boolean }) {
  const problems = [
    ...reasons.map((each) => `The adapter could not be used afterwards: ${each}.`),
    ...('problem' in split ? [split.problem] : []),
  ];
  return (
    <>
      {problems.map((each) => (
        <Note key={each} icon="error" tone="tone-failed">
          {each}
        </Note>
      ))}
      {estimate && (
        <>
          {estimate.warnings.map((each) => (
            <Note key={each} icon="warning" tone="tone-warning">
              {each}
            </Note>
          ))}
          <div className="figures-row">
            <figure className="value">
              <figcaption>Training</figcaption>
              <strong>{timeText(estimate.trainingSeconds)}</strong>
            </figure>
            <figure className="value">
              <figcaption>Whole job</figcaption>
              <strong>{timeText(estimate.seconds)}</strong>
            </figure>
            <figure className="value">
              <figcaption>Memory</figcaption>
              <strong>{bytesText(estimate.memory)}</strong>
            </figure>
          </div>
        </>
      )}
      <Facts
        facts={[
          [
            'Rows',
            'train' in split &&
              `${split.train.toLocaleString('en')} to train, ${split.valid.toLocaleString('en')} to validate, ${split.test.toLocaleString('en')} to test`,
          ],
          ['Training', estimate && plural(estimate.steps, 'step')],
          ['Adapter', estimate && `${formatCount(estimate.trained)} weights, ${formatBytes(2 * estimate.trained)} as a GGUF file`],
          ['Machine', estimate && `${formatBytes(estimate.machineMemory)} of memory, ${formatBytes(estimate.freeMemory)} free now`],
          ['Disk', estimate && `${formatBytes(estimate.disk)} for the imported model`],
          ['Download', downloads.join(' ')],
        ]}
      />
      {estimate && (
        <details className="basis">
          <summary>What this rests on</summary>
          <ul>
            {[...(areTokensGuessed ? ['Tokens are guessed from characters, since they were not counted.'] : []), ...estimate.basis].map(
              (each) => (
                <li key={each}>{each}</li>
              ),
            )}
          </ul>
        </details>
      )}
    </>
  );
}

function Note({ icon, tone, children }: { icon: string; tone: string; children: React.ReactNode }) {
  return (
    <p className="status-text data-warning">
      <Icon name={icon} className={tone} />
      <span>{children}</span>
    </p>
  );
}
