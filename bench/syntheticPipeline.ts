import { type Field, follow } from '../src/spec/field.ts';

const comment = '# A pipeline that no person wrote.\n';
const stepLines = 14;

/** A valid pipeline of about `lines` lines: steps in place that read one another, as generators of pipelines make them. */
export function syntheticPipeline(lines: number): string {
  const steps = Math.max(2, Math.floor((lines - 14) / stepLines));
  const text = [
    comment,
    '$schema: https://azuremlschemas.azureedge.net/latest/pipelineJob.schema.json\n',
    'type: pipeline\n',
    'display_name: synthetic\n',
    'experiment_name: bench\n',
    'settings:\n  default_compute: azureml:cpu-cluster\n',
    'inputs:\n  raw:\n    type: uri_folder\n    path: azureml:raw:1\n  rate: 0.1\n',
    'jobs:\n',
  ];
  for (let step = 0; step < steps; step++) {
    const source = step === 0 ? 'parent.inputs.raw' : `parent.jobs.step_${step - 1}.outputs.result`;
    text.push(
      `  step_${step}:\n`,
      '    type: command\n',
      `    display_name: Step ${step}\n`,
      '    command: >-\n',
      '      python run.py --data ${{inputs.data}}\n',
      '      --rate ${{inputs.rate}} --result ${{outputs.result}}\n',
      '    environment: azureml:sklearn-1.5:3\n',
      '    inputs:\n',
      `      data: \${{${source}}}\n`,
      '      rate: ${{parent.inputs.rate}}\n',
      '    outputs:\n',
      '      result:\n',
      '        type: uri_folder\n',
      '        mode: upload\n',
    );
  }
  return text.join('');
}

/** A schema of ours as JSON Schema, for the peer: the same keys, types, words and documentation. */
export function jsonSchemaOf(root: Field): object {
  const definitions: Record<string, object> = {};
  const convert = (field: Field): unknown => {
    if (field.$ref) {
      const name = field.$ref.split('/').at(-1)!;
      if (!(name in definitions)) {
        definitions[name] = {};
        definitions[name] = convert({ ...follow(field) }) as object;
      }
      return { $ref: `#/$defs/${name}` };
    }
    const {
      properties,
      additionalProperties,
      items,
      anyOf,
      description,
      type,
      required,
      enum: words,
      const: value,
      pattern,
      minimum,
      maximum,
    } = field;
    return {
      ...(type ? { type } : {}),
      ...(description ? { description } : {}),
      ...(required ? { required } : {}),
      ...(words ? { enum: words } : {}),
      ...(value === undefined ? {} : { const: value }),
      ...(pattern ? { pattern } : {}),
      ...(minimum === undefined ? {} : { minimum }),
      ...(maximum === undefined ? {} : { maximum }),
      ...(properties ? { properties: Object.fromEntries(Object.entries(properties).map(([key, each]) => [key, convert(each)])) } : {}),
      ...(additionalProperties === undefined
        ? {}
        : { additionalProperties: typeof additionalProperties === 'object' ? convert(additionalProperties) : additionalProperties }),
      ...(items ? { items: convert(items) } : {}),
      ...(anyOf ? { anyOf: anyOf.map(convert) } : {}),
    };
  };
  const schema = convert(root) as object;
  return { $schema: 'http://json-schema.org/draft-07/schema#', ...schema, $defs: definitions };
}
