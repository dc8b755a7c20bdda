import { type FormEvent, type ReactNode, useEffect, useRef, useState } from 'react';

/** Asks for the name and value of a tag. `children` stand behind its button. */
export function TagForm({
  isDisabled = false,
  focusAtOnce = false,
  onAdd,
  onEscape,
  children,
}: {
  isDisabled?: boolean;
  /** For a form that was just asked for. */
  focusAtOnce?: boolean;
  onAdd(name: string, value: string): void;
  onEscape?: () => void;
  children?: ReactNode;
}) {
  const [name, setName] = useState('');
  const [value, setValue] = useState('');
  const first = useRef<HTMLInputElement>(null);
  // Not `autoFocus`: a menu that closes at the same time gives the focus back to where it was before, and this comes after it.
  useEffect(() => {
    if (focusAtOnce) first.current?.focus();
  }, [focusAtOnce]);

  function add(event: FormEvent) {
    event.preventDefault();
    if (name.trim() === '') return;
    onAdd(name.trim(), value.trim());
    setName('');
    setValue('');
  }
  return (
    <form className="tag-form" onSubmit={add} onKeyDown={(event) => event.key === 'Escape' && onEscape?.()}>
      <input
        ref={first}
        className="edit"
        aria-label="Name of the tag"
        placeholder="Name"
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <input
        className="edit"
        aria-label="Value of the tag"
        placeholder="Value"
        value={value}
        onChange={(event) => setValue(event.target.value)}
      />
      <button type="submit" className="tool" title="Add" aria-label="Add the tag" disabled={name.trim() === '' || isDisabled}>
        <span className="codicon codicon-check" aria-hidden="true" />
      </button>
      {children}
    </form>
  );
}
