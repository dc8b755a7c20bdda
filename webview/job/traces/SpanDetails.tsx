import { useMemo } from 'react';
import { formatDuration } from '../../../src/base/text.ts';
import { JsonTree } from '../../shared/files/JsonTree.tsx';
import { CopyButton } from '../../shared/ui/CopyButton.tsx';
import { Icon } from '../../shared/ui/Icon.tsx';
import { plainText } from '../../shared/ui/plainText.ts';
import { Section } from '../../shared/ui/Section.tsx';
import { attributeValue, type Span } from './spans.ts';
import { tokenCount, tokenParts, tokenText } from './tokenCount.ts';
import { iconOfSpan, lookOfSpan, spanDuration, typeText } from './traceLook.ts';

const inputs = ['mlflow.spanInputs', 'input.value'];
const outputs = ['mlflow.spanOutputs', 'output.value'];
/** Said elsewhere on the page. */
const said = new Set([...inputs, ...outputs, 'mlflow.spanType', 'mlflow.traceRequestId']);
/** Most characters of a text that are shown. */
const most = 20_000;

/** What a span got, gave and says of itself. */
export function SpanDetails({ span }: { span: Span }) {
  const look = lookOfSpan(span);
  const tokens = tokenCount(attributeOf(span, ['mlflow.chat.tokenUsage'])?.value);
  const [given, answered] = useMemo(() => [attributeOf(span, inputs), attributeOf(span, outputs)], [span]);
  const rest = useMemo(() => {
    const others = [...span.attributes].filter(([key]) => !said.has(key));
    return others.length > 0 ? Object.fromEntries(others.map(([key, text]) => [key, attributeValue(text)])) : undefined;
  }, [span]);
  const events = useMemo(() => (span.events.length > 0 ? span.events : undefined), [span]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what is scrolled must be reachable by the keyboard
    <section className="span-details" aria-label={`Span ${plainText(span.name, 200)}`} tabIndex={0}>
      <h3>
        <Icon name={iconOfSpan(span.type)} />
        <span>{plainText(span.name, 1000)}</span>
      </h3>
      <p className="span-facts">
        <span className="trace-status">
          <Icon name={look.icon} spin={look.spin === true} className={`tone-${look.tone}`} /> {look.label}
        </span>
        {typeText(span.type) && <span className="badge">{plainText(typeText(span.type), 60)}</span>}
        {span.end !== undefined && <span className="number">{spanDuration(Math.max(0, span.end - span.start), formatDuration)}</span>}
        {tokens && (
          <span className="number">
            {tokenText(tokens)} tokens{tokenParts(tokens) && <span className="dim"> ({tokenParts(tokens)})</span>}
          </span>
        )}
      </p>
      {span.message && <pre className="span-message">{plainLines(span.message)}</pre>}
      {given && <Shown title="Inputs" value={given.value} raw={given.raw} />}
      {answered && <Shown title="Outputs" value={answered.value} raw={answered.raw} />}
      {rest && <Shown title="Attributes" value={rest} raw={() => JSON.stringify(rest, undefined, 2)} />}
      {events && <Shown title="Events" value={events} raw={() => JSON.stringify(events, undefined, 2)} />}
      {!given && !answered && !rest && !events && <p className="dim">It has no inputs, outputs, attributes or events.</p>}
    </section>
  );
}

function Shown({ title, value, raw }: { title: string; value: unknown; raw: string | (() => string) }) {
  return (
    <Section title={title} actions={<CopyButton text={raw} label={`Copy: ${title}`} />}>
      {typeof value === 'string' ? <pre className="span-value">{plainLines(value)}</pre> : <JsonTree value={value} label={title} />}
    </Section>
  );
}

function attributeOf({ attributes }: Span, keys: readonly string[]): { value: unknown; raw: string } | undefined {
  const raw = keys.map((key) => attributes.get(key)).find((each) => each !== undefined);
  return raw === undefined ? undefined : { value: attributeValue(raw), raw };
}

/** Lines stay lines; what is long is cut, and says so. */
function plainLines(text: string): string {
  const lines = text
    .slice(0, most)
    .split('\n')
    .map((line) => plainText(line, most))
    .join('\n');
  return text.length > most ? `${lines}…\n(${text.length.toLocaleString('en')} characters)` : lines;
}
