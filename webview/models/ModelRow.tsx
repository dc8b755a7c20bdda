import { type ReactNode, useId, useState } from 'react';
import { Icon } from '../shared/ui/Icon.tsx';
import { plainText } from '../shared/ui/plainText.ts';
import { ToolButton } from '../shared/ui/ToolButton.tsx';
import type { Look } from './modelTexts.ts';

/** A model in a list: its name and what is known of it, whether it runs here, how fast it is, what can be done with it, and more below when that is opened. */
export function ModelRow({
  name,
  badge,
  line,
  look,
  speed,
  actions,
  isCompared,
  onCompare,
  children,
}: {
  name: string;
  badge?: string | undefined;
  line: string;
  /** Whether it runs here. */
  look?: Look | undefined;
  speed?: ReactNode;
  actions: ReactNode;
  isCompared?: boolean;
  onCompare?: (() => void) | undefined;
  /** Shown when the row is opened. */
  children?: ReactNode;
}) {
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  const shown = plainText(name, 120);
  return (
    <li className="model-row" aria-labelledby={id}>
      <div className="model-about">
        <p className="model-name">
          <strong id={id}>{shown}</strong> {badge && <span className="badge">{badge}</span>}
        </p>
        <p className="dim">{line}</p>
      </div>
      <div className="model-judged">
        {look && (
          <p className="status-text">
            <Icon name={look.icon} className={look.tone} />
            <span>{look.text}</span>
          </p>
        )}
        {look?.why && <p className="dim">{plainText(look.why)}</p>}
        {speed}
      </div>
      <div className="toolbar" role="toolbar" aria-label={`Actions of ${shown}`}>
        {actions}
        {onCompare && <ToolButton icon="diff" label={`Compare ${shown}`} pressed={isCompared ?? false} onClick={onCompare} />}
        {children && (
          <ToolButton
            icon={isOpen ? 'chevron-up' : 'chevron-down'}
            label={isOpen ? `Less about ${shown}` : `More about ${shown}`}
            pressed={isOpen}
            onClick={() => setOpen(!isOpen)}
          />
        )}
      </div>
      {isOpen && <div className="model-more">{children}</div>}
    </li>
  );
}
