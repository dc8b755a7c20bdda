import { useEffect, useState } from 'react';
import { aside } from '../../../src/base/aside.ts';
import { ToolButton } from './ToolButton.tsx';

/** Puts `text` on the clipboard and says so for a moment. What is long is made when it is asked for. */
export function CopyButton({ text, label }: { text: string | (() => string); label: string }) {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), 1500);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <ToolButton
      icon={isCopied ? 'check' : 'copy'}
      label={isCopied ? 'Copied' : label}
      onClick={() =>
        aside(
          'copy',
          navigator.clipboard.writeText(typeof text === 'string' ? text : text()).then(() => setCopied(true)),
          console,
        )
      }
    />
  );
}
