import { useState } from 'react';
import { CopyButton } from '../shared/ui/CopyButton.tsx';
import { Select } from '../shared/ui/fields.tsx';
import type { requestOf } from './conversation.ts';
import { snippetsOf } from './snippets.ts';

/** Code that asks a model the same, in one language at a time. */
export function CodeView({ request }: { request: ReturnType<typeof requestOf> }) {
  const snippets = snippetsOf(request);
  const [chosen, choose] = useState('');
  const snippet = snippets.find(({ title }) => title === chosen) ?? snippets[0]!;
  return (
    <section className="code-view" aria-label="Code">
      <div className="code-bar">
        <Select
          label="Language"
          value={snippet.title}
          options={snippets.map(({ title }) => ({ value: title, label: title }))}
          onChange={choose}
        />
        <CopyButton text={snippet.text} label="Copy the code" />
        <span className="dim">
          <code>updraft env</code> prints the address and the key.
        </span>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and the keyboard is to scroll it */}
      <pre className="code" tabIndex={0}>
        {snippet.text}
      </pre>
    </section>
  );
}
