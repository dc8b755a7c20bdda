import { Facts } from './Facts.tsx';

/** Names and literal values, such as parameters. */
export function LiteralFacts({ values }: { values: Iterable<readonly [name: string, value: string]> }) {
  return (
    <Facts
      facts={[...values].map(
        ([name, value]) =>
          [
            name,
            <code key={name} className="literal">
              {value}
            </code>,
          ] as const,
      )}
    />
  );
}
