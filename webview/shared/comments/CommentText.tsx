import { useMemo } from 'react';
import { Markdown } from '../files/previews/Markdown.tsx';
import { safeText } from '../ui/safeText.ts';
import { readComment } from './readComment.ts';

/** What a person wrote. Characters that would turn the direction of what follows are shown by their number. */
export function CommentText({ text, mentions }: { text: string; mentions: readonly string[] }) {
  const names = mentions.join(' ');
  const read = useMemo(() => readComment(names === '' ? [] : names.split(' ')), [names]);
  return <Markdown text={useMemo(() => safeText(text), [text])} read={read} />;
}
