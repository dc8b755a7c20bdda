import type { Node, Pair } from 'yaml';
import { nearest } from '../base/nearest.ts';
import { jobTypes, stepRefusalOf } from '../protocol/jobTypes.ts';
import { referenceIn } from './checkAssets.ts';
import { checkCommand, forPeople, isForeign } from './checkCommand.ts';
import { checkOutputs } from './checkOutputs.ts';
import { outputMacros } from './checkPaths.ts';
import { checkSpark } from './checkSpark.ts';
import { checkSingleBraces } from './checkText.ts';
import { codes, type DiagnosticCode } from './codes.ts';
import type { FileSource } from './diagnostic.ts';
import type { SpecDocument } from './document.ts';
import { expressionsIn, wholeExpression } from './expression.ts';
import { isComponentKind } from './kind.ts';
import { kindFacts } from './kinds/all.ts';
import { type LoadOptions, loadSpec, type Spec } from './load.ts';
import { beside, isLocalPath } from './paths.ts';
import {
  compatible,
  isDataType,
  isMapValue,
  literalFits,
  outputTypes,
  type Signature,
  signatureOf,
  typeOfInput,
  unknownSignature,
} from './signature.ts';

/** Nested pipeline components that are followed. */
const depthLimit = 20;

type Map = Record<string, any>;

/** An expression in a step. `whole`: it is the whole value. */
export interface Reference {
  place: 'inputs' | 'outputs' | 'other';
  /** Of the input or output. */
  name: string;
  /** Key path of the text, below the step. */
  at: (string | number)[];
  path: string[];
  whole: boolean;
}

