import { useEffect, useId, useRef } from 'react';
import { Button } from './fields.tsx';

/** A question before something that can't be undone. It takes the focus, and gives it back; Escape changes nothing. */
export function Confirm({
  question,
  detail,
  action,
  otherwise,
  onAnswer,
}: {
  question: string;
  detail: string;
  action: string;
  otherwise: string;
  onAnswer(isSure: boolean): void;
}) {
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    root.current?.focus();
    return () => {
      // Unless whoever was answered has put it elsewhere.
      if (document.activeElement === document.body) before?.focus({ preventScroll: true });
    };
  }, []);
  return (
    <div
      ref={root}
      tabIndex={-1}
      className="notice confirm"
      role="alertdialog"
      aria-labelledby={`${id}-question`}
      aria-describedby={`${id}-detail`}
      onKeyDown={(event) => event.key === 'Escape' && onAnswer(false)}
    >
      <p>
        <strong id={`${id}-question`}>{question}</strong>{' '}
        <span id={`${id}-detail`} className="dim">
          {detail}
        </span>
      </p>
      <Button onClick={() => onAnswer(true)}>{action}</Button>
      <Button secondary onClick={() => onAnswer(false)}>
        {otherwise}
      </Button>
    </div>
  );
}
