import { Icon } from '../ui/Icon.tsx';

/** Says to who writes which mentions reach nobody. */
export function NotTold({ names }: { names: readonly string[] }) {
  if (names.length === 0) return null;
  return (
    <div className="notice comment-not-told" role="status">
      <Icon name="info" />
      <div>
        <p>Not told: {names.map((name) => `@${name}`).join(', ')}.</p>
        <p className="dim">Only members who may read this workspace are told. An Owner gives them a role.</p>
      </div>
    </div>
  );
}
