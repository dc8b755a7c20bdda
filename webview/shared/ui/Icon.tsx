/** One of VS Code's icons (codicons) by name. Decoration: what it means is said in words beside it, or in the label of its button. */
export function Icon({ name, spin, className }: { name: string; spin?: boolean; className?: string | undefined }) {
  return (
    <span
      aria-hidden="true"
      className={`codicon codicon-${name}${spin ? ' codicon-modifier-spin' : ''}${className ? ` ${className}` : ''}`}
    />
  );
}