/** Checks the graph: component files, references between steps, missing and surplus inputs, types, cycles. What concerns one step alone is remembered by the document. */
export function checkPipeline(spec: Spec, files: FileSource, options: LoadOptions): void {
  const { document, value } = spec;
  const { jobs } = value;
  if (!isMapValue(jobs)) return checkOwnComponent(spec, files, options);
  const steps = Object.keys(jobs);
  const names = sameText(document, steps.join('\n'));
  const stepNames = new Set(steps);
  /** Names that are still looked for, so that a file full of mistakes is answered in time too. */
  let suggestions = 100;
  const pipelineInputs: Map = isMapValue(value.inputs) ? value.inputs : {};
  const signatures = new Map<string, Signature>();
  const references = new Map<string, Reference[]>();
  for (const step of steps) {
    signatures.set(step, signatureOfStep(step));
    references.set(
      step,
      keep(step, 'references', [], () => referencesOf(jobs[step])),
    );
  }
  for (const step of steps) {
    const own = references.get(step)!;
    const others = own.map(({ path }) => (path[0] === 'parent' && path[1] === 'jobs' ? signatures.get(path[2] ?? '') : undefined));
    keep(step, 'bindings', [signatures.get(step), value.inputs, value.outputs, names, ...others], () => checkBindings(step, own));
  }
  checkBound();
  checkComputes();
  reportCycle();
  checkOrder();

  /** Remembers what is computed of one step; `compute` reports at that step alone. */
  function keep<T>(step: string, what: string, given: unknown[], compute: () => T): T {
    return document.standsAlone(['jobs', step]) ? document.remember(['jobs', step], what, given, compute) : compute();
  }

  function report(
    at: Node | Pair | null | undefined,
    code: DiagnosticCode,
    message: string,
    hint?: string,
    severity = codes[code].severity,
  ): void {
    document.report(at, code, message, hint, severity);
  }

  function signatureOfStep(step: string): Signature {
    const body = jobs[step];
    if (!isMapValue(body)) return unknownSignature;
    const type = typeof body.type === 'string' ? body.type : 'command';
    const key = type === 'sweep' ? 'trial' : 'component';
    const reference = body[key];
    const loaded =
      typeof reference === 'string' && !reference.startsWith('azureml:') && isLocalPath(reference)
        ? componentFile(step, key, reference)
        : undefined;
    if (loaded) {
      spec.components.set(step, loaded);
      for (const each of loaded.diagnostics) if (!spec.others.includes(each)) spec.others.push(each);
    }
    const ofPlane = typeof reference === 'string' && !loaded ? componentOfPlane(reference) : undefined;
    return keep(step, 'signature', [loaded, ofPlane, options.mustRunHere], () => {
      // What is no type of a step at all is said where the step is held against its schema.
      const refusal = Object.hasOwn(jobTypes, type) && jobTypes[type]!.isStep ? stepRefusalOf(step, type) : undefined;
      if (refusal)
        report(
          document.pair(['jobs', step], 'type'),
          'UnsupportedKind',
          refusal.message,
          refusal.hint,
          options.mustRunHere ? 'error' : undefined,
        );
      if (type === 'spark' && (loaded || typeof reference !== 'string'))
        checkSpark(document, ['jobs', step], body, files, loaded?.value ?? (isMapValue(reference) ? reference : undefined));
      if (typeof reference === 'string')
        return loaded || ofPlane
          ? drawn(signatureOf(loaded?.value ?? ofPlane!), body)
          : { ...unknownSignature, listed: Object.keys(isMapValue(body.outputs) ? body.outputs : {}) };
      if (isMapValue(reference)) {
        checkCommand(document, ['jobs', step, key], reference, type === 'sweep' ? 'command' : type);
        return drawn(signatureOf(reference), body);
      }
      checkCommand(document, ['jobs', step], body, type);
      return {
        inputs: undefined,
        outputs: ['command', 'parallel', 'spark', 'automl'].includes(type) ? outputTypes(body.outputs) : undefined,
      };
    });
  }

  /** What a component of the connected plane declares, as far as that is known now. */
  function componentOfPlane(reference: string): Map | undefined {
    const named = referenceIn('components', reference);
    // A label but the newest version's is a version that is not known here.
    if (!named || (reference.includes('@') && !reference.endsWith('@latest'))) return undefined;
    return options.names?.component(named.name, named.version);
  }

  function componentFile(step: string, key: string, reference: string): Spec | undefined {
    const path = beside(spec.file, reference);
    if (files.kind(path) !== 'file') return undefined;
    const at = () => document.at(['jobs', step, key]);
    const stack = options.stack ?? [];
    if (stack.includes(path) || stack.length > depthLimit) {
      report(at(), 'Cycle', `The component ${reference} contains itself.`, "A pipeline component can't be a step of its own.");
      return undefined;
    }
    const known = options.loaded?.get(path);
    const loaded = known ?? loadSpec(path, files, { ...withoutDocument(options), mustBeOurs: true, stack });
    options.loaded?.set(path, loaded);
    if (!loaded.spec) {
      for (const each of loaded.diagnostics) if (!spec.others.includes(each)) spec.others.push(each);
      return undefined;
    }
    const { kind } = loaded.spec;
    if (kind === 'promptFlow' || kind === 'promptFlowRun') return undefined;
    if (!isComponentKind(kind) && kindFacts[kind].family !== 'job') {
      report(at(), 'InvalidValue', `${reference} is ${kindFacts[kind].title}, no component.`, 'Name the file of a component.');
      return undefined;
    }
    if (kind === 'pipelineJob') {
      report(at(), 'InvalidValue', `${reference} is a pipeline job, no component.`, 'Name the file of a component.');
      return undefined;
    }
    return loaded.spec;
  }

  function checkBindings(step: string, own: Reference[]): void {
    const body = jobs[step];
    if (!isMapValue(body)) return;
    const signature = signatures.get(step)!;
    const given: Map = isMapValue(body.inputs) ? body.inputs : {};
    for (const [name, input] of Object.entries(given)) {
      const wanted = signature.inputs?.[name];
      if (signature.inputs && !wanted) {
        const close = suggested(name, Object.keys(signature.inputs));
        report(
          document.pair(['jobs', step, 'inputs'], name),
          'UnknownInput',
          `The component of "${step}" has no input "${name}".`,
          close ? `Did you mean "${close}"?` : undefined,
        );
      } else if (wanted) checkLiteral(step, name, input, wanted.type);
    }
    for (const [name, { optional }] of Object.entries(signature.inputs ?? {}))
      if (!optional && !(name in given))
        report(
          document.pair(['jobs'], step),
          'MissingInput',
          `The step "${step}" does not give the input "${name}", which its component needs.`,
          `Add "${name}:" under "inputs:".`,
        );
    for (const name of Object.keys(isMapValue(body.outputs) ? body.outputs : {}))
      if (signature.outputs && (body.component !== undefined || body.trial !== undefined) && !(name in signature.outputs)) {
        const close = suggested(name, Object.keys(signature.outputs));
        report(
          document.pair(['jobs', step, 'outputs'], name),
          'InvalidReference',
          `The component of "${step}" has no output "${name}".`,
          close ? `Did you mean "${close}"?` : undefined,
        );
      }
    for (const reference of own) checkReference(step, reference, signature);
    checkOutputs(document, ['jobs', step, 'outputs'], body.outputs);
    for (const kind of ['inputs', 'outputs'])
      for (const [name, each] of Object.entries(isMapValue(body[kind]) ? body[kind] : {}))
        if (typeof each === 'string' && each.includes('{')) checkSingleBraces(document, document.at(['jobs', step, kind, name]), each);
  }

  function checkLiteral(step: string, name: string, input: unknown, wanted: string): void {
    const at = () => document.at(['jobs', step, 'inputs', name]);
    if (isMapValue(input)) {
      if (typeof input.type === 'string' && !compatible(input.type, wanted)) mismatch(at(), name, wanted, input.type);
      return;
    }
    if (input === null || Array.isArray(input)) return;
    if (isDataType(wanted)) {
      if (typeof input !== 'string') mismatch(at(), name, wanted, typeof input);
    } else if (!(typeof input === 'string' && input.includes('${{')) && !literalFits(input, wanted))
      mismatch(at(), name, wanted, typeof input === 'string' ? `"${input}"` : String(input));
  }

  function checkReference(step: string, { place, name, at, path, whole }: Reference, signature: Signature): void {
    const [root, scope, ...rest] = path;
    const node = () => document.at(['jobs', step, ...at]);
    const wanted = place === 'inputs' && whole ? signature.inputs?.[name]?.type : undefined;
    const text = path.join('.');
    if (root !== 'parent') {
      if (place === 'outputs' && path.length === 1 && outputMacros.includes(root!)) return;
      if (place === 'other' && forPeople.includes(String(at[0]))) return;
      if (place === 'other' && (root === 'inputs' || root === 'outputs' || root === 'search_space')) {
        // Work in place is checked with its command.
        const declared = jobs[step].component === undefined || root === 'search_space' ? undefined : signature[root];
        if (declared) known(node, path.slice(1).join('.'), declared, `The component of "${step}" has no ${root.slice(0, -1)}`, `${root}.`);
        return;
      }
      report(
        node(),
        'InvalidReference',
        `\${{${text}}} is not known here.`,
        'In a pipeline use ${{parent.inputs.NAME}} or ${{parent.jobs.STEP.outputs.NAME}}.',
        // A file that another program fills in first may say what it likes, but not the name of a step.
        place === 'other' && isForeign(root ?? '') && !(root === 'jobs' && stepNames.has(scope ?? '')) ? 'warning' : undefined,
      );
    } else if (scope === 'inputs') {
      const input = rest.join('.');
      if (!known(node, input, pipelineInputs, 'The pipeline has no input', 'parent.inputs.') || !wanted) return;
      const given = typeOfInput(pipelineInputs[input]);
      if (given && !compatible(given, wanted)) mismatch(node(), name, wanted, given);
      if (isLeftOut(pipelineInputs[input]) && signature.inputs?.[name]?.optional === false)
        report(
          node(),
          'OptionalInput',
          `The step "${step}" needs "${name}", but the input "${input}" is optional and may be left out.`,
          'Make both optional, or give the outer one a default.',
          'error',
        );
    } else if (scope === 'outputs') {
      const output = rest.join('.');
      if (place === 'inputs')
        report(
          node(),
          'OutputNotReady',
          `\${{${text}}} is an output of the whole pipeline, which exists only when all steps have ended.`,
          'Read the output of the step that writes it.',
        );
      else known(node, output, isMapValue(value.outputs) ? value.outputs : {}, 'The pipeline has no output', 'parent.outputs.');
    } else if (scope === 'jobs') checkStepReference(step, node, rest, text, place, name, wanted);
    else {
      const close = nearest(scope ?? '', ['inputs', 'outputs', 'jobs']);
      report(
        node(),
        'InvalidReference',
        `\${{${text}}} is not known.`,
        close ? `Did you mean "parent.${close}"?` : 'After "parent." comes "inputs", "outputs" or "jobs".',
      );
    }
  }

  function checkStepReference(
    step: string,
    node: () => Node | null,
    rest: string[],
    text: string,
    place: string,
    name: string,
    wanted: string | undefined,
  ): void {
    const [other = '', direction, ...output] = rest;
    if (!known(node, other, stepNames, 'The pipeline has no step', 'parent.jobs.')) return;
    // Control flow names steps as a whole.
    if (direction === undefined && place === 'other') return;
    if (other === step && place !== 'other') return report(node(), 'Cycle', `The step "${step}" reads its own output.`);
    if (direction !== 'outputs' || output.length === 0) {
      if (direction !== 'inputs')
        report(
          node(),
          'InvalidReference',
          `\${{${text}}} must name an output of "${other}".`,
          `Write \${{parent.jobs.${other}.outputs.NAME}}.`,
        );
      return;
    }
    const { outputs, listed } = signatures.get(other) ?? unknownSignature;
    const wantedOutput = output.join('.');
    if (listed?.length && !listed.includes(wantedOutput)) {
      const close = suggested(wantedOutput, [...listed]);
      return report(
        node(),
        'InvalidReference',
        `The step "${other}" does not list an output "${wantedOutput}"; its component is not known here and may have more.`,
        close ? `Did you mean \${{parent.jobs.${other}.outputs.${close}}}?` : `It lists ${listed.join(', ')}.`,
        'warning',
      );
    }
    if (!outputs || !known(node, wantedOutput, outputs, `The step "${other}" has no output`, `parent.jobs.${other}.outputs.`) || !wanted)
      return;
    const given = outputs[wantedOutput]!;
    if (!compatible(given, wanted)) mismatch(node(), name, wanted, given);
  }

  function known(node: () => Node | null, name: string, among: Map | Set<string>, message: string, prefix: string): boolean {
    if (among instanceof Set ? among.has(name) : Object.hasOwn(among, name)) return true;
    const names = among instanceof Set ? [...among] : Object.keys(among);
    const close = suggested(name, names);
    report(
      node(),
      'InvalidReference',
      `${message} "${name}".`,
      close ? `Did you mean \${{${prefix}${close}}}?` : names.length ? `There are ${names.slice(0, 12).join(', ')}.` : 'There are none.',
    );
    return false;
  }

  function suggested(name: string, names: string[]): string | undefined {
    return suggestions-- > 0 ? nearest(name, names) : undefined;
  }

  function mismatch(node: Node | null, name: string, wanted: string, given: string): void {
    // Azure hands a file over where a folder is wanted and the other way round; a program may still stumble.
    const tolerated = isDataType(given) && isDataType(wanted);
    report(
      node,
      'TypeMismatch',
      `"${name}" is ${given}, but the step wants ${wanted}.`,
      'Change one of the two types.',
      tolerated ? 'warning' : undefined,
    );
  }

  /** A pipeline's output that no step is bound to would never be written. */
  function checkBound(): void {
    const bound = new Set<string>();
    for (const own of references.values())
      for (const { path } of own) if (path[0] === 'parent' && path[1] === 'outputs') bound.add(path.slice(2).join('.'));
    for (const name of Object.keys(isMapValue(value.outputs) ? value.outputs : {}))
      if (!bound.has(name))
        report(
          document.pair(['outputs'], name),
          'UnboundOutput',
          `No step writes the pipeline's output "${name}".`,
          `Bind it in a step: "outputs: {NAME: \${{parent.outputs.${name}}}}".`,
        );
  }

  /** Azure wants to know where each step runs. */
  function checkComputes(): void {
    // What is submitted to this machine needs none.
    if (options.mustRunHere || spec.kind !== 'pipelineJob' || value.compute !== undefined || value.settings?.default_compute !== undefined)
      return;
    const without = steps.filter((step) => needsCompute(jobs[step], spec.components.get(step)));
    if (without.length === 0) return;
    report(
      document.pair([], 'jobs'),
      'NoCompute',
      without.length === 1
        ? `In Azure the step "${without[0]}" needs a compute.`
        : `In Azure the steps ${without.slice(0, 5).join(', ')}${without.length > 5 ? ', …' : ''} need a compute.`,
      'Add "settings: {default_compute: azureml:NAME}".',
    );
  }

  function readBy(step: string): string[] {
    const own = references.get(step) ?? [];
    if (own.length === 0) return [];
    return own.flatMap(({ place, path }) =>
      place !== 'other' && path[0] === 'parent' && path[1] === 'jobs' && path[2] !== step && signatures.has(path[2] ?? '')
        ? [path[2]!]
        : [],
    );
  }

  function reportCycle(): void {
    const done = new Set<string>();
    for (const start of steps) {
      if (done.has(start) || references.get(start)?.length === 0) continue;
      // Depth first by hand: a chain may be longer than the stack of calls.
      const trail: { step: string; next: string[] }[] = [{ step: start, next: readBy(start) }];
      const open = new Set([start]);
      while (trail.length) {
        const last = trail.at(-1)!;
        const next = last.next.pop();
        if (next === undefined) {
          done.add(last.step);
          open.delete(last.step);
          trail.pop();
        } else if (open.has(next)) {
          const names = trail.map(({ step }) => step);
          const circle = [...names.slice(names.indexOf(next)), next];
          report(
            document.pair(['jobs'], next),
            'Cycle',
            `The steps wait for each other: ${circle.slice(0, 12).join(' → ')}.`,
            'Take one of the bindings out of the circle.',
          );
          return;
        } else if (!done.has(next)) {
          open.add(next);
          trail.push({ step: next, next: readBy(next) });
        }
      }
    }
  }

  /** `on_init` comes before all other steps, `on_finalize` after them. */
  function checkOrder(): void {
    const { on_init: first, on_finalize: last } = isMapValue(value.settings) ? value.settings : ({} as Map);
    for (const [key, step] of [
      ['on_init', first],
      ['on_finalize', last],
    ] as const)
      if (typeof step === 'string' && step && !step.includes('${{') && !steps.includes(step)) {
        const close = nearest(step, steps);
        report(
          document.at(['settings', key]),
          'InvalidReference',
          `The pipeline has no step "${step}".`,
          close ? `Did you mean "${close}"?` : undefined,
        );
      }
    if (!first && !last) return;
    for (const step of steps)
      for (const { path, at, place } of references.get(step) ?? []) {
        if (place === 'other' || path[1] !== 'jobs') continue;
        const other = path[2];
        if (step === first && other !== first)
          report(
            document.at(['jobs', step, ...at]),
            'OutputNotReady',
            `"${step}" runs before all other steps, but reads an output of "${other}".`,
            'Remove the binding, or "on_init".',
          );
        else if (other === last && step !== last)
          report(
            document.at(['jobs', step, ...at]),
            'OutputNotReady',
            `"${other}" runs after all other steps; its output does not exist when "${step}" runs.`,
            'Remove the binding, or "on_finalize".',
          );
      }
  }
}

