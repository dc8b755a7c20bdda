import { useId } from 'react';
import { formatBytes, plural } from '../../src/base/text.ts';
import type { UserError } from '../../src/base/userError.ts';
import type { ExampleFile, ExampleForm, ExamplesAnswer, LineProblem, TokenCounts, Unread } from '../../src/protocol/finetuningForm.ts';
import { useHost } from '../shared/host/host.ts';
import { Icon } from '../shared/ui/Icon.tsx';
import { plainText } from '../shared/ui/plainText.ts';
import { Section } from '../shared/ui/Section.tsx';
import { Loading, ReadFailure } from '../shared/ui/states.tsx';
import { ToolButton } from '../shared/ui/ToolButton.tsx';
import { LengthBars } from './LengthBars.tsx';
import type { Lengths } from './lengths.ts';
import { isWholePath, nameOfFile } from './paths.ts';

export interface DataStepProps {
  training: string;
  validation: string;
  onTraining(path: string): void;
  onValidation(path: string): void;
  onLookAgain(): void;
  examples: ExamplesAnswer | undefined;
  error: UserError | undefined;
  /** Of the training data. */
  counts: TokenCounts | undefined;
  validationCounts: TokenCounts | undefined;
  lengths: Lengths | undefined;
  validationLengths: Lengths | undefined;
  testCounts: TokenCounts | undefined;
  testLengths: Lengths | undefined;
  mostTokens: number;
  /** Tokens that the base model was made for. */
  contextLength: number | undefined;
  /** Why tokens are not counted, or that they are being counted. */
  tokensNote: string | undefined;
  tokensError: UserError | undefined;
  skipsBadRows: boolean;
  onSkipBadRows(skips: boolean): void;
}

/** The examples: where they are, what is in them, and what is wrong with them. */
export function DataStep(props: DataStepProps) {
  const { training, validation, onTraining, onValidation, onLookAgain, examples, error } = props;
  return (
    <Section title="2. Data" actions={training && <ToolButton icon="refresh" label="Read the files again" onClick={onLookAgain} />}>
      <FileField
        label="Training data"
        which="training"
        help="A file of JSON Lines, or a folder of such files: one example a line, with messages, with prompt and completion, or with instruction, input and output. In a folder, valid.jsonl and test.jsonl are what they are called."
        value={training}
        onChange={onTraining}
      />
      <FileField
        label="Validation data, if you have some"
        which="validation"
        help="Without it, a tenth of the training data is kept for it, and another tenth for the test."
        value={validation}
        onChange={onValidation}
      />
      {error && <ReadFailure error={error} />}
      {isWholePath(training) && !examples && !error && <Loading what="the data" />}
      {examples && (
        <FileReport title="Training data" found={examples.training} {...props} lengths={props.lengths} counts={props.counts} isTraining />
      )}
      {examples?.validation && (
        <FileReport
          title="Validation data"
          found={examples.validation}
          {...props}
          lengths={props.validationLengths}
          counts={props.validationCounts}
          isTraining={false}
        />
      )}
      {examples?.test && (
        <FileReport
          title="Test data"
          found={examples.test}
          {...props}
          lengths={props.testLengths}
          counts={props.testCounts}
          isTraining={false}
        />
      )}
    </Section>
  );
}

function FileField({
  label,
  which,
  help,
  value,
  onChange,
}: {
  label: string;
  which: 'training' | 'validation';
  help: string;
  value: string;
  onChange(value: string): void;
}) {
  const { command } = useHost();
  const id = useId();
  const fault = value !== '' && !isWholePath(value) ? 'The whole path, from the root of the disk.' : undefined;
  return (
    <div className="setting is-long">
      <label htmlFor={id}>{label}</label>
      <div className="file-field">
        <input
          id={id}
          className="edit"
          value={value}
          placeholder="/path/to/examples.jsonl, or a folder"
          spellCheck={false}
          aria-describedby={`${id}-help`}
          {...(fault ? { 'aria-invalid': true } : {})}
          onInput={({ currentTarget }) => onChange(currentTarget.value)}
        />
        {command && (
          <>
            <ToolButton
              icon="file"
              label={`Choose the ${which} data`}
              text="File"
              onClick={() => command('finetuning.chooseData', { which })}
            />
            <ToolButton
              icon="folder-opened"
              label={`Choose a folder of ${which} data`}
              text="Folder"
              onClick={() => command('finetuning.chooseData', { which, kind: 'folder' })}
            />
          </>
        )}
      </div>
      <p id={`${id}-help`} className={fault ? 'tone-failed' : 'dim'}>
        {fault ?? help}
      </p>
    </div>
  );
}

const formTexts: Record<ExampleForm, string> = {
  messages: 'messages',
  prompt: 'prompt and completion',
  instruction: 'instruction and output',
};

