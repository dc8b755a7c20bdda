import { type ComponentType, lazy, useState } from 'react';

/**
 * A component that is loaded when it is first shown, beneath a `Suspense`. One that was loaded before, by `load`, is shown at once, with nothing in its place until then.
 */
export function part<P extends object>(read: () => Promise<ComponentType<P>>): ComponentType<P> & { load(): Promise<void> } {
  let loaded: ComponentType<P> | undefined;
  const load = async () => {
    loaded = await read();
  };
  const Later = lazy(async () => {
    await load();
    return { default: loaded! };
  }) as unknown as ComponentType<P>;
  const Part = (props: P) => {
    // Which one stays as it is while it is mounted: another one would begin anew.
    const [Shown] = useState<ComponentType<P>>(() => loaded ?? Later);
    return <Shown {...props} />;
  };
  return Object.assign(Part, { load });
}
