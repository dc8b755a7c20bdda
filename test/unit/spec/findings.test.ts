import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import type { FileSource } from '../../../src/spec/diagnostic.ts';
import { loadSpec } from '../../../src/spec/load.ts';
import { armBodyOf } from '../../../src/spec/rest.ts';

/** Files that exist only in the test, below `/w`. */
function filesOf(files: Record<string, string>): FileSource {
  return {
    readText: (file) => files[file.slice(3)],
    kind: (file) =>
      file.slice(3) in files ? 'file' : Object.keys(files).some((each) => each.startsWith(`${file.slice(3)}/`)) ? 'folder' : undefined,
  };
}

const others = {
  'env.yml': 'name: e\nimage: x\n',
  'src/a.py': '',
  'lib/b.py': '',
  'train.yml':
    'type: command\nname: train\ninputs:\n  rate: {type: number}\n  note: {type: string, optional: true}\noutputs:\n  model: {type: uri_folder}\ncommand: x ${{inputs.rate}} $[[${{inputs.note}}]] ${{outputs.model}}\nenvironment: azureml:e:1\n',
};
const load = (text: string, name = 'main.yml') => loadSpec(`/w/${name}`, filesOf({ ...others, [name]: text }), { mustBeOurs: true });
/** `line severity code message hint` of each finding but those about the machine here. */
const check = (text: string): string[] =>
  load(text)
    .diagnostics.filter(({ code }) => code !== 'UnsupportedKind')
    .map(({ range, severity, code, message, hint = '' }) => `${range.start.line} ${severity} ${code} ${message} ${hint}`.trim());

const schemas = '$schema: https://azuremlschemas.azureedge.net/latest';
const job = (more: string) => `command: echo\nenvironment: azureml:e:1\n${more}`;
const component = (more: string) =>
  `${schemas}/commandComponent.schema.json\ntype: command\nname: c\ncommand: echo\nenvironment: azureml:e:1\n${more}`;
const pipeline = (steps: string, more = '', inputs = '{rate: 0.1, word: hi}') =>
  `type: pipeline\nsettings: {default_compute: azureml:cpu}\ninputs: ${inputs}\n${more}jobs:\n${steps}`;
const sweep = (space: string, limits = 'max_total_trials: 2') =>
  `type: sweep\ntrial: {command: "echo \${{search_space.x}}", environment: azureml:e:1}\nobjective: {goal: maximize, primary_metric: m}\nlimits: {${limits}}\nsearch_space:\n  x: ${space}\n`;
const cron = (trigger: string) => `name: s\ntrigger: {type: cron, ${trigger}}\ncreate_job: azureml:j\n`;
const sizes = 'spark.driver.cores: 1, spark.driver.memory: 2g, spark.executor.cores: 1, spark.executor.memory: 2g';
const spark = (conf: string, more = 'resources: {instance_type: standard_e4s_v3, runtime_version: "3.4"}') =>
  `type: spark\ncode: ./src\nentry: {file: a.py}\nconf: {${conf}}\n${more}\n`;

