import type { Principal } from '../protocol/principal.ts';
import type { WorkspaceStore } from '../store/store.ts';

/** Who asks, and for what: every request that is let in carries it, in both contracts. */
export interface Asked {
  principal: Principal;
  /** The workspace that was asked for, under its own name, whatever name the client has for it. */
  workspace: string;
  /** Its rows, as this principal reads and writes them. */
  store: WorkspaceStore;
  /** Whether it comes with a token that was issued to one of Azure's clients. */
  isAzureClient: boolean;
}

declare module 'hono' {
  interface ContextVariableMap {
    principal: Principal;
    asked: Asked;
    /** The JSON that came with the request, once it was read. */
    body: Record<string, unknown>;
    /** The route as it was declared, where one of Hono's stands for many. */
    route: string;
    /** Throws when who asks may not any more. Absent for those who always may. */
    stillMay: () => Promise<void>;
  }
}