/** A pipeline job that is a component gives what the component needs. */
function checkOwnComponent({ document, value, others, file }: Spec, files: FileSource, options: LoadOptions): void {
  const { component, inputs } = value;
  if (typeof component !== 'string' || !isLocalPath(component)) return;
  const path = beside(file, component);
  if (files.kind(path) !== 'file' || (options.stack ?? []).includes(path)) return;
  const loaded = options.loaded?.get(path) ?? loadSpec(path, files, { ...withoutDocument(options), mustBeOurs: true });
  options.loaded?.set(path, loaded);
  others.push(...loaded.diagnostics);
  if (loaded.spec?.kind !== 'pipelineComponent') return;
  const wanted = signatureOf(loaded.spec.value).inputs ?? {};
  const given: Map = isMapValue(inputs) ? inputs : {};
  for (const name of Object.keys(given))
    if (!Object.hasOwn(wanted, name)) {
      const close = nearest(name, Object.keys(wanted));
      document.report(
        document.pair(['inputs'], name),
        'UnknownInput',
        `The component has no input "${name}".`,
        close ? `Did you mean "${close}"?` : undefined,
        codes.UnknownInput.severity,
      );
    }
  for (const [name, { optional }] of Object.entries(wanted))
    if (!optional && !Object.hasOwn(given, name))
      document.report(
        document.pair([], 'component'),
        'MissingInput',
        `The job does not give the input "${name}", which its component needs.`,
        `Add "${name}:" under "inputs:".`,
        codes.MissingInput.severity,
      );
}

