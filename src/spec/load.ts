import { type AssetNames, checkAssets } from './checkAssets.ts';
import { checkBuild } from './checkBuild.ts';
import { checkCommand } from './checkCommand.ts';
import { checkConda } from './checkConda.ts';
import { checkExpressions } from './checkExpressions.ts';
import { checkFacts } from './checkFacts.ts';
import { checkFineTuning } from './checkFineTuning.ts';
import { checkOutputs } from './checkOutputs.ts';
import { checkPaths } from './checkPaths.ts';
import { checkPipeline } from './checkPipeline.ts';
import { checkPorts } from './checkPorts.ts';
import { checkSpark } from './checkSpark.ts';
import { codes, type Severities } from './codes.ts';
import type { Diagnostic, FileSource } from './diagnostic.ts';
import { SpecDocument } from './document.ts';
import { kindOf, type Recognised, typesOf } from './kind.ts';
import { type Kind, kindFacts, refusalOfKind, schemaAddress } from './kinds/all.ts';
import { settleSeverities } from './severities.ts';
import { validateRoot } from './validate.ts';

/** A file of ours, read and checked. `value` is the YAML as plain JSON. */
export interface Spec {
  file: string;
  kind: Kind;
  value: Record<string, any>;
  document: SpecDocument;
  /** Of this file and of every component file it names. */
  diagnostics: Diagnostic[];
  /** Those of the component files alone. */
  others: Diagnostic[];
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
  /** A step of another file names this one: a component then needs no name of its own. */
  isPart?: boolean;
  /** It is to run on this machine: what can't is an error rather than information. */
  mustRunHere?: boolean;
  /** Says what this machine does differently from Azure. */
  localNotes?: boolean;
  /** Assets of the connected plane; absent while there is none. */
  names?: AssetNames;
  /** What a person wants of each code. */
  severities?: Severities;
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
  const settled = () => settleSeverities(document.diagnostics, text, options.severities);
  const found = kindOf(document, options.mustBeOurs);
  if (document.hasSyntaxErrors) return { diagnostics: found || options.mustBeOurs || /azuremlschemas/.test(text) ? settled() : [] };
  if (found?.unknownType) reportUnknownType(document, found.unknownType);
  else if (!found?.kind && options.mustBeOurs)
    document.report(
      document.root,
      'UnknownKind',
      'This is not recognised as Azure ML YAML.',
      'Add "$schema", or "type: command" or "type: pipeline".',
    );
  if (!found?.kind) return { diagnostics: found || options.mustBeOurs ? settled() : [] };

  const { kind } = found;
  const facts = kindFacts[kind];
  const isWithin = facts.family === 'component' && (options.stack?.length ?? 0) > 0;
  const uses = validateRoot(document, facts.schema, facts.title, isWithin, isWithin || (facts.family === 'component' && options.isPart));
  reportKind(document, kind, found, options.mustRunHere === true);
  const spec: Spec = {
    file,
    kind,
    value: (document.toValue(document.root) ?? {}) as Record<string, any>,
    document,
    diagnostics: [],
    others: [],
    components: new Map(),
  };
  checkExpressions(document);
  checkEncoding(document);
  checkFacts(document, uses, files, { localNotes: options.localNotes === true, mustRunHere: options.mustRunHere === true });
  checkConda(document, uses, files, options.mustRunHere === true);
  checkBuild(document, uses, files, options.mustRunHere === true);
  if (options.names) checkAssets(document, uses, options.names);
  checkPaths(document, spec.value);
  if (facts.family === 'component') checkPorts(document, spec.value);
  if (facts.family === 'job') checkOutputs(document, ['outputs'], spec.value.outputs);
  if (kind === 'finetuningJob') checkFineTuning(document, spec.value, options.mustRunHere === true);
  if (kind === 'sparkJob') checkSpark(document, [], spec.value, files);
  const work = /^(command|sweep|parallel|spark)(Job|Component)$/.exec(kind);
  if (work) checkCommand(document, [], spec.value, work[1]!);
  if (kind === 'pipelineJob' || kind === 'pipelineComponent')
    checkPipeline(spec, files, { ...options, loaded: options.loaded ?? new Map(), stack: [...(options.stack ?? []), file] });
  spec.diagnostics = [...settled(), ...spec.others];
  return { spec, diagnostics: spec.diagnostics };
}

/** What is no UTF-8 was read as U+FFFD. Azure's client refuses such files. */
function checkEncoding(document: SpecDocument): void {
  const at = document.text.indexOf('\ufffd');
  if (at >= 0)
    document.reportAt(at, at + 1, 'YamlSyntax', 'The file is not UTF-8: this character can not be read.', 'Save the file as UTF-8.');
}

function reportUnknownType(document: SpecDocument, { name, nearest, family }: NonNullable<Recognised['unknownType']>): void {
  document.report(
    document.pair([], 'type') ?? document.pair([], '$schema'),
    'UnknownKind',
    `"${name}" is no kind of ${family}.`,
    nearest ? `Did you mean "${nearest}"?` : `It is one of ${Object.keys(typesOf[family]).join(', ')}.`,
  );
}

/** Says that the kind does not run here yet, what is deprecated about it, and where `$schema` says otherwise. */
function reportKind(document: SpecDocument, kind: Kind, { declared }: Recognised, mustRunHere: boolean): void {
  const facts = kindFacts[kind];
  const at = document.pair([], 'type') ?? document.pair([], '$schema') ?? document.root;
  const refusal = refusalOfKind(kind);
  if (refusal)
    document.report(at, 'UnsupportedKind', refusal.message, refusal.hint, mustRunHere ? 'error' : codes.UnsupportedKind.severity);
  if (
    declared &&
    declared !== kind &&
    kindFacts[declared].family === facts.family &&
    (facts.family === 'job' || facts.family === 'component')
  )
    document.report(
      document.pair([], '$schema'),
      'KindMismatch',
      `"$schema" says ${kindFacts[declared].title}, but "type" says ${facts.title}.`,
      `Azure goes by "type". Write "$schema: ${schemaAddress(kind)}".`,
      codes.KindMismatch.severity,
    );
}