describe('What Azure’s client takes has no error and no warning here', () => {
  const cases: [string, string][] = [
    [
      'words and numbers of YAML 1.1',
      component('is_deterministic: on\ninputs:\n  a: {type: boolean, default: yes}\n  b: {type: integer, default: 1_000}\n'),
    ],
    ['quoted numbers where numbers belong', sweep('{type: uniform, min_value: "0.1", max_value: "1"}', 'max_total_trials: "2"')],
    ['values of which the client makes text', job('environment_variables: {A: 1, B: true, C: 2.5, D: 2024-01-02, E: }\n')],
    ['an input that the command does not name', job('inputs: {rate: 0.1}\n')],
    ['an address of earlier days', `${schemas}/asset.schema.json\nname: d\ntype: uri_folder\npath: azureml://datastores/x/paths/y\n`],
    ['an archive that the client makes of a folder', component('code: ./src\nadditional_includes: [./lib.zip]\n')],
    [
      'the macros of an output’s path',
      job('outputs: {o: {path: "azureml://datastores/${{default_datastore}}/paths/${{name}}/${{output_name}}"}}\n'),
    ],
    ['a variable with an input', job('inputs: {a: 1}\nenvironment_variables: {A: "${{inputs.a}}"}\n')],
    [
      'expressions that stand for any value of a component’s step',
      pipeline(
        '  a:\n    component: ./train.yml\n    inputs: {rate: 1}\n    resources: {instance_count: "${{parent.inputs.rate}}"}\n    limits: {timeout: "${{parent.inputs.rate}}"}\n',
      ),
    ],
    [
      'the name of a compute that the pipeline is given',
      pipeline('  a:\n    command: echo\n    environment: azureml:e:1\n    compute: ${{parent.inputs.word}}\n'),
    ],
    ['serverless compute', pipeline('  a: {component: ./train.yml, inputs: {rate: 1}}\n').replace('azureml:cpu', 'serverless')],
    [
      'Spark whose executors come and go',
      spark(
        `${sizes}, spark.dynamicAllocation.enabled: true, spark.dynamicAllocation.minExecutors: 1, spark.dynamicAllocation.maxExecutors: 4`,
      ),
    ],
  ];
  for (const [what, text] of cases)
    it(what, () =>
      assert.deepEqual(
        check(text).filter((each) => !/^\d+ information /.test(each)),
        [],
      ),
    );

  it('as files that a pipeline or the command line gives a name', () => {
    for (const text of [
      component('').replace('name: c\n', ''),
      `${schemas}/managedOnlineEndpoint.schema.json\nauth_mode: key\n`,
      `${schemas}/environment.schema.json\nimage: x\n`,
    ]) {
      const found = check(text);
      assert.equal(found.length, 1);
      assert.match(found[0]!, /^1 warning MissingField "name" is missing in .* or give --name on the command line\.$/);
    }
  });

  it('as values that say what the client reads', () => {
    const { spec } = load(sweep('{type: choice, values: [010, 1_0, yes_]}', 'max_total_trials: "2"'));
    const { properties } = armBodyOf(spec!, filesOf(others))!;
    assert.deepEqual(properties.searchSpace, { x: ['choice', [[8, 10, 'yes_']]] });
    assert.equal(properties.limits.maxTotalTrials, 2);
  });

  it('as numbers with every digit', () => {
    const { spec } = load(
      job('inputs: {a: 12345678901234567890, b: 010, c: 1:30, d: off, e: 1.10, f: -0.0, g: 1e-4, h: .5, i: 0x1F, j: +5, k: 1.0}\n'),
    );
    const { inputs } = armBodyOf(spec!, filesOf(others))!.properties;
    assert.deepEqual(
      Object.values<{ value: string }>(inputs).map(({ value }) => value),
      ['12345678901234567890', '8', '90', 'False', '1.1', '-0.0', '1e-4', '0.5', '31', '5', '1.0'],
    );
  });

  it('as types that follow what a command in place is bound to', () => {
    const text = pipeline(
      '  make: {command: x, environment: azureml:e:1, outputs: {f: {type: uri_file}, g: {}}}\n  known: {component: ./train.yml, inputs: {rate: 1}}\n  read:\n    command: x\n    environment: azureml:e:1\n    inputs:\n      a: ${{parent.jobs.make.outputs.f}}\n      b: {path: "${{parent.jobs.make.outputs.f}}"}\n      c: ${{parent.jobs.make.outputs.g}}\n      d: ${{parent.jobs.known.outputs.model}}\n      e: ${{parent.inputs.rate}}\n      f: ${{parent.inputs.word}}\n      g: ${{parent.inputs.table}}\n      h: 5\n    outputs:\n      o: ${{parent.outputs.result}}\n',
      'outputs: {result: {type: mltable}}\n',
      '{rate: 0.1, word: hi, table: {type: mltable, path: azureml:t:1}}',
    );
    const made: Record<string, any>[] = [];
    const { spec } = load(text);
    const files = filesOf(others);
    armBodyOf(spec!, files, {
      code: () => undefined,
      environment: () => undefined,
      data: (_file, path) => path,
      output: (path) => path,
      compute: (name) => name,
      component(reference, make) {
        if (reference === undefined) made.push(make());
        return 'id';
      },
      componentCode: () => undefined,
      componentEnvironment: () => undefined,
    });
    const read = made.find(({ name }) => name === 'read')!;
    assert.deepEqual(
      Object.values<{ type: string }>(read.inputs).map(({ type }) => type),
      ['uri_file', 'uri_file', 'uri_folder', 'uri_folder', 'number', 'string', 'mltable', 'integer'],
    );
    assert.deepEqual(read.outputs, { o: { type: 'mltable' } });
  });
});

