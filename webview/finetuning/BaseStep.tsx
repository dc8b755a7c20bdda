import { formatCount } from '../../src/base/text.ts';
import type { UserError } from '../../src/base/userError.ts';
import type { BaseModel } from '../../src/protocol/finetuningForm.ts';
import { PageLink } from '../shared/ui/PageLink.tsx';
import { plainText } from '../shared/ui/plainText.ts';
import { Section } from '../shared/ui/Section.tsx';
import { Empty, Loading, ReadFailure } from '../shared/ui/states.tsx';

/** Which model the training begins with. What can't be trained from is shown with the reason. */
export function BaseStep({
  bases,
  error,
  chosen,
  onChoose,
}: {
  bases: readonly BaseModel[] | undefined;
  error: UserError | undefined;
  chosen: string;
  onChoose(name: string): void;
}) {
  const isMissing = chosen !== '' && bases !== undefined && !bases.some(({ name }) => name === chosen);
  return (
    <Section title="1. Base model">
      {error && <ReadFailure error={error} />}
      {!bases && !error && <Loading what="models" />}
      {bases?.length === 0 && (
        <Empty title="No language model is on this machine yet.">
          <p>
            Get one on the page of <PageLink to={{ page: 'models', name: '' }}>models</PageLink>. A small chat model, such as SmolLM2 135M,
            learns a task within minutes on a processor.
          </p>
        </Empty>
      )}
      {isMissing && (
        <p className="status-text tone-failed">
          There is no model “{plainText(chosen, 120)}” that a training can begin with. Choose another.
        </p>
      )}
      {bases && bases.length > 0 && (
        <div className="base-list" role="radiogroup" aria-label="Base model">
          {[...bases].sort(usableFirst).map((model) => (
            <BaseChoice key={model.name} model={model} isChosen={model.name === chosen} onChoose={() => onChoose(model.name)} />
          ))}
        </div>
      )}
    </Section>
  );
}

const usableFirst = (a: BaseModel, b: BaseModel): number => Number(a.reasons.length > 0) - Number(b.reasons.length > 0);

function BaseChoice({ model, isChosen, onChoose }: { model: BaseModel; isChosen: boolean; onChoose(): void }) {
  const { name, parameters, quantization, contextLength, license, reasons } = model;
  const facts = [
    parameters ? `${formatCount(parameters)} weights` : undefined,
    quantization,
    contextLength ? `context ${contextLength.toLocaleString('en')}` : undefined,
    license,
  ].flatMap((each) => (each === undefined ? [] : plainText(each, 80)));
  const isUnusable = reasons.length > 0;
  return (
    <label className={`base${isUnusable ? ' is-off' : ''}`}>
      <input type="radio" name="base" value={name} checked={isChosen} disabled={isUnusable} onChange={onChoose} />
      <span className="base-about">
        <span className="base-name">{plainText(name, 120)}</span>
        <span className="dim">{facts.join(' · ')}</span>
        {isUnusable && <span className="base-reason">Can’t be trained from: {plainText(reasons.join('; '), 400)}.</span>}
      </span>
    </label>
  );
}
