import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'mocha';
import { codeNames, codes } from '../../../src/spec/codes.ts';
import { type Field, follow } from '../../../src/spec/field.ts';
import { jsonSchemaOf } from '../../../src/spec/jsonSchema.ts';
import { type Kind, kindFacts, kindNames } from '../../../src/spec/kinds/all.ts';
import { flatten } from '../../../src/spec/variant.ts';
import { classOf } from './clientClasses.ts';

interface SdkField {
  field: string;
  required?: boolean;
  dump_only?: boolean;
  data_key?: string;
  allowed_values?: string[];
}
const contract = path.resolve(import.meta.dirname, '../../../../shared/contract/azure-ai-ml-yaml-schema-classes.json');
const classes = (JSON.parse(readFileSync(contract, 'utf8')) as { schemas: Record<string, { fields: Record<string, SdkField> }> }).schemas;

/** Fields that the client requires in other words: in the class of a step, or by the file's name. */
const requiredElsewhere = new Set([
  'kubernetesOnlineEndpoint.compute',
  'pipelineComponentBatchDeployment.name',
  'pipelineComponentBatchDeployment.endpoint_name',
]);
const requiredByUs = new Set([
  'parallelJob.type',
  'sparkComponent.type',
  'schedule.create_job',
  'monitorSchedule.create_monitor',
  'importDataSchedule.import_data',
  'pipelineJob.type',
  'pipelineComponent.type',
]);

describe('The kinds', () => {
  it('have every key, word and duty of the classes of Azure’s client', () => {
    const missing: string[] = [];
    for (const [kind, names] of Object.entries(classOf) as [Kind, string[]][]) {
      const variants = flatten(kindFacts[kind].schema);
      assert.equal(variants.length, names.length, kind);
      for (const [index, name] of names.entries()) {
        const variant = variants[index]!;
        for (const [key, sdk] of Object.entries(classes[`${name}Schema`]!.fields)) {
          const ours =
            variant.properties?.[sdk.data_key ?? key] ??
            (key === 'schema' || key === 'schema_ignored'
              ? variant.properties?.$schema
              : key === 'task_type'
                ? variant.properties?.task
                : undefined);
          if (!ours) {
            missing.push(`${kind}.${key} of ${name}`);
            continue;
          }
          const at = `${kind}.${sdk.data_key ?? key}`;
          const required = variant.required?.includes(sdk.data_key ?? (key === 'task_type' ? 'task' : key)) ?? false;
          if (required !== (sdk.required ?? false) && !requiredElsewhere.has(at) && !requiredByUs.has(at) && sdk.field !== 'NestedField')
            missing.push(`${at} is ${required ? '' : 'not '}required here`);
          const words = wordsOf(ours);
          for (const word of sdk.allowed_values ?? []) if (words && !words.has(word.toLowerCase())) missing.push(`${at} has no "${word}"`);
        }
      }
    }
    assert.deepEqual(missing, []);
  });

  it('document each key in words of their own', () => {
    const bare: string[] = [];
    const seen = new Set<Field>();
    const visit = (given: Field, at: string): void => {
      const field = follow(given);
      if (seen.has(field) || at.split('.').length > 14) return;
      seen.add(field);
      for (const [key, each] of Object.entries(field.properties ?? {})) {
        if (!follow(each).description) bare.push(`${at}.${key}`);
        visit(each, `${at}.${key}`);
      }
      if (typeof field.additionalProperties === 'object') visit(field.additionalProperties, `${at}.*`);
      if (field.items) visit(field.items, `${at}[]`);
      for (const each of field.anyOf ?? []) visit(each, at);
    };
    for (const kind of kindNames) visit(kindFacts[kind].schema, kind);
    assert.deepEqual(bare, []);
  });

  it('become JSON Schemas whose references lead somewhere', () => {
    for (const kind of kindNames) {
      const schema = JSON.parse(JSON.stringify(jsonSchemaOf(kind)));
      for (const [, name] of JSON.stringify(schema).matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g))
        assert.ok(schema.$defs[name!], `${kind}: ${name}`);
    }
  });

  it('have a page for every code', () => {
    for (const code of codeNames)
      for (const part of ['what', 'why', 'fix', 'bad', 'good'] as const) assert.ok(codes[code][part].length > 3, `${code}.${part}`);
  });
});

/** The words of a field, undefined where any text will do. */
function wordsOf(field: Field): Set<string> | undefined {
  const all = flatten(field);
  if (all.some((each) => each.type === 'string' && !each.enum && each.const === undefined)) return undefined;
  const words = all
    .flatMap((each) => each.enum ?? (each.const === undefined ? [] : [each.const]))
    .map((word) => String(word).toLowerCase());
  return words.length ? new Set(words) : undefined;
}
