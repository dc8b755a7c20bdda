import './elements.ts';
import type { VscodeCheckbox } from '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import type { VscodeSingleSelect } from '@vscode-elements/elements/dist/vscode-single-select/index.js';
import type { VscodeTextfield } from '@vscode-elements/elements/dist/vscode-textfield/index.js';
import type { ReactNode } from 'react';

interface TextFieldProps {
  label: string;
  value: string;
  placeholder?: string;
  onChange(value: string): void;
  isInvalid?: boolean;
  onKeyDown?: (event: React.KeyboardEvent) => void;
}

export function TextField({ label, value, placeholder, onChange, isInvalid = false, onKeyDown }: TextFieldProps) {
  return (
    <vscode-textfield
      className="field"
      label={label}
      placeholder={placeholder ?? label}
      value={value}
      invalid={isInvalid}
      onInput={(event) => onChange((event.target as VscodeTextfield).value)}
      {...(onKeyDown ? { onKeyDown } : {})}
    />
  );
}

export function Select({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: string;
  options: readonly { value: string; label: string }[];
  onChange(value: string): void;
}) {
  return (
    <vscode-single-select
      className="select"
      label={label}
      title={label}
      value={value}
      onchange={(event) => onChange((event.target as unknown as VscodeSingleSelect).value)}
    >
      {options.map((option) => (
        <vscode-option key={option.value} value={option.value} selected={option.value === value}>
          {option.label}
        </vscode-option>
      ))}
    </vscode-single-select>
  );
}

export function Checkbox({ label, checked, onChange }: { label: string; checked: boolean; onChange(checked: boolean): void }) {
  return (
    <vscode-checkbox label={label} checked={checked} onchange={(event) => onChange((event.target as unknown as VscodeCheckbox).checked)} />
  );
}

export function Button({
  children,
  secondary,
  disabled,
  onClick,
}: {
  children: ReactNode;
  secondary?: boolean;
  disabled?: boolean;
  onClick(): void;
}) {
  return (
    <vscode-button secondary={secondary ?? false} disabled={disabled ?? false} onClick={onClick}>
      {children}
    </vscode-button>
  );
}