/** Whether Azure refuses a step of this kind without a compute of its own; of a pipeline within, whether that has a step that it refuses. */
function needsCompute(step: unknown, component: Spec | undefined, depth = 0): boolean {
  if (!isMapValue(step) || step.compute !== undefined) return false;
  const type = step.type ?? 'command';
  if (component?.kind === 'pipelineComponent' || component?.value.jobs !== undefined) {
    const { jobs: inner } = component.value;
    return (
      depth < depthLimit &&
      isMapValue(inner) &&
      Object.entries(inner).some(([name, each]) => needsCompute(each, component.components.get(name), depth + 1))
    );
  }
  return ['command', 'sweep', 'parallel', 'import', 'automl'].includes(type);
}

/** Whether an input may be left out without a value that takes its place. */
const isLeftOut = (input: unknown): boolean => isMapValue(input) && input.optional === true && input.default === undefined;

const texts = new WeakMap<SpecDocument, string>();

/** A text that is the same object while it says the same, so that each of many steps can be told at once that nothing changed. */
function sameText(document: SpecDocument, text: string): string {
  const before = texts.get(document);
  if (before === text) return before;
  texts.set(document, text);
  return text;
}

/** The options of a file without what is of this file alone. */
function withoutDocument({ text: _text, document: _document, ...options }: LoadOptions): LoadOptions {
  return options;
}

