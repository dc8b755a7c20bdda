import { Button } from './fields.tsx';

/** The end of a long list of which more can be read. */
export function LoadMore({ onClick }: { onClick(): void }) {
  return (
    <p className="more">
      <Button secondary onClick={onClick}>
        Load more
      </Button>
    </p>
  );
}
