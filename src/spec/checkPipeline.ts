import { isMap, isScalar, type Node } from 'yaml';
import { nearest } from '../base/nearest.ts';
import { checkCommand } from './checkCommand.ts';
import type { FileSource } from './diagnostic.ts';
import { expressionsIn, wholeExpression } from './expression.ts';
import { PipelineStep } from './kinds/pipelineJob.ts';
import { type LoadOptions, loadSpec, type Spec } from './load.ts';
import { beside } from './paths.ts';
import { validateNode } from './validate.ts';

/** What a step takes and gives, as far as it is known here: a component of the plane (`azureml:…`) is not. */
export interface Signature {
  inputs: Record<string, { type: string; optional: boolean }>;
  outputs: Record<string, string>;
}

const stepName = /^[a-z_][a-z0-9_]*$/i;
/** Nested pipeline components that are followed. */
const depthLimit = 20;

/** Checks the graph: step names, component files, references between steps, missing and surplus inputs, types, cycles. */
export function checkPipeline(spec: Spec, files: FileSource, { stack = [], loaded: atHand }: LoadOptions): void {
  const { document, value } = spec;
  const jobs = value.jobs;
  if (typeof jobs !== 'object' || jobs === null || Array.isArray(jobs)) return;
  const steps = Object.keys(jobs);
  const signatures = new Map<string, Signature | undefined>();
  for (const step of steps) signatures.set(step, checkStep(step));
  for (const step of steps) checkBindings(step);
  checkOutputs();
  reportCycle();

  function checkStep(step: string): Signature | undefined {
    const node = document.at(['jobs', step]);
    const pair = document.pair(['jobs'], step);
    const body = jobs[step];
    if (!stepName.test(step))
      document.report(pair, 'InvalidValue', `"${step}" is no name for a step.`, 'Use letters, digits and "_", not starting with a digit.');
    if (!isMap(node)) return undefined;
    if (typeof body.type === 'string' && !['command', 'pipeline'].includes(body.type)) {
      const at = document.pair(['jobs', step], 'type');
      const close = nearest(body.type, ['command', 'pipeline']);
      if (
        ['sweep', 'parallel', 'spark', 'automl', 'import', 'data_transfer', 'do_while', 'if_else', 'parallel_for', 'finetuning'].includes(
          body.type,
        )
      ) {
        document.report(
          at,
          'UnsupportedKind',
          `Steps of type "${body.type}" do not run on this machine yet.`,
          'Command and pipeline steps do.',
        );
      } else
        document.report(
          at,
          'UnknownKind',
          `"${body.type}" is no type of a step.`,
          close ? `Did you mean "${close}"?` : 'Use "command" or "pipeline".',
        );
      return undefined;
    }
    validateNode(document, node, PipelineStep, `the step "${step}"`);
    if (typeof body.component === 'string' && !body.component.startsWith('azureml:')) return componentFile(step, body.component);
    if (typeof body.component === 'string') return undefined;
    if (body.component && typeof body.component === 'object') return signatureOf(body.component);
    if (body.command === undefined) {
      document.report(
        pair,
        'MissingField',
        `The step "${step}" has neither a component nor a command.`,
        'Add "component: ./component.yml".',
      );
      return undefined;
    }
    if (body.environment === undefined)
      document.report(pair, 'MissingField', `The step "${step}" has no environment.`, 'Add "environment:".');
    checkCommand(spec, ['jobs', step], body, files);
    return { inputs: {}, outputs: outputTypes(body.outputs) };
  }

  function componentFile(step: string, reference: string): Signature | undefined {
    const path = beside(spec.file, reference);
    const at = document.at(['jobs', step, 'component']);
    if (files.kind(path) !== 'file') {
      document.report(at, 'MissingFile', `The component ${reference} does not exist.`, 'Paths are relative to this file.');
      return undefined;
    }
    if (stack.includes(path) || stack.length > depthLimit) {
      document.report(at, 'Cycle', `The component ${reference} contains itself.`, "A pipeline component can't be a step of its own.");
      return undefined;
    }
    const loaded = atHand?.get(path) ?? loadSpec(path, files, { mustBeOurs: true, stack, ...(atHand ? { loaded: atHand } : {}) });
    atHand?.set(path, loaded);
    if (!loaded.spec) {
      spec.document.diagnostics.push(...loaded.diagnostics);
      return undefined;
    }
    if (loaded.spec.kind !== 'commandComponent' && loaded.spec.kind !== 'pipelineComponent' && loaded.spec.kind !== 'commandJob') {
      document.report(
        at,
        'InvalidValue',
        `${reference} is ${loaded.spec.kind === 'pipelineJob' ? 'a pipeline job' : 'no component'}.`,
        'Name the file of a component.',
      );
      return undefined;
    }
    spec.components.set(step, loaded.spec);
    return signatureOf(loaded.spec.value);
  }

  function checkBindings(step: string): void {
    const given = jobs[step]?.inputs ?? {};
    const signature = signatures.get(step);
    const byComponent = jobs[step]?.component !== undefined;
    for (const name of Object.keys(given)) {
      const node = valueNode(step, 'inputs', name);
      const wanted = signature?.inputs[name];
      if (signature && byComponent && !wanted) {
        const close = nearest(name, Object.keys(signature.inputs));
        document.report(
          document.pair(['jobs', step, 'inputs'], name),
          'UnknownInput',
          `The component of "${step}" has no input "${name}".`,
          close ? `Did you mean "${close}"?` : undefined,
        );
      }
      const text = isScalar(node) && typeof node.value === 'string' ? node.value : undefined;
      if (text === undefined) {
        if (wanted && isScalar(node) && /^(uri_|mltable|.*_model)/.test(wanted.type)) mismatch(node, name, wanted.type, typeof node.value);
        else if (wanted && isScalar(node) && !literalFits(node.value, wanted.type)) mismatch(node, name, wanted.type, String(node.value));
        continue;
      }
      if (wanted && !text.includes('${{') && ['integer', 'number', 'boolean'].includes(wanted.type) && !literalFits(text, wanted.type))
        mismatch(node, name, wanted.type, `"${text}"`);
      for (const { path } of expressionsIn(text)) checkReference(step, node, path, wholeExpression(text) ? wanted?.type : undefined);
    }
    for (const [name, { optional }] of Object.entries(signature?.inputs ?? {})) {
      if (!optional && !(name in given))
        document.report(
          document.pair(['jobs'], step),
          'MissingInput',
          `The step "${step}" does not give the input "${name}", which its component needs.`,
          `Add "${name}:" under "inputs:".`,
        );
    }
    for (const name of Object.keys(jobs[step]?.outputs ?? {})) {
      if (signature && byComponent && !(name in signature.outputs)) {
        const close = nearest(name, Object.keys(signature.outputs));
        document.report(
          document.pair(['jobs', step, 'outputs'], name),
          'InvalidReference',
          `The component of "${step}" has no output "${name}".`,
          close ? `Did you mean "${close}"?` : undefined,
        );
      }
      const node = valueNode(step, 'outputs', name);
      const path = isScalar(node) && typeof node.value === 'string' ? wholeExpression(node.value) : undefined;
      if (path?.[0] === 'parent' && path[1] === 'outputs')
        known(node, path.slice(2).join('.'), Object.keys(value.outputs ?? {}), 'The pipeline has no output', 'parent.outputs.');
    }
  }

  /** Azure allows `x: ${{…}}` and `x: {path: ${{…}}}`. */
  function valueNode(step: string, kind: 'inputs' | 'outputs', name: string): Node | null {
    const node = document.at(['jobs', step, kind, name]);
    return isMap(node) ? document.at(['jobs', step, kind, name, 'path']) : node;
  }

  function checkReference(step: string, node: Node | null, path: string[], wanted: string | undefined): void {
    const [root, scope, ...rest] = path;
    if (root !== 'parent') {
      document.report(
        node,
        'InvalidReference',
        `\${{${path.join('.')}}} is not known here.`,
        'In a pipeline use ${{parent.inputs.NAME}} or ${{parent.jobs.STEP.outputs.NAME}}.',
      );
    } else if (scope === 'inputs') {
      const name = rest.join('.');
      if (!known(node, name, Object.keys(value.inputs ?? {}), 'The pipeline has no input', 'parent.inputs.') || !wanted) return;
      const given = typeOfInput(value.inputs[name]);
      if (given && !compatible(given, wanted)) mismatch(node, name, wanted, given);
    } else if (scope === 'jobs') {
      const [other = '', direction, ...name] = rest;
      if (other === step) return document.report(node, 'Cycle', `The step "${step}" reads its own output.`);
      if (!known(node, other, steps, 'The pipeline has no step', 'parent.jobs.')) return;
      if (direction !== 'outputs') {
        if (direction !== 'inputs')
          document.report(
            node,
            'InvalidReference',
            `\${{${path.join('.')}}} must name an output of "${other}".`,
            `Write \${{parent.jobs.${other}.outputs.NAME}}.`,
          );
        return;
      }
      const signature = signatures.get(other);
      if (
        !signature ||
        !known(
          node,
          name.join('.'),
          Object.keys(signature.outputs),
          `The step "${other}" has no output`,
          `parent.jobs.${other}.outputs.`,
        ) ||
        !wanted
      )
        return;
      const given = signature.outputs[name.join('.')]!;
      if (!compatible(given, wanted)) mismatch(node, name.join('.'), wanted, given);
    } else {
      const close = nearest(scope ?? '', ['inputs', 'jobs']);
      document.report(
        node,
        'InvalidReference',
        `\${{${path.join('.')}}} is not known.`,
        close ? `Did you mean "parent.${close}"?` : undefined,
      );
    }
  }

  function known(node: Node | null, name: string, names: string[], message: string, prefix: string): boolean {
    if (names.includes(name)) return true;
    const close = nearest(name, names);
    document.report(
      node,
      'InvalidReference',
      `${message} "${name}".`,
      close ? `Did you mean \${{${prefix}${close}}}?` : names.length ? `There are ${names.slice(0, 12).join(', ')}.` : 'There are none.',
    );
    return false;
  }

  function mismatch(node: Node | null, name: string, wanted: string, given: string): void {
    document.report(node, 'TypeMismatch', `"${name}" is ${given}, but the step wants ${wanted}.`, 'Change one of the two types.');
  }

  /** A pipeline's output that no step is bound to would never be written. */
  function checkOutputs(): void {
    const bound = new Set<string>();
    for (const step of steps) {
      for (const name of Object.keys(jobs[step]?.outputs ?? {})) {
        const node = valueNode(step, 'outputs', name);
        const path = isScalar(node) ? wholeExpression(String(node.value)) : undefined;
        if (path?.[1] === 'outputs') bound.add(path.slice(2).join('.'));
      }
    }
    for (const name of Object.keys(value.outputs ?? {})) {
      if (!bound.has(name))
        document.report(
          document.pair(['outputs'], name),
          'InvalidReference',
          `No step writes the pipeline's output "${name}".`,
          `Bind it in a step: "outputs: {NAME: \${{parent.outputs.${name}}}}".`,
          'warning',
        );
    }
  }

  function reportCycle(): void {
    const state = new Map<string, 'open' | 'done'>();
    const visit = (step: string, trail: string[]): boolean => {
      if (state.get(step) === 'done') return false;
      if (state.get(step) === 'open') {
        const cycle = [...trail.slice(trail.indexOf(step)), step];
        document.report(
          document.pair(['jobs'], step),
          'Cycle',
          `The steps wait for each other: ${cycle.join(' → ')}.`,
          'Remove one of the references.',
        );
        return true;
      }
      state.set(step, 'open');
      for (const input of Object.values(jobs[step]?.inputs ?? {})) {
        const text =
          typeof input === 'string'
            ? input
            : typeof (input as { path?: unknown })?.path === 'string'
              ? (input as { path: string }).path
              : '';
        for (const { path } of expressionsIn(text)) {
          if (path[1] === 'jobs' && path[2] !== step && path[2] !== undefined && path[2] in jobs && visit(path[2], [...trail, step]))
            return true;
        }
      }
      state.set(step, 'done');
      return false;
    };
    for (const step of steps) if (visit(step, [])) return;
  }
}