describe('What Azure refuses is an error, with what mends it', () => {
  const step = (more: string) => pipeline(`  a:\n    component: ./train.yml\n    inputs: {rate: 1}\n${more}`);
  const cases: [string, string, RegExp][] = [
    [
      'a misspelt key that must be there',
      'command_x: echo\nenvironment: azureml:e:1\ntype: command\n',
      /^1 error MissingField "command" is missing in a command job\. Rename "command_x" to "command"\.$/,
    ],
    [
      'a misspelt name',
      component('').replace('name:', 'name_x:'),
      /^3 error MissingField "name" is missing in a command component\. Rename "name_x" to "name"\.$/,
    ],
    [
      'a compute without its prefix',
      pipeline('  a: {component: ./train.yml, inputs: {rate: 1}}\n').replace('azureml:cpu', 'cpu'),
      /^2 error InvalidValue "cpu" is not allowed for "default_compute"/,
    ],
    [
      'a datastore without its prefix',
      pipeline('  a: {component: ./train.yml, inputs: {rate: 1}}\n').replace('azureml:cpu', 'azureml:c, default_datastore: x'),
      /^2 error InvalidValue "x" is not allowed for "default_datastore"/,
    ],
    [
      'a step’s output that is plain text',
      step('    outputs: {model: ./here}\n'),
      /^8 error InvalidValue "\.\/here" is not allowed for "model"/,
    ],
    ['a tag that is a map', job('tags: {a: {b: 1}}\n'), /^3 error WrongType "a" must be text/],
    ['a variable that is a list', job('environment_variables: {a: [1]}\n'), /^3 error WrongType "a" must be text/],
    ['bounds that are no numbers', component('inputs: {a: {type: integer, min: low}}\n'), /^6 error WrongType "min" must be a number/],
    [
      'values of an input that do not have its type',
      component('inputs: {a: {type: string, enum: [a, 1]}}\n'),
      /^6 error TypeMismatch 1 is one of the values of "a"/,
    ],
    [
      'an experiment’s name with a space',
      job('experiment_name: my tests\n'),
      /^3 error InvalidValue "my tests" is not allowed for "experiment_name"/,
    ],
    [
      'an expression in an environment’s name',
      job('').replace('azureml:e:1', '"azureml:${{inputs.stage}}-env@latest"'),
      /^2 error InvalidValue/,
    ],
    [
      'an environment’s file without "file:"',
      job('').replace('azureml:e:1', './env.yml'),
      /^2 error InvalidValue "\.\/env\.yml" .* with "file:" where it is a file/,
    ],
    [
      'a component’s file with the other ending of YAML files',
      pipeline('  a:\n    component: ./train.yaml\n    inputs: {rate: 1}\n'),
      /^6 error MissingFile The component \.\/train\.yaml does not exist\. Did you mean "\.\/train\.yml"\?$/,
    ],
    [
      'an environment’s file without its ending',
      job('').replace('azureml:e:1', 'file:./env'),
      /^2 error MissingFile .* Did you mean "file:\.\/env\.yml"\?$/,
    ],
    ['an environment’s file that is not there', job('').replace('azureml:e:1', 'file:./gone.yml'), /^2 error MissingFile/],
    [
      'a binding in a command',
      job('').replace('echo', 'echo ${{parent.inputs.a}}'),
      /^1 error InvalidReference \$\{\{parent\.inputs\.a\}\} is not known in a command/,
    ],
    [
      'what the shell takes for a variable',
      job('inputs: {a: 1}\n').replace('echo', 'echo ${inputs.a}'),
      /^1 error InvalidExpression "\$\{inputs\.a\}" has single braces.* Write \$\{\{inputs\.a\}\}\.$/,
    ],
    [
      'bounds of a search space from inputs',
      sweep('{type: uniform, min_value: "${{inputs.low}}", max_value: 1}'),
      /^6 error WrongType "min_value" must be a number, but it is an expression/,
    ],
    [
      'truth values to choose from',
      sweep('{type: choice, values: [true, false]}'),
      /^6 error WrongType "values\[0\]" must be .*true or false/,
    ],
    ['nothing to choose from', sweep('{type: choice, values: []}'), /^6 error OutOfRange "values" must have at least one value/],
    [
      'a model’s version that is no whole number',
      `${schemas}/model.schema.json\nname: m\nversion: 1.0.0\npath: azureml://datastores/x/paths/y\n`,
      /^3 error InvalidValue "1\.0\.0" is not allowed for "version"/,
    ],
    [
      'a date as a version',
      `${schemas}/environment.schema.json\nname: e\nversion: 2022-02-03\nimage: x\n`,
      /^3 error WrongType "version" must be text, but it is a date\. Write "version: '2022-02-03'"\.$/,
    ],
    [
      'a date in place of a time',
      cron('expression: "0 6 * * *", start_time: 2022-05-10').replace('start', 'start'),
      /^2 error WrongType "start_time" must be text, but it is a date\. Write a date with a time, in quotes/,
    ],
    ['cron of six fields', cron('expression: "0 0 6 * * *"'), /^2 error InvalidValue .* seconds are none of them/],
    [
      'a version of an output without a name',
      job('outputs: {m: {type: custom_model, version: "7"}}\n'),
      /^3 error MissingField The output "m" has a version, but no name/,
    ],
    ['text that is not UTF-8', job('description: caf\ufffd\n'), /^3 error YamlSyntax The file is not UTF-8/],
    [
      'an expression where a number belongs, in a command in place',
      pipeline('  a:\n    command: echo\n    environment: azureml:e:1\n    limits: {timeout: "${{parent.inputs.rate}}"}\n'),
      /^8 error WrongType "timeout" must be a whole number, but it is an expression/,
    ],
    [
      'an optional input bound to one that must be there',
      'type: pipeline\nname: p\ninputs: {rate: {type: number, optional: true}}\njobs:\n  a: {component: ./train.yml, inputs: {rate: "${{parent.inputs.rate}}"}}\n',
      /^5 error OptionalInput The step "a" needs "rate", but the input "rate" is optional/,
    ],
    ['Spark without its settings', spark('spark.driver.cores: 1'), /^4 error MissingField Spark needs spark\.driver\.memory/],
    ['Spark without machines', spark(`${sizes}, spark.executor.instances: 2`, ''), /^1 error MissingField Spark needs a pool or machines/],
    [
      'Spark that mounts',
      spark(`${sizes}, spark.executor.instances: 2`, 'compute: azureml:pool\ninputs: {d: {path: azureml:d:1}}'),
      /^6 error InvalidValue .*"d" needs the mode direct/,
    ],
    [
      'a job type of earlier days',
      'type: sweep_job\ntrial: {command: x, environment: azureml:e:1}\nobjective: {goal: maximize, primary_metric: m}\nsearch_space: {}\n',
      /^1 error UnknownKind "sweep_job" is no kind of job\. Did you mean "sweep"\?$/,
    ],
  ];
  for (const [what, text, expected] of cases)
    it(what, () => {
      const found = check(text);
      assert.ok(
        found.some((each) => expected.test(each)),
        found.join('\n'),
      );
    });

  it('an expression that stays open or stands in another, wherever it is', () => {
    for (const [where, text] of [
      ['description', job('description: about ${{inputs.x\n')],
      ['a variable', job('environment_variables: {A: "${{inputs.x}"}\n')],
      ['a path', job('inputs: {d: {path: "./${{x"}}\n')],
      ['a compute', pipeline('  a:\n    component: ./train.yml\n    inputs: {rate: 1}\n    compute: ${{parent.inputs.word}\n')],
      ['a command', job('inputs: {x: 1}\n').replace('echo', 'echo ${{inputs.x}')],
    ] as const)
      assert.equal(check(text).filter((each) => /error InvalidExpression .* is not closed\. Close it/.test(each)).length, 1, where);
    assert.match(check(job('description: ${{ ${{inputs.x}} }}\n')).join(), /error InvalidExpression .* stands inside of another/);
    assert.deepEqual(check(job('# a comment may have ${{ open\n')), []);
  });

  it('a name that is not there, wherever its expression stands', () => {
    const parallel = (more: string) =>
      pipeline(
        `  a:\n    type: parallel\n    inputs: {d: {path: azureml:d:1}}\n    outputs: {o: {}}\n    mini_batch_size: "1"\n    task: {type: run_function, entry_script: a.py, code: ./src, environment: azureml:e:1${more}}\n`,
      );
    for (const [where, text] of [
      ['a compute', step('    compute: ${{parent.inputs.wrod}}\n')],
      ['a path', pipeline('  a:\n    component: ./train.yml\n    inputs: {rate: 1, note: {path: "${{parent.inputs.wrod}}"}}\n')],
      ['a variable of a job', job('inputs: {word: 1}\nenvironment_variables: {A: "${{inputs.wrod}}"}\n')],
      ['a variable of a step', step('    environment_variables: {A: "${{inputs.rat}}"}\n')],
      ['the data that is split', parallel('').replace('    mini', '    input_data: ${{inputs.e}}\n    mini')],
      ['the output that collects', parallel(', append_row_to: "${{outputs.p}}"')],
      ['the path of an output', job('outputs: {o: {path: "azureml://datastores/x/paths/${{nmae}}"}}\n')],
      ['a pipeline that is not there', job('compute: ${{parent.inputs.c}}\n')],
    ] as const)
      assert.equal(check(text).filter((each) => /^\d+ error InvalidReference/.test(each)).length, 1, `${where}: ${check(text).join('\n')}`);
  });

  it('but what another program fills in first is a warning', () => {
    assert.match(check(job('environment_variables: {A: "${{ secrets.KEY }}"}\n')).join(), /^3 warning InvalidReference/);
    assert.match(check(job('environment_variables: {A: "${{input.KEY}}"}\n')).join(), /^3 error InvalidReference/);
  });

  it('and what a component that can’t be read may have too', () => {
    const found = check(
      pipeline(
        '  a: {component: azureml:x:1, outputs: {model: }}\n  b: {component: ./train.yml, inputs: {rate: 1, note: "${{parent.jobs.a.outputs.modle}}"}}\n',
      ),
    );
    assert.match(
      found.join('\n'),
      /^6 warning InvalidReference The step "a" does not list an output "modle".* Did you mean \$\{\{parent\.jobs\.a\.outputs\.model\}\}\?$/m,
    );
  });

  it('and what names no output, or a step without "parent", is none of the outputs that a component may have', () => {
    const reads = (expression: string) =>
      pipeline(
        `  a: {component: azureml:x:1, outputs: {model: }}\n  b: {component: ./train.yml, inputs: {rate: 1}, environment_variables: {M: "\${{${expression}}}"}}\n`,
      );
    for (const expression of ['parent.jobs.a.outputs', 'jobs.a.outputs.model'])
      assert.match(check(reads(expression)).join(), /^6 error InvalidReference /m, expression);
    assert.match(check(reads('jobs.other.outputs.model')).join(), /^6 warning InvalidReference /m);
  });

  it('and of a component that the connected plane has, all is known', () => {
    const component = {
      inputs: { rate: { type: 'number' }, note: { type: 'string', optional: true } },
      outputs: { model: { type: 'uri_folder' } },
    };
    const names = {
      has: () => undefined,
      versions: () => [],
      names: () => [],
      component: (name: string, version?: string) => (name === 'train' && (version ?? '2') === '2' ? component : undefined),
    };
    const found = (reference: string, inputs: string, output: string) =>
      loadSpec('/w/main.yml', filesOf(others), {
        text: pipeline(
          `  a: {component: "${reference}", inputs: {${inputs}}, outputs: {}}\n  b: {component: ./train.yml, inputs: {rate: 1, note: "\${{parent.jobs.a.outputs.${output}}}"}}\n`,
        ),
        names,
      }).diagnostics.map(({ severity, message }) => `${severity} ${message}`);
    const fine = found('azureml:train:2', 'rate: 1', 'model');
    assert.deepEqual(fine, ['error "note" is uri_folder, but the step wants string.']);
    for (const reference of ['azureml:train:2', 'azureml:train@latest', 'azureml:train']) {
      assert.deepEqual(found(reference, 'rate: 1', 'modle'), ['error The step "a" has no output "modle".'], reference);
      assert.ok(found(reference, 'rat: 1', 'model').includes('error The component of "a" has no input "rat".'), reference);
    }
    for (const reference of ['azureml:train:1', 'azureml:train@old', 'azureml://registries/r/components/train/versions/2'])
      assert.deepEqual(found(reference, 'rat: 1', 'modle'), [], reference);
  });

  it('and a step without a compute is told of, for Azure', () => {
    const text = 'type: pipeline\njobs:\n  a: {component: ./train.yml, inputs: {rate: 1}}\n';
    assert.match(check(text).join('\n'), /^2 information NoCompute In Azure the step "a" needs a compute/m);
    assert.deepEqual(check(text.replace('inputs:', 'compute: azureml:c, inputs:')), []);
  });
});

describe('Equal keys', () => {
  it('are a warning, and the last one counts', () => {
    for (const [text, key] of [
      ['command: one\ncommand: two\nenvironment: azureml:e:1\n', 'command'],
      [job('tags: {a: x, a: "y"}\n'), 'a'],
      [job('tags:\n  a: x\n  a: "y"\n'), 'a'],
    ] as const) {
      const { spec, diagnostics } = load(text);
      assert.deepEqual(
        diagnostics.map(({ severity, code }) => [severity, code]),
        [['warning', 'DuplicateKey']],
      );
      assert.match(diagnostics[0]!.message, new RegExp(`^"${key}" stands here a second time`));
      assert.equal(key === 'a' ? spec!.value.tags.a : spec!.value.command, key === 'a' ? 'y' : 'two');
    }
  });

  it('of steps leave the steps of the last', () => {
    const step = (name: string) => `  ${name}: {component: ./train.yml, inputs: {rate: 1}}\n`;
    const { spec } = load(`type: pipeline\njobs:\n${step('a')}jobs:\n${step('b')}`);
    assert.deepEqual(Object.keys(spec!.value.jobs), ['b']);
  });
});
