import { checkCommand } from './checkCommand.ts';
import { checkPipeline } from './checkPipeline.ts';
import type { Diagnostic, FileSource } from './diagnostic.ts';
import { SpecDocument } from './document.ts';
import { type Kind, kindOf, kinds } from './kind.ts';
import { validateNode } from './validate.ts';

/** A file of ours, read and checked. `value` is the YAML as plain JSON. */
export interface Spec {
  file: string;
  kind: Kind;
  value: Record<string, any>;
  document: SpecDocument;
  /** Of this file and of every component file it names. */
  diagnostics: Diagnostic[];
  /** Component files of a pipeline's steps, by step. */
  components: Map<string, Spec>;
}

/** What came of reading a file: `spec` when it is of a kind we know and could be read, whatever is wrong with it. */
export interface LoadResult {
  spec?: Spec;
  diagnostics: Diagnostic[];
}

export interface LoadOptions {
  /** The text, where it is not what `files` has. */
  text?: string;
  /** The file as it was read before, with its edits; its checks start anew. Taken instead of `text`. */
  document?: SpecDocument;
  mustBeOurs?: boolean;
  /** Files that contain this one. */
  stack?: readonly string[];
  /** Component files by path that need not be loaded again. Whoever gives it removes what has changed, and what contains it. */
  loaded?: Map<string, LoadResult>;
}

/** Reads and checks a YAML file with everything it refers to. Never throws. A file that is none of Azure ML's has no diagnostics unless `mustBeOurs`. */
export function loadSpec(file: string, files: FileSource, options: LoadOptions = {}): LoadResult {
  const text = options.document?.text ?? options.text ?? files.readText(file);
  const nowhere = { start: { line: 1, column: 1 }, end: { line: 1, column: 1 } };
  if (text === undefined)
    return {
      diagnostics: [
        { file, code: 'MissingFile', severity: 'error', message: `The file ${file} does not exist or can't be read.`, range: nowhere },
      ],
    };
  const document = options.document ?? new SpecDocument(file, text);
  if (options.document) document.startChecks();
  const found = kindOf(document, options.mustBeOurs);
  if (document.hasSyntaxErrors)
    return { diagnostics: found || options.mustBeOurs || /azuremlschemas/.test(text) ? document.diagnostics : [] };
  if (found?.unsupported)
    document.report(
      document.pair([], 'type') ?? document.pair([], '$schema'),
      'UnsupportedKind',
      `"${found.unsupported}" is a kind of Azure ML that does not run on this machine yet.`,
      'Command and pipeline jobs do; the support table in the README lists all.',
    );
  else if (found?.unknownType) {
    document.report(
      document.pair([], 'type'),
      'UnknownKind',
      `"${found.unknownType.name}" is no kind of job.`,
      found.unknownType.nearest ? `Did you mean "${found.unknownType.nearest}"?` : 'Use "command" or "pipeline".',
    );
  } else if (!found && options.mustBeOurs) {
    document.report(
      document.root,
      'UnknownKind',
      'This is not recognised as Azure ML YAML.',
      'Add "$schema", or "type: command" or "type: pipeline".',
    );
  }
  if (!found?.kind) return { diagnostics: document.diagnostics };

  const { kind } = found;
  validateNode(document, document.root, kinds[kind], kindNames[kind]);
  const spec: Spec = {
    file,
    kind,
    value: (document.toValue(document.root) ?? {}) as Record<string, any>,
    document,
    diagnostics: document.diagnostics,
    components: new Map(),
  };
  if (kind === 'commandJob' || kind === 'commandComponent') checkCommand(spec, [], spec.value, files);
  if (kind === 'pipelineJob' || kind === 'pipelineComponent')
    checkPipeline(spec, files, { ...options, stack: [...(options.stack ?? []), file] });
  for (const component of spec.components.values())
    spec.diagnostics = [...spec.diagnostics, ...component.diagnostics.filter((each) => !spec.diagnostics.includes(each))];
  return { spec, diagnostics: spec.diagnostics };
}

export const kindNames: Record<Kind, string> = {
  commandJob: 'a command job',
  pipelineJob: 'a pipeline job',
  commandComponent: 'a command component',
  pipelineComponent: 'a pipeline component',
  environment: 'an environment',
  data: 'a data asset',
  model: 'a model',
};
