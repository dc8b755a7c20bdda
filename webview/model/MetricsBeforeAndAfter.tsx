import { plainText } from '../shared/ui/plainText.ts';
import { Section } from '../shared/ui/Section.tsx';
import { metricRows } from './tunedTexts.ts';

/** How good the base model is and what has become of it, on rows that it was not trained on. `rows`: how many. */
export function MetricsBeforeAndAfter({
  before,
  after,
  rows,
}: {
  before: Readonly<Record<string, number>>;
  after: Readonly<Record<string, number>>;
  rows: number | undefined;
}) {
  const metrics = metricRows(before, after);
  if (metrics.length === 0) return null;
  return (
    <Section title="Before and after">
      <table className="tuned-metrics">
        <caption className="dim">
          {rows
            ? `On ${rows.toLocaleString('en')} test rows, which the training did not see.`
            : 'On test rows, which the training did not see.'}
        </caption>
        <thead>
          <tr>
            <th scope="col">Metric</th>
            <th scope="col">Base model</th>
            <th scope="col">Tuned</th>
          </tr>
        </thead>
        <tbody>
          {metrics.map(({ key, title, before: from, after: to, became }) => (
            <tr key={key}>
              <th scope="row">{plainText(title, 100)}</th>
              <td className="number">{from}</td>
              <td className="number">
                {to} {became && <span className={`tuned-became ${became === 'better' ? 'tone-passed' : 'tone-failed'}`}>{became}</span>}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
