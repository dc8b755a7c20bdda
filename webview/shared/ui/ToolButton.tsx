import { Icon } from './Icon.tsx';

interface ToolButtonProps {
  icon: string;
  /** What it does: its tooltip and its name for screen readers. */
  label: string;
  /** Shown beside the icon where there is room. */
  text?: string;
  pressed?: boolean;
  disabled?: boolean;
  onClick(): void;
}

/** A button of a toolbar, as the editor's own title bars have them. */
export function ToolButton({ icon, label, text, pressed, disabled, onClick }: ToolButtonProps) {
  return (
    <button
      type="button"
      className="tool"
      title={label}
      aria-label={nameOf(label, text)}
      aria-pressed={pressed}
      disabled={disabled}
      onClick={onClick}
    >
      <Icon name={icon} />
      {text && <span className="tool-text">{text}</span>}
    </button>
  );
}

/** Has the words that are seen, so that whoever speaks to the machine can say them. */
const nameOf = (label: string, text = ''): string => (label.toLowerCase().includes(text.toLowerCase()) ? label : `${label}: ${text}`);
