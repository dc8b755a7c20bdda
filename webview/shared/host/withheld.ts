import { useSyncExternalStore } from 'react';
import { Emitter } from '../../../src/base/event.ts';
import { useHost } from './host.ts';

/** What the roles of the person do not let do, as the editor says it. In a browser nothing is known of that: the plane says it when it is tried. */
export class Withheld {
  private readonly changes = new Emitter<void>();
  private rights: ReadonlySet<string> = new Set();

  set(rights: readonly string[]): void {
    this.rights = new Set(rights);
    this.changes.fire();
  }

  has = (right: string): boolean => this.rights.has(right);

  subscribe = (listener: () => void): (() => void) => {
    const subscription = this.changes.event(listener);
    return () => subscription.dispose();
  };
}

/** Why something can't be done here; undefined where it can. `what` completes a sentence: "cancel jobs". */
export function useWhyNot(right: 'cancelJobs' | 'submitJobs', what: string): string | undefined {
  const { withheld } = useHost();
  const isWithheld = useSyncExternalStore(withheld.subscribe, () => withheld.has(right));
  return isWithheld ? `Your roles do not let you ${what} in this workspace: ask an Owner of it` : undefined;
}
