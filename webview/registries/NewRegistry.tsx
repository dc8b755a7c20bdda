import { useState } from 'react';
import { UserError } from '../../src/base/userError.ts';
import { useHost } from '../shared/host/host.ts';
import { Button, TextField } from '../shared/ui/fields.tsx';
import { Failure } from '../shared/ui/states.tsx';
import { useAction } from '../shared/ui/useAction.ts';

/** Makes a registry of a name that none of `taken` has, in any case, and leads to it: to write one again would change it. */
export function NewRegistry({ taken }: { taken: readonly string[] }) {
  const { client, open } = useHost();
  const { run, error, isRunning } = useAction();
  const [name, setName] = useState('');
  const wanted = name.trim();
  const make = () =>
    run(async () => {
      const there = taken.find((each) => each.toLowerCase() === wanted.toLowerCase());
      if (there !== undefined) throw new UserError('Conflict', `There is a registry "${there}" already.`, 'Choose another name.');
      const made = await client.putRegistry(wanted, { location: 'local' });
      open({ page: 'registry', name: made.name });
    });
  return (
    <form
      className="new-registry"
      aria-label="A new registry"
      onSubmit={(event) => {
        event.preventDefault();
        if (wanted && !isRunning) make();
      }}
    >
      <div className="bar">
        <TextField label="Name of a new registry" value={name} onChange={setName} />
        <Button secondary disabled={wanted === '' || isRunning} onClick={make}>
          Make a registry
        </Button>
      </div>
      {error && <Failure error={error} />}
    </form>
  );
}
