import { useState } from 'react';
import { deleteQuota, putQuota } from '../../src/client/quotas.ts';
import type { QuotaLimits } from '../../src/protocol/quota.ts';
import { useHost } from '../shared/host/host.ts';
import { Button, TextField } from '../shared/ui/fields.tsx';
import { Failure } from '../shared/ui/states.tsx';
import { useAction } from '../shared/ui/useAction.ts';

const fields = [
  ['jobsAtOnce', 'Jobs at once'],
  ['storageGb', 'GB of storage'],
  ['runningHours', 'Running hours'],
  ['windowDays', 'Within days'],
] as const satisfies readonly (readonly [keyof QuotaLimits, string])[];

/** The row of a quota while it is changed. A field that is left empty limits nothing. */
export function QuotaForm({ name, title, set, onDone }: { name: string; title: string; set: QuotaLimits | undefined; onDone(): void }) {
  const { client } = useHost();
  const action = useAction();
  const [values, setValues] = useState(() => Object.fromEntries(fields.map(([key]) => [key, set?.[key]?.toString() ?? ''])));
  const given = fields.filter(([key]) => values[key] !== '');
  const wrong = given.filter(([key]) => !(key === 'jobsAtOnce' || key === 'windowDays' ? /^\d+$/ : /^\d+(\.\d+)?$/).test(values[key]!));
  const isEmpty = given.every(([key]) => key === 'windowDays');
  const save = () =>
    action.run(async () => {
      if (isEmpty) await deleteQuota(client, name);
      else await putQuota(client, name, Object.fromEntries(given.map(([key]) => [key, Number(values[key])])));
      onDone();
    });
  return (
    <tr>
      <td colSpan={5}>
        <form
          className="quota-form"
          aria-label={`Quota of ${title}`}
          onSubmit={(event) => {
            event.preventDefault();
            if (wrong.length === 0) save();
          }}
        >
          <strong>{title}</strong>
          <div className="quota-fields">
            {fields.map(([key, label]) => (
              <div key={key} className="quota-field">
                <span aria-hidden="true">{label}</span>
                <TextField
                  label={label}
                  placeholder={key === 'windowDays' ? '30' : 'no limit'}
                  value={values[key]!}
                  onChange={(value) => setValues({ ...values, [key]: value.trim() })}
                  isInvalid={wrong.some(([each]) => each === key)}
                />
              </div>
            ))}
          </div>
          <div className="bar">
            <Button disabled={wrong.length > 0 || action.isRunning} onClick={save}>
              Save
            </Button>
            <Button secondary onClick={onDone}>
              Cancel
            </Button>
            {wrong.length > 0 && (
              <span className="dim">{wrong.map(([, label]) => label).join(', ')}: give a number, or nothing for no limit.</span>
            )}
          </div>
          {action.error && <Failure error={action.error} />}
        </form>
      </td>
    </tr>
  );
}