function signatureOf(component: Record<string, any>): Signature {
  const inputs = Object.fromEntries(
    Object.entries((component.inputs ?? {}) as Record<string, any>).map(([name, input]) => [
      name,
      {
        type: String(input?.type ?? 'uri_folder'),
        optional:
          input === null || typeof input !== 'object' || input.optional === true || input.default !== undefined || input.path !== undefined,
      },
    ]),
  );
  return { inputs, outputs: outputTypes(component.outputs) };
}

function outputTypes(outputs: unknown): Record<string, string> {
  return Object.fromEntries(
    Object.entries((outputs ?? {}) as Record<string, any>).map(([name, output]) => [name, String(output?.type ?? 'uri_folder')]),
  );
}

function typeOfInput(input: unknown): string | undefined {
  if (typeof input === 'number') return Number.isInteger(input) ? 'integer' : 'number';
  if (typeof input === 'boolean') return 'boolean';
  if (typeof input === 'object' && input !== null) return (input as { type?: string }).type ?? 'uri_folder';
  return undefined;
}

const asset = /^(uri_|mltable|.*_model$|path$)/;

/** Azure lets a folder stand for a table or a model and the other way round, but no literal for data, no file for a folder. */
function compatible(given: string, wanted: string): boolean {
  if (given === wanted) return true;
  if (asset.test(given) !== asset.test(wanted)) return false;
  if (!asset.test(given)) return wanted === 'string' || (given === 'integer' && wanted === 'number') || given === 'string';
  return !((given === 'uri_file' && wanted === 'uri_folder') || (given === 'uri_folder' && wanted === 'uri_file'));
}

function literalFits(value: unknown, type: string): boolean {
  if (type === 'integer') return Number.isInteger(Number(value)) && String(value).trim() !== '' && typeof value !== 'boolean';
  if (type === 'number') return !Number.isNaN(Number(value)) && String(value).trim() !== '' && typeof value !== 'boolean';
  if (type === 'boolean') return /^(true|false)$/i.test(String(value));
  return true;
}
