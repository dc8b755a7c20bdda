import { createContext, useContext } from 'react';
import type { ChangeStream } from '../../../src/client/feed/changeStream.ts';
import type { PlaneClient } from '../../../src/client/planeClient.ts';
import type { WhomToAsk } from '../../../src/protocol/comment.ts';
import type { WhoAsks } from '../../../src/protocol/signIn.ts';
import type { PageAddress, WebviewCommand } from '../../../src/protocol/webview.ts';
import type { PageState } from './pageState.ts';
import type { Withheld } from './withheld.ts';

/** `workspace` is what the page would show, `others` the member's workspaces where that is none of them. */
export interface Access extends WhomToAsk {
  workspace: string;
  others: readonly string[];
}

/**
 * Where a page is shown, and all that differs there: an editor tab reaches the plane by messages and can ask the editor for things; a browser tab (the
 * Studio) fetches by itself.
 */
export interface Host {
  readonly kind: 'editor' | 'browser';
  readonly client: PlaneClient;
  readonly feed: ChangeStream;
  /** What the page keeps through a reload. */
  readonly state: PageState;
  /** All that the page keeps, for a link that shows the same. */
  kept(): Record<string, unknown>;
  /** The address that a link to a page has, for people to copy and for new tabs; `#` where pages have none. */
  href(address: PageAddress): string;
  open(address: PageAddress): void;
  /** Starts the page anew, with what it keeps. */
  reload(): void;
  /** What the roles of the person do not let do. */
  readonly withheld: Withheld;
  /** The member of a team who looks at the page; absent for others. */
  readonly member?: WhoAsks;
  /** Of a member: whom to ask for a role, and whether the workspace is one of the member's. Absent where that is not known. */
  readonly access?: Access;
  /** Asks for what only the editor can do; absent in a browser. */
  readonly command?: (command: WebviewCommand, args: Record<string, string>) => void;
}

const HostContext = createContext<Host | undefined>(undefined);
export const HostProvider = HostContext.Provider;

export function useHost(): Host {
  const host = useContext(HostContext);
  if (!host) throw new Error('A page is shown outside of a host.');
  return host;
}
