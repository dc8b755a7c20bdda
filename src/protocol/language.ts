import type { Static } from 'typebox';
import * as Type from 'typebox';
import { WorkspaceRef } from './arm.ts';

/** What the extension tells the language server when it starts it. */
export const LanguageOptions = Type.Object({
  /** Folder of the embedded plane whose names are offered. */
  dataFolder: Type.Optional(Type.String()),
  /** The shared plane and its workspace whose names are offered instead; null for none. */
  plane: Type.Optional(Type.Union([Type.Null(), Type.Object({ url: Type.String(), token: Type.String(), workspace: WorkspaceRef })])),
  /** Whether the editor has the extension's commands, which code lenses run. */
  hasCommands: Type.Optional(Type.Boolean()),
  /** Which workspace each file was last submitted to besides the current one, by uri, as a lens names it; null where there is no other plane. */
  submitTo: Type.Optional(Type.Union([Type.Null(), Type.Record(Type.String(), Type.String())])),
  /** Uri of the folder that has `docs/`, to which the codes of diagnostics lead. */
  docs: Type.Optional(Type.String()),
  /** Severity by code; `off` leaves a diagnostic out. */
  severities: Type.Optional(Type.Record(Type.String(), Type.Enum(['error', 'warning', 'information', 'off']))),
});
export type LanguageOptions = Static<typeof LanguageOptions>;

/** Notification of the server: what an open document is now. `kind` is absent for YAML that is none of Azure ML's. */
export const documentKind = 'updraft/documentKind';
export const DocumentKind = Type.Object({
  uri: Type.String(),
  isOurs: Type.Boolean(),
  isJob: Type.Boolean(),
  kind: Type.Optional(Type.String()),
});
export type DocumentKind = Static<typeof DocumentKind>;

/** Request to the server: check a file now, open or not. */
export const checkDocument = 'updraft/checkDocument';
export const CheckRequest = Type.Object({ uri: Type.String() });
/** How many of its diagnostics are errors, and how many are anything else. */
export const CheckResult = Type.Object({ isOurs: Type.Boolean(), errors: Type.Integer(), remarks: Type.Integer() });
export type CheckResult = Static<typeof CheckResult>;

/** Notification to the server: other options from now on. */
export const configureLanguage = 'updraft/configure';

/** Request to the server: the components of the workspace, by name. */
export const listComponents = 'updraft/components';
const Port = Type.Object({ name: Type.String(), type: Type.String(), optional: Type.Boolean() });
export const ComponentFile = Type.Object({
  uri: Type.String(),
  name: Type.String(),
  description: Type.Optional(Type.String()),
  inputs: Type.Array(Port),
  outputs: Type.Array(Port),
});
export type ComponentFile = Static<typeof ComponentFile>;
export const ComponentFiles = Type.Array(ComponentFile);

/** Request to the server: the files of the workspace that are Azure ML's, once all of it was read. */
export const listFiles = 'updraft/files';
export const SpecFile = Type.Object({ uri: Type.String(), isJob: Type.Boolean(), kind: Type.Optional(Type.String()) });
export type SpecFile = Static<typeof SpecFile>;
export const SpecFiles = Type.Array(SpecFile);

/** Request to the server: the YAML of a pipeline of these components in this order, for a file at `target`. Answers the text. */
export const assemblePipeline = 'updraft/assemble';
export const AssembleRequest = Type.Object({ target: Type.String(), components: Type.Array(Type.String()) });
export const AssembleAnswer = Type.String();
