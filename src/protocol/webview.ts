import type { Static } from 'typebox';
import * as Type from 'typebox';
import type { WorkspaceRef } from './arm.ts';
import { DocumentGraph } from './graph.ts';

/**
 * Messages between a page and the extension that hosts it. A page uses the same `PlaneClient` as everyone; its `fetch` is carried by
 * `fetch`/`response`/`chunk`/`end`, since a webview may run on another machine than the plane. The Studio has no host: there the page fetches by itself.
 */
export const webviewCommands = [
  'job.openLog',
  'job.openYaml',
  'job.openSnapshot',
  'job.download',
  'job.cancel',
  'job.rerun',
  'job.debug',
  'job.open',
  'job.compareCode',
  'job.compareYaml',
  'runs.open',
  'job.revealError',
  'job.openFile',
  'asset.open',
  'model.open',
  'model.register',
  'artifact.open',
  'artifact.save',
  'graph.save',
  'file.save',
  'link.copy',
  'external.open',
  'playground.open',
  'models.open',
  'finetuning.open',
  'finetuning.chooseData',
  'finetuning.save',
  'endpoint.open',
  'model.followDownload',
  'hub.setToken',
] as const;
export type WebviewCommand = (typeof webviewCommands)[number];

export const FromWebview = Type.Union([
  Type.Object({ type: Type.Literal('ready') }),
  Type.Object({
    type: Type.Literal('fetch'),
    id: Type.Integer(),
    method: Type.String(),
    /** Path and query on the plane; never another host. */
    path: Type.String(),
    headers: Type.Record(Type.String(), Type.String()),
    body: Type.Optional(Type.String()),
  }),
  Type.Object({ type: Type.Literal('abort'), id: Type.Integer() }),
  /** The page asks to be started anew: a part of it has not come. */
  Type.Object({ type: Type.Literal('reload') }),
  /** Asks for what only the editor can do. `args` are names (job, path, …), checked by the command. */
  Type.Object({ type: Type.Literal('command'), command: Type.Enum([...webviewCommands]), args: Type.Record(Type.String(), Type.String()) }),
]);
export type FromWebview = Static<typeof FromWebview>;

/**
 * Which page to show. `tab` is one of its tabs, `version` one of a model's or another asset's (the newest when absent); `state` is what else of what the page
 * keeps it begins with, such as a filter.
 */
export const PageAddress = Type.Object({
  /** `runs`: the table and charts of an experiment's runs, whose name it has; '' for all. */
  page: Type.Enum([
    'job',
    'jobs',
    'runs',
    'schedules',
    'playground',
    'endpoint',
    'endpoints',
    'model',
    'models',
    'finetuning',
    'data',
    'environment',
    'component',
    'audit',
    'quotas',
    'registries',
    'registry',
  ]),
  name: Type.String(),
  /** The registry that a model or another asset is in; absent: it is in the workspace. */
  registry: Type.Optional(Type.String()),
  tab: Type.Optional(Type.String()),
  version: Type.Optional(Type.String()),
  state: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
});
export type PageAddress = Static<typeof PageAddress>;

export type ToWebview =
  | { type: 'init'; address: PageAddress; workspace: Static<typeof WorkspaceRef> }
  | { type: 'navigate'; address: PageAddress }
  /** What the roles of the person do not let do in the workspace, by the names of `extension/state/rights.ts`. */
  | { type: 'withheld'; rights: string[] }
  | { type: 'response'; id: number; status: number; headers: Record<string, string> }
  | { type: 'chunk'; id: number; data: Uint8Array }
  | { type: 'end'; id: number; error?: string };

/** What the page of a file's graph tells the editor. */
export const FromGraphPage = Type.Union([
  Type.Object({ type: Type.Literal('ready') }),
  /** A node was chosen: the cursor goes there. */
  Type.Object({ type: Type.Literal('reveal'), node: Type.String() }),
  /** These nested pipelines are to be shown in place. */
  Type.Object({ type: Type.Literal('expand'), nodes: Type.Array(Type.String()) }),
  Type.Object({ type: Type.Literal('save'), svg: Type.String() }),
]);
export type FromGraphPage = Static<typeof FromGraphPage>;

/** What the editor tells the page of a file's graph. */
export const ToGraphPage = Type.Union([
  /** `name` is the file's; `uri` is what the page keeps, so that the editor can bring it back. */
  Type.Object({ type: Type.Literal('init'), uri: Type.String(), name: Type.String() }),
  Type.Object({ type: Type.Literal('graph'), graph: DocumentGraph }),
  /** The node that the cursor is in; absent for none. */
  Type.Object({ type: Type.Literal('cursor'), node: Type.Optional(Type.String()) }),
]);
export type ToGraphPage = Static<typeof ToGraphPage>;

/** What the page of a graph keeps through a reload of its window. */
export const GraphPageState = Type.Object({
  uri: Type.String(),
  expanded: Type.Array(Type.String()),
  direction: Type.Enum(['down', 'right']),
});
export type GraphPageState = Static<typeof GraphPageState>;
