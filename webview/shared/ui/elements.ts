/** The elements of VS Code's look that the pages use; only these are bundled. */
import '@vscode-elements/elements/dist/vscode-button/index.js';
import '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import '@vscode-elements/elements/dist/vscode-option/index.js';
import '@vscode-elements/elements/dist/vscode-single-select/index.js';
import '@vscode-elements/elements/dist/vscode-textfield/index.js';
import type { VscodeButton } from '@vscode-elements/elements/dist/vscode-button/index.js';
import type { VscodeCheckbox } from '@vscode-elements/elements/dist/vscode-checkbox/index.js';
import type { VscodeOption } from '@vscode-elements/elements/dist/vscode-option/index.js';
import type { VscodeSingleSelect } from '@vscode-elements/elements/dist/vscode-single-select/index.js';
import type { VscodeTextfield } from '@vscode-elements/elements/dist/vscode-textfield/index.js';
import type { HTMLAttributes, RefAttributes } from 'react';

type VscodeAttributes<T extends HTMLElement, Keys extends keyof T> = Omit<HTMLAttributes<T>, Keys> &
  RefAttributes<T> &
  Partial<Pick<T, Keys>>;

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'vscode-button': VscodeAttributes<VscodeButton, 'secondary' | 'disabled'>;
      'vscode-checkbox': VscodeAttributes<VscodeCheckbox, 'checked' | 'disabled'> & { label?: string; onchange?(event: Event): void };
      'vscode-option': VscodeAttributes<VscodeOption, 'value' | 'selected'>;
      // Its `change` does not bubble to React's root: in lower case React listens on the element itself.
      'vscode-single-select': VscodeAttributes<VscodeSingleSelect, 'value' | 'disabled'> & {
        label?: string;
        onchange?(event: Event): void;
      };
      'vscode-textfield': VscodeAttributes<VscodeTextfield, 'value' | 'placeholder' | 'label' | 'type' | 'disabled' | 'invalid'>;
    }
  }
}
