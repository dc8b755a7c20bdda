import { useState } from 'react';
import { listQuotas, textOfUse } from '../../src/client/quotas.ts';
import { defaultQuota, type QuotaUse, type QuotaView, usualWindowDays, workspaceQuota } from '../../src/protocol/quota.ts';
import { useLive } from '../shared/live/useLive.ts';
import { Button, TextField } from '../shared/ui/fields.tsx';
import { Icon } from '../shared/ui/Icon.tsx';
import { Loading, ReadFailure } from '../shared/ui/states.tsx';
import { ToolButton } from '../shared/ui/ToolButton.tsx';
import { QuotaForm } from './QuotaForm.tsx';

/** Milliseconds between two looks at what is used, at least. */
const pauseMs = 2000;
const columns = [
  ['jobsAtOnce', 'Jobs at once'],
  ['storageGb', 'Storage (GB)'],
  ['runningHours', 'Running hours'],
] as const satisfies readonly (readonly [keyof QuotaUse, string])[];

/** What jobs of the workspace, and of each person, may use and use. Who may, sets it here. */
export function QuotasPage() {
  const { value, error } = useLive(
    'quotas',
    (client) => listQuotas(client),
    ({ kind }) => kind === 'quota' || kind === 'job' || kind === 'artifact',
    pauseMs,
  );
  const [edited, setEdited] = useState<string>();
  const [person, setPerson] = useState('');
  const views = value?.views ?? [];
  const isNew = edited !== undefined && !views.some(({ name }) => name === edited);
  return (
    <main className="list-page">
      <h1>Quotas</h1>
      <p className="dim quota-intro">
        Jobs beyond "at once" wait in the queue. When hours or storage are used up, new jobs and uploads are refused; what runs goes on.
      </p>
      {error && <ReadFailure error={error} />}
      {!value && !error && <Loading what="the quotas" />}
      {value && (
        <table className="list quotas" aria-label="Quotas">
          <thead>
            <tr>
              <th scope="col">Whose</th>
              {columns.map(([key, title]) => (
                <th key={key} scope="col">
                  {title}
                </th>
              ))}
              {value.mayChange && (
                <th scope="col">
                  <span className="visually-hidden">Actions</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {views.map((view) =>
              edited === view.name ? (
                <QuotaForm
                  key={view.name}
                  name={view.name}
                  title={titleOf(view)}
                  set={view.properties.set}
                  onDone={() => setEdited(undefined)}
                />
              ) : (
                <QuotaRow key={view.name} view={view} onEdit={value.mayChange ? () => setEdited(view.name) : undefined} />
              ),
            )}
            {isNew && <QuotaForm name={edited} title={edited} set={undefined} onDone={() => setEdited(undefined)} />}
          </tbody>
        </table>
      )}
      {value?.mayChange && (
        <form
          className="bar quota-person"
          onSubmit={(event) => {
            event.preventDefault();
            if (person.trim()) setEdited(person.trim());
          }}
        >
          <TextField label="A person" placeholder="Name of a person" value={person} onChange={setPerson} />
          <Button secondary disabled={person.trim() === ''} onClick={() => setEdited(person.trim())}>
            Set a quota
          </Button>
        </form>
      )}
    </main>
  );
}

const titleOf = ({ name }: QuotaView): string =>
  name === workspaceQuota ? 'All jobs of the workspace' : name === defaultQuota ? 'Each person' : name;

function QuotaRow({ view, onEdit }: { view: QuotaView; onEdit: (() => void) | undefined }) {
  const { of, set, limits } = view.properties;
  const title = titleOf(view);
  return (
    <tr>
      <td>
        <div className="list-name">
          <Icon name={of === 'workspace' ? 'organization' : of === 'default' ? 'settings' : 'account'} />
          <span title={title}>{title}</span>
          {of === 'person' && set && <span className="badge">own quota</span>}
        </div>
      </td>
      {columns.map(([key]) => (
        <td key={key}>
          <Use view={view} of={key} />
          {key === 'runningHours' && (limits.runningHours !== undefined || of === 'workspace') && (
            <span className="dim"> in {limits.windowDays ?? usualWindowDays} days</span>
          )}
        </td>
      ))}
      {onEdit && (
        <td className="quota-actions">
          <ToolButton icon="edit" label={`Change the quota of ${title}`} onClick={onEdit} />
        </td>
      )}
    </tr>
  );
}

function Use({ view, of }: { view: QuotaView; of: keyof QuotaUse }) {
  const { used, limits } = view.properties;
  const limit = limits[of];
  const text = textOfUse(view, of);
  if (!used || limit === undefined) return <span className={used || limit !== undefined ? undefined : 'dim'}>{text}</span>;
  const share = limit === 0 ? 1 : Math.min(1, used[of] / limit);
  return (
    <span className="quota-use">
      <span>{text}</span>
      <span className="quota-bar" aria-hidden="true">
        <span className={share >= 1 ? 'is-full' : undefined} style={{ width: `${share * 100}%` }} />
      </span>
    </span>
  );
}
