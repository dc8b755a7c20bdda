import { lazy } from 'react';
import { Later } from '../../shared/ui/Later.tsx';
import { Popover } from '../../shared/ui/Popover.tsx';
import type { ColumnChoicesProps } from './ColumnChoices.tsx';

// Loaded when it is opened.
const ColumnChoices = lazy(async () => ({ default: (await import('./ColumnChoices.tsx')).ColumnChoices }));

/** What the table shows: found by a part of its name among thousands of keys. */
export function ColumnChooser(props: ColumnChoicesProps) {
  return (
    <Popover icon="list-selection" label="Choose the columns" text="Columns">
      <div className="columns-panel">
        <Later what="the columns" instead={null}>
          <ColumnChoices {...props} />
        </Later>
      </div>
    </Popover>
  );
}
