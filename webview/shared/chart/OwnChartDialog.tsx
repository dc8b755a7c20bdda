import { useEffect, useRef, useState } from 'react';
import { Button } from '../ui/fields.tsx';
import { KeyPicker } from './KeyPicker.tsx';

export interface OwnChart {
  name: string;
  keys: readonly string[];
}

/** Lines that one chart of several metrics can still be read with. */
const mostKeys = 20;

/** Asks for the name and the metrics of a chart of one's own. */
export function OwnChartDialog({
  keys,
  chart,
  onSave,
  onClose,
}: {
  keys: readonly string[];
  chart: OwnChart | undefined;
  onSave(chart: OwnChart): void;
  onClose(): void;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const [name, setName] = useState(chart?.name ?? '');
  const [chosen, setChosen] = useState<readonly string[]>(chart?.keys ?? []);
  useEffect(() => dialog.current?.showModal(), []);
  const isTooMany = chosen.length > mostKeys;
  return (
    <dialog className="dialog chart-dialog" ref={dialog} aria-label="A chart of several metrics" onClose={onClose}>
      <h2>{chart ? 'Change the chart' : 'New chart'}</h2>
      <KeyPicker keys={keys} chosen={chosen} onChange={setChosen} />
      <label className="menu-row">
        <span>Name</span>
        <input
          className="edit"
          value={name}
          placeholder={chosen.slice(0, 3).join(', ')}
          onChange={(event) => setName(event.target.value)}
        />
      </label>
      {isTooMany && <p className="field-error">One chart has at most {mostKeys} metrics.</p>}
      <div className="dialog-buttons">
        <Button secondary onClick={onClose}>
          Cancel
        </Button>
        <Button
          disabled={chosen.length === 0 || isTooMany}
          onClick={() => onSave({ name: name.trim() || chosen.slice(0, 3).join(', '), keys: chosen })}
        >
          {chart ? 'Save' : 'Add the chart'}
        </Button>
      </div>
    </dialog>
  );
}