function FileReport({
  title,
  found,
  isTraining,
  counts,
  lengths,
  mostTokens,
  contextLength,
  tokensNote,
  tokensError,
  skipsBadRows,
  onSkipBadRows,
}: DataStepProps & { title: string; found: ExampleFile | Unread; isTraining: boolean }) {
  if ('error' in found)
    return (
      <div className="notice notice-error" role="alert">
        <Icon name="error" />
        <div>
          <p>{plainText(found.error, 500)}</p>
          {found.hint && <p className="dim">{plainText(found.hint, 500)}</p>}
        </div>
      </div>
    );
  const { path, files, bytes, rows, wrong, duplicates, known, isPart, forms } = found;
  const problems = problemsOf(found, counts, lengths, mostTokens);
  const bad = wrong + (counts?.refused.length ?? 0) + (lengths?.tooLongCount ?? 0);
  const facts = [
    ...(files > 1 ? [plural(files, 'file')] : []),
    plural(rows, 'row'),
    ...(Object.keys(forms) as ExampleForm[]).map((form) => `with ${formTexts[form]}`),
    formatBytes(bytes),
  ];
  return (
    <section className="data-report" aria-label={title}>
      <p>
        <strong>{plainText(nameOfFile(path), 100)}</strong>
        {!isTraining && `, ${title.toLowerCase()}`} <span className="dim">{facts.join(' · ')}</span>
      </p>
      {isPart && <Warning>It is so large that only its beginning was read here. The job reads all of it.</Warning>}
      {rows === 0 && wrong === 0 && <Warning>It has no rows.</Warning>}
      {bad > 0 && (
        <div className="notice data-problems">
          <p className="status-text">
            <Icon name="error" className="tone-failed" />
            <span>
              <strong>
                {lengths?.isAtLeast && lengths.tooLongCount > 0 ? 'At least ' : ''}
                {plural(bad, 'row')} can’t be learned from.
              </strong>{' '}
              {skipsBadRows ? 'They are left out.' : 'The job ends before it trains, unless they are left out.'}
            </span>
          </p>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it is scrolled with the keyboard */}
          <ul className="problem-list" aria-label={`Problems of the ${title.toLowerCase()}`} tabIndex={0}>
            {problems.map(({ file, line, text }) => (
              <li key={`${file} ${line} ${text}`}>
                <span className="number">
                  {file === undefined ? 'Line' : `${plainText(file, 60)}, line`} {line.toLocaleString('en')}
                </span>{' '}
                <span>{plainText(text, 300)}</span>
              </li>
            ))}
            {bad > problems.length && <li className="dim">and {(bad - problems.length).toLocaleString('en')} more</li>}
          </ul>
          <label className="check">
            <input type="checkbox" checked={skipsBadRows} onChange={({ currentTarget }) => onSkipBadRows(currentTarget.checked)} />
            Leave them out
          </label>
        </div>
      )}
      {duplicates > 0 && (
        <Warning>
          {plural(duplicates, 'row')} {duplicates === 1 ? 'repeats' : 'repeat'} another one.
          {isTraining && ' A copy may come to the test, whose answers then prove nothing.'}
        </Warning>
      )}
      {known > 0 && (
        <Warning>
          {plural(known, 'row')} {known === 1 ? 'is' : 'are'} in the training data, too: {known === 1 ? 'it says' : 'they say'} little about
          what was learned.
        </Warning>
      )}
      {lengths && contextLength !== undefined && Math.min(lengths.longest, mostTokens) > contextLength && (
        <Warning>
          The model was made for {contextLength.toLocaleString('en')} tokens. Lower the sequence length to that: what is beyond it is
          learned badly, and does not fit when the model answers.
        </Warning>
      )}
      {counts && lengths && <LengthBars counts={counts} lengths={lengths} mostTokens={mostTokens} />}
      {isTraining && tokensError && <ReadFailure error={tokensError} />}
      {isTraining && !counts && !tokensError && tokensNote && <p className="dim">{tokensNote}</p>}
      {found.first.length > 0 && <FirstRows file={found} title={title} />}
    </section>
  );
}

/** Those of the file, of the template, and rows that are too long, by their lines. */
function problemsOf(file: ExampleFile, counts: TokenCounts | undefined, lengths: Lengths | undefined, mostTokens: number): LineProblem[] {
  const tooLong = (lengths?.tooLong ?? []).map(({ tokens, ...place }) => ({
    ...place,
    text: `it has ${tokens.toLocaleString('en')} tokens, and max_seq_length is ${mostTokens.toLocaleString('en')}`,
  }));
  return [...file.problems, ...(counts?.refused ?? []), ...tooLong]
    .sort((a, b) => (a.file ?? '').localeCompare(b.file ?? '') || a.line - b.line)
    .slice(0, 100);
}

function Warning({ children }: { children: React.ReactNode }) {
  return (
    <p className="status-text data-warning">
      <Icon name="warning" className="tone-warning" />
      <span>{children}</span>
    </p>
  );
}

function FirstRows({ file, title }: { file: ExampleFile; title: string }) {
  return (
    <details className="first-rows" open={title === 'Training data'}>
      <summary>
        The first {plural(file.first.length, 'row')} of the {title.toLowerCase()}
      </summary>
      <ol>
        {file.first.map(({ file: name, line, messages }) => (
          <li key={`${name} ${line}`}>
            {messages.map(({ role, text }, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a row's messages stay where they are
              <p key={at} className={`message is-${role === 'assistant' ? 'answer' : 'question'}`}>
                <span className="dim">{role}</span> <span className="message-text">{plainText(text, 400)}</span>
              </p>
            ))}
          </li>
        ))}
      </ol>
    </details>
  );
}
