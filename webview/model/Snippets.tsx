import { useState } from 'react';
import { CopyButton } from '../shared/ui/CopyButton.tsx';
import { Select } from '../shared/ui/fields.tsx';
import type { Snippet } from './snippets.ts';

/** The lines that get a version, one way at a time. */
export function Snippets({ snippets }: { snippets: readonly Snippet[] }) {
  const [chosen, choose] = useState('');
  const snippet = snippets.find((each) => each.title === chosen) ?? snippets[0]!;
  return (
    <div className="snippets">
      <div className="snippet-bar">
        <Select
          label="How to load it"
          value={snippet.title}
          options={snippets.map(({ title }) => ({ value: title, label: title }))}
          onChange={choose}
        />
        <CopyButton text={snippet.text} label="Copy the lines" />
      </div>
      <pre className="code">{snippet.text}</pre>
    </div>
  );
}
