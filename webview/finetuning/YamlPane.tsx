import { useId } from 'react';
import { useHost } from '../shared/host/host.ts';
import { saveFile } from '../shared/host/saveFile.ts';
import { CopyButton } from '../shared/ui/CopyButton.tsx';
import { Button } from '../shared/ui/fields.tsx';
import { Failure } from '../shared/ui/states.tsx';
import { useAction } from '../shared/ui/useAction.ts';

/** The job as YAML, as it is now, and what is done with it. */
export function YamlPane({
  yaml,
  training,
  name,
  suggestedName,
  nameFault,
  obstacle,
  onName,
}: {
  yaml: string;
  /** Beside which it is saved. */
  training: string;
  name: string;
  suggestedName: string;
  nameFault: string | undefined;
  /** Why it can't be saved yet. */
  obstacle: string | undefined;
  onName(name: string): void;
}) {
  const host = useHost();
  const id = useId();
  const { run, error } = useAction();
  const save = (submits: boolean) =>
    host.command?.('finetuning.save', { data: training, text: yaml, ...(submits ? { submit: 'true' } : {}) });
  return (
    <section className="section yaml-pane" aria-label="5. The job">
      <header>
        <h2>5. The job</h2>
        <CopyButton text={yaml} label="Copy the YAML" />
      </header>
      <div className="setting is-long">
        <label htmlFor={id}>Name of the tuned model</label>
        <input
          id={id}
          className="edit"
          value={name}
          placeholder={suggestedName}
          spellCheck={false}
          aria-describedby={`${id}-help`}
          {...(nameFault ? { 'aria-invalid': true } : {})}
          onInput={({ currentTarget }) => onName(currentTarget.value)}
        />
        <p id={`${id}-help`} className={nameFault ? 'tone-failed' : 'dim'}>
          {nameFault ?? 'Under which it is registered. A name that there is already gets a new version.'}
        </p>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled with the keyboard */}
      <pre className="code yaml" tabIndex={0} role="document" aria-label="YAML of the job">
        {yaml}
      </pre>
      <p className="dim">
        {obstacle ??
          (host.command
            ? 'It is saved beside the training data.'
            : 'Keep it beside the training data. Then: updraft job create -f finetune.yml')}
      </p>
      {error && <Failure error={error} />}
      <div className="yaml-actions">
        {host.command ? (
          <>
            <Button disabled={obstacle !== undefined} onClick={() => save(true)}>
              Save and Submit
            </Button>
            <Button secondary disabled={obstacle !== undefined} onClick={() => save(false)}>
              Save and Open
            </Button>
          </>
        ) : (
          <Button
            disabled={obstacle !== undefined}
            onClick={() => run(() => saveFile(host, 'finetune.yml', new Blob([yaml], { type: 'text/yaml' })))}
          >
            Download
          </Button>
        )}
      </div>
    </section>
  );
}