/** Inputs of a trial that the sweep draws need not be given. */
function drawn(signature: Signature, body: Map): Signature {
  if (!isMapValue(body.search_space) || !signature.inputs) return signature;
  const space = body.search_space;
  return {
    ...signature,
    inputs: Object.fromEntries(
      Object.entries(signature.inputs).map(([name, input]) => [name, name in space ? { ...input, optional: true } : input]),
    ),
  };
}

/** Every expression of a step but those of commands and of components in place, which have scopes of their own. */
export function referencesOf(body: unknown): Reference[] {
  const found: Reference[] = [];
  const visit = (value: unknown, at: (string | number)[]): void => {
    if (typeof value === 'string') {
      if (!value.includes('${{')) return;
      const [first, second] = at;
      const place = first === 'inputs' || first === 'outputs' ? first : 'other';
      for (const { path } of expressionsIn(value))
        found.push({ place, name: place === 'other' ? '' : String(second ?? ''), at, path, whole: wholeExpression(value) !== undefined });
    } else if (typeof value === 'object' && value !== null && at.length < 12)
      for (const [key, child] of Object.entries(value)) {
        if (at.length === 0 && ['command', 'component', 'trial', 'task', 'args', 'jobs', 'input_data'].includes(key)) continue;
        visit(child, [...at, Array.isArray(value) ? Number(key) : key]);
      }
  };
  visit(body, []);
  return found;
}
