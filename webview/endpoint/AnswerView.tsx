import { formatBytes } from '../../src/base/text.ts';
import { CopyButton } from '../shared/ui/CopyButton.tsx';
import { Icon } from '../shared/ui/Icon.tsx';
import { safeText } from '../shared/ui/safeText.ts';
import { prettyJson } from './jsonText.ts';

/** What a deployment has said to a request. */
export interface Answer {
  status: number;
  ms: number;
  answeredBy?: string | undefined;
  text: string;
}

/** Characters that are painted. */
const mostShown = 200_000;

export function AnswerView({ answer, isOld }: { answer: Answer; isOld: boolean }) {
  const { status, ms, answeredBy, text } = answer;
  const isGood = status >= 200 && status < 300;
  const title = isOld ? 'Past answer' : 'Answer';
  const pretty = prettyJson(text);
  return (
    <section className="endpoint-answer" aria-label={title}>
      <header>
        <h2>{title}</h2>
        <span className={isGood ? 'status-good' : 'status-bad'}>
          <Icon name={isGood ? 'pass' : 'error'} />
          {status} {meanings[status] ?? ''}
        </span>
        <span className="dim number">{timeText(ms)}</span>
        {answeredBy && <span className="dim">by {answeredBy}</span>}
        <span className="dim number">{formatBytes(text.length)}</span>
        <CopyButton text={text} label="Copy the answer" />
      </header>
      {text === '' ? (
        <p className="dim">It is empty.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys
        <section className="answer-body" tabIndex={0} aria-label="Body of the answer">
          <pre>{safeText(pretty.slice(0, mostShown))}</pre>
        </section>
      )}
      {pretty.length > mostShown && <p className="dim">{pretty.length - mostShown} more characters are not shown. Copy has them all.</p>}
    </section>
  );
}

const timeText = (ms: number): string =>
  ms < 10 ? `${ms.toFixed(1)} ms` : ms < 10_000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`;

const meanings: Record<number, string> = {
  200: 'OK',
  400: 'Bad Request',
  404: 'Not Found',
  408: 'Timeout',
  413: 'Too Large',
  424: 'Model Error',
  429: 'Too Many Requests',
  500: 'Server Error',
  502: 'Bad Gateway',
  503: 'Unavailable',
};
