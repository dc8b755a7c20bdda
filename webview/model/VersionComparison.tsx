import { type ModelVersion, runOf } from '../../src/protocol/asset.ts';
import { usePageState } from '../shared/host/pageState.ts';
import { useLive } from '../shared/live/useLive.ts';
import { Checkbox } from '../shared/ui/fields.tsx';
import { Icon } from '../shared/ui/Icon.tsx';
import { PageLink } from '../shared/ui/PageLink.tsx';
import { Empty, Loading, ReadFailure } from '../shared/ui/states.tsx';
import { readVersionFacts } from './versionFacts.ts';
import { versionSections } from './versionRows.ts';

/** Versions that are compared at once. */
const most = 8;

/** Versions of a model side by side: those that are chosen, at first the one that is looked at and the one before it. */
export function VersionComparison({ name, versions, current }: { name: string; versions: readonly ModelVersion[]; current: ModelVersion }) {
  const [kept, keep] = usePageState<string[]>('compared', []);
  const [onlyDifferences, setOnlyDifferences] = usePageState('differences', false);
  const at = versions.findIndex((each) => each.name === current.name);
  const beside = versions[at + 1] ?? versions[at - 1];
  const there = kept.filter((each) => versions.some((version) => version.name === each));
  const chosen = (there.length ? there : [beside?.name ?? '', current.name]).slice(0, most);
  const compared = versions.filter((each) => chosen.includes(each.name));
  // The oldest is what the others are compared with.
  const runs = [...new Set([...compared].reverse().flatMap((version) => runOf(version) ?? []))];
  const { value, error } = useLive(
    `compared versions of ${name} ${compared.map((each) => each.name).join(' ')}`,
    (client) => Promise.all(compared.map((version) => readVersionFacts(client, name, version))),
    ({ kind, id }) => kind === 'loggedModel' || ((kind === 'job' || kind === 'metric') && runs.includes(id)),
    1000,
  );
  // A version may have been chosen since the facts were read.
  const told = value?.length === compared.length ? compared.map((version, index) => ({ version, facts: value[index]! })) : undefined;
  return (
    <div className="version-comparison">
      <fieldset className="version-choice">
        <legend className="dim">Compared</legend>
        {versions.map((version) => {
          const isChosen = chosen.includes(version.name);
          return (
            <label key={version.name}>
              <input
                type="checkbox"
                checked={isChosen}
                disabled={(!isChosen && chosen.length >= most) || (isChosen && chosen.length === 1)}
                onChange={() => keep(isChosen ? chosen.filter((each) => each !== version.name) : [...chosen, version.name])}
              />
              Version {version.name}
            </label>
          );
        })}
      </fieldset>
      <div className="links">
        <Checkbox label="Only differences" checked={onlyDifferences} onChange={setOnlyDifferences} />
        {runs.length > 1 && (
          <PageLink to={{ page: 'runs', name: '', tab: 'compare', state: { selected: runs } }}>
            Compare their runs, with code, data and environment
          </PageLink>
        )}
      </div>
      {error && <ReadFailure error={error} />}
      {compared.length < 2 ? (
        <Empty title="Choose a second version to compare with." />
      ) : told ? (
        <ComparisonTable name={name} told={told} onlyDifferences={onlyDifferences} />
      ) : (
        !error && <Loading what="the versions" />
      )}
    </div>
  );
}

function ComparisonTable({
  name,
  told,
  onlyDifferences,
}: {
  name: string;
  told: Parameters<typeof versionSections>[0];
  onlyDifferences: boolean;
}) {
  const sections = versionSections(told).flatMap(({ title, rows }) => {
    const shown = onlyDifferences ? rows.filter(({ differs }) => differs) : rows;
    return shown.length ? [{ title, rows: shown }] : [];
  });
  if (sections.length === 0) return <Empty title="These versions do not differ in what is known of them." />;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is scrolled by keys
    <div className="version-table" tabIndex={0}>
      <table aria-label="Comparison of versions">
        <thead>
          <tr>
            <td />
            {told.map(({ version }) => (
              <th key={version.name} scope="col">
                <PageLink to={{ page: 'model', name, version: version.name }}>Version {version.name}</PageLink>
              </th>
            ))}
          </tr>
        </thead>
        {sections.map(({ title, rows }) => (
          <tbody key={title}>
            <tr>
              <th scope="rowgroup" colSpan={told.length + 1} className="version-section">
                {title}
              </th>
            </tr>
            {rows.map(({ label, texts, differs }) => (
              <tr key={label} className={differs ? 'differs' : ''}>
                <th scope="row" title={differs ? `${label}: the versions differ` : label}>
                  {label} {differs && <Icon name="diff-modified" />}
                </th>
                {texts.map((text, index) => (
                  <td key={told[index]!.version.name} title={text}>
                    {text ?? <span className="dim">–</span>}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        ))}
      </table>
    </div>
  );
}
