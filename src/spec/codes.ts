import type { ErrorCode } from '../base/userError.ts';
import { typesThatRun } from '../protocol/jobTypes.ts';
import type { Severity } from './diagnostic.ts';

/** What a diagnostic code means: the page `docs/diagnostics/CODE.md` is made of it. */
export interface CodeFacts {
  severity: Severity;
  /** What is wrong, in one sentence. */
  what: string;
  /** Why that matters: what Azure or this plane does with such a file. */
  why: string;
  /** What to do. */
  fix: string;
  /** YAML that has it, and YAML that has not. */
  bad: string;
  good: string;
}

/** Every code that a check of a YAML file reports. */
export const codes = {
  YamlSyntax: {
    severity: 'error',
    what: 'The file is not valid YAML.',
    why: 'Nothing can be read from it; neither Azure nor this plane takes it. Tabs for indentation, a missing space behind ":" and brackets that stay open are the usual reasons.',
    fix: 'Mend the place that is marked. The other checks start again once the YAML can be read.',
    bad: 'command: echo\nenvironment: {image: ubuntu',
    good: 'command: echo\nenvironment: {image: ubuntu}',
  },
  UnknownKey: {
    severity: 'error',
    what: 'A key is none of those that this place knows.',
    why: 'Azure rejects the file because of it. Most often it is a misspelt name, or a key that belongs one level higher or lower.',
    fix: 'Take the name that the message proposes, or remove the key.',
    bad: 'command: echo\nenvironment: azureml:my-env:1\nenvironment_varables: {A: b}',
    good: 'command: echo\nenvironment: azureml:my-env:1\nenvironment_variables: {A: b}',
  },
  IgnoredKey: {
    severity: 'warning',
    what: 'A key is not known here, and Azure does nothing with it.',
    why: 'Azure takes the file all the same and leaves the key aside, so that what you meant by it does not happen.',
    fix: 'Take the name that the message proposes, move the key to where it belongs, or remove it.',
    bad: '$schema: https://azuremlschemas.azureedge.net/latest/commandComponent.schema.json\nname: c\ncommand: echo\nenvironment: azureml:my-env:1\ncompute: azureml:cpu',
    good: '$schema: https://azuremlschemas.azureedge.net/latest/commandComponent.schema.json\nname: c\ncommand: echo\nenvironment: azureml:my-env:1',
  },
  DuplicateKey: {
    severity: 'warning',
    what: 'A map has the same key twice.',
    why: 'Azure takes the last one and leaves out the others without a word, so that what stands further up has no effect.',
    fix: 'Remove the one that you do not mean.',
    bad: 'command: echo one\ncommand: echo two\nenvironment: azureml:my-env:1',
    good: 'command: echo two\nenvironment: azureml:my-env:1',
  },
  DuplicateName: {
    severity: 'error',
    what: 'Two inputs or outputs have names that differ in their case alone.',
    why: 'Names become environment variables and arguments whose case is not kept; Azure rejects the component.',
    fix: 'Rename one of them.',
    bad: 'inputs:\n  Data: {type: uri_folder}\n  data: {type: uri_folder}',
    good: 'inputs:\n  raw: {type: uri_folder}\n  data: {type: uri_folder}',
  },
  UnknownKind: {
    severity: 'error',
    what: 'The file says that it is of a kind that does not exist, or it can not be told what it is.',
    why: 'Without its kind nothing else in it can be read.',
    fix: 'Correct `type`, or add the `$schema` of the kind.',
    bad: 'type: comand\ncommand: echo\nenvironment: azureml:my-env:1',
    good: 'type: command\ncommand: echo\nenvironment: azureml:my-env:1',
  },
  KindMismatch: {
    severity: 'warning',
    what: '`$schema` and `type` name different kinds.',
    why: 'Azure goes by `type` and does not look at `$schema`; editors go by `$schema` and help with the wrong keys.',
    fix: 'Correct the one that is wrong.',
    bad: '$schema: https://azuremlschemas.azureedge.net/latest/commandJob.schema.json\ntype: pipeline\njobs: {}',
    good: '$schema: https://azuremlschemas.azureedge.net/latest/pipelineJob.schema.json\ntype: pipeline\njobs: {}',
  },
  UnsupportedKind: {
    severity: 'information',
    what: 'This kind of file, of step, or of environment, does not run on this machine yet.',
    why: 'It can be written and checked here and works in Azure. Submitting it to the embedded control plane is refused.',
    fix: `Submit it to Azure, or use a ${typesThatRun('or')} job here.`,
    bad: 'type: spark\ncode: ./src\nentry: {file: main.py}',
    good: 'type: command\ncommand: echo\nenvironment: azureml:my-env:1',
  },
  WrongType: {
    severity: 'error',
    what: 'A value is of the wrong type: text where a number belongs, a list where a map belongs, nothing where something belongs.',
    why: 'Azure rejects the file. YAML makes numbers of `3` and `1.0` and truth values of `true` by itself; where text is wanted they need quotes.',
    fix: 'Give a value of the type that the message names; put quotes around numbers that are text.',
    bad: 'description: 3',
    good: "description: '3'",
  },
  InvalidValue: {
    severity: 'error',
    what: 'A value is none of those that are allowed here, or it does not have the form that is asked for.',
    why: 'Azure rejects the file.',
    fix: 'Take one of the values that the message lists.',
    bad: 'distribution: {type: pytorh}',
    good: 'distribution: {type: pytorch}',
  },
  OutOfRange: {
    severity: 'error',
    what: 'A number is too small or too large.',
    why: 'The client of Azure lets it pass and the service rejects it later, when the job has waited in the queue.',
    fix: 'Take a number within the bounds that the message names.',
    bad: 'resources: {instance_count: -1}',
    good: 'resources: {instance_count: 1}',
  },
  InvalidName: {
    severity: 'error',
    what: 'A name has characters that names may not have here.',
    why: 'Names of steps, inputs and components become identifiers; Azure rejects others.',
    fix: 'Use the characters that the message names.',
    bad: 'type: pipeline\njobs:\n  Train-Model: {component: ./train.yml}',
    good: 'type: pipeline\njobs:\n  train_model: {component: ./train.yml}',
  },
  MissingField: {
    severity: 'error',
    what: 'A key that must be there is missing.',
    why: 'Azure rejects the file.',
    fix: 'Add the key.',
    bad: 'type: command\ncommand: echo',
    good: 'type: command\ncommand: echo\nenvironment: azureml:my-env:1',
  },
  MissingFile: {
    severity: 'error',
    what: 'A file or folder that the YAML names is not there.',
    why: 'It could not be uploaded. Paths are relative to the folder of the YAML file, not to the folder from which it is submitted.',
    fix: 'Correct the path, or create what is missing.',
    bad: 'code: ./scr',
    good: 'code: ./src',
  },
  MissingInput: {
    severity: 'error',
    what: 'A step does not give an input that its component needs.',
    why: 'The input has no default and is not optional, so the step could not start.',
    fix: 'Give the input, or make it optional in the component.',
    bad: 'jobs:\n  train: {component: ./train.yml}',
    good: 'jobs:\n  train:\n    component: ./train.yml\n    inputs: {data: "${{parent.inputs.data}}"}',
  },
  UnknownInput: {
    severity: 'error',
    what: 'A step gives an input that its component does not have.',
    why: 'Azure rejects the pipeline.',
    fix: 'Take the name that the message proposes, or declare the input in the component.',
    bad: 'inputs: {dta: "${{parent.inputs.data}}"}',
    good: 'inputs: {data: "${{parent.inputs.data}}"}',
  },
  UnusedInput: {
    severity: 'information',
    what: 'A command declares an input or output that its text does not name.',
    why: 'The value reaches the program through its environment alone (`AZURE_ML_INPUT_NAME`, `AZUREML_PARAMETER_NAME`). If the program does not look there, the argument was forgotten.',
    fix: 'Use it in the command, remove it, or leave it where the program reads the variable.',
    bad: 'inputs: {rate: 0.1}\ncommand: python train.py',
    good: 'inputs: {rate: 0.1}\ncommand: python train.py --rate ${{inputs.rate}}',
  },
  TypeMismatch: {
    severity: 'error',
    what: 'What a step gives is of another type than what the next one takes.',
    why: 'The step would get a file where it wants a folder, or a value where it wants data, and fail when it runs.',
    fix: 'Change one of the two types, or bind another output.',
    bad: 'inputs: {epochs: many}',
    good: 'inputs: {epochs: 3}',
  },
  InvalidReference: {
    severity: 'error',
    what: '`${{ }}` names an input, an output or a step that does not exist.',
    why: 'It would stand in the command as it is, or the pipeline could not be put together.',
    fix: 'Take the name that the message proposes, or declare what is missing.',
    bad: 'inputs: {rate: 0.1}\ncommand: train --rate ${{inputs.rat}}',
    good: 'inputs: {rate: 0.1}\ncommand: train --rate ${{inputs.rate}}',
  },
  InvalidExpression: {
    severity: 'error',
    what: 'An expression is not closed or is empty.',
    why: 'Azure takes it for ordinary text, so that the program gets the braces instead of a value.',
    fix: 'Write `${{inputs.NAME}}`; close `$[[` with `]]`.',
    bad: 'command: train --rate ${{inputs.rate}',
    good: 'command: train --rate ${{inputs.rate}}',
  },
  SingleBraces: {
    severity: 'warning',
    what: 'An expression has single braces.',
    why: 'Azure reads `{inputs.x}` as `${{inputs.x}}` with a warning; that is going away, and other tools do not.',
    fix: 'Write `${{inputs.x}}`.',
    bad: 'command: train --rate {inputs.rate}',
    good: 'command: train --rate ${{inputs.rate}}',
  },
  OptionalInput: {
    severity: 'warning',
    what: 'An optional input is used outside of `$[[ ]]`, or bound to an input that must be there.',
    why: "When a step leaves the input out, the expression stays in the command as text. An input that must be there can't be fed by one that may be left out: Azure rejects that.",
    fix: 'Put `$[[ ]]` around the part of the command that goes away with the input; make both inputs optional, or none.',
    bad: 'command: train --note ${{inputs.note}}',
    good: 'command: train $[[--note ${{inputs.note}}]]',
  },
  OutputNotReady: {
    severity: 'error',
    what: 'A step reads an output that can not exist yet when it runs.',
    why: 'What `on_finalize` gives comes after all other steps, and what `on_init` needs would have to come before them.',
    fix: 'Read the output of another step, or make the step an ordinary one.',
    bad: 'settings: {on_finalize: clean}',
    good: 'settings: {}',
  },
  NoCompute: {
    severity: 'information',
    what: 'Steps have no compute, and the pipeline has none for them.',
    why: 'Here everything runs on this machine. Azure rejects the pipeline: each step needs a compute there.',
    fix: 'Set `settings.default_compute`, or `compute` in each step.',
    bad: 'type: pipeline\njobs:\n  train: {component: ./train.yml}',
    good: 'type: pipeline\nsettings: {default_compute: azureml:cpu-cluster}\njobs:\n  train: {component: ./train.yml}',
  },
  UnboundOutput: {
    severity: 'warning',
    what: 'No step writes an output of the pipeline.',
    why: 'The pipeline would end without it.',
    fix: 'Bind it in a step: `outputs: {model: ${{parent.outputs.model}}}`.',
    bad: 'outputs: {model: }\njobs:\n  train: {component: ./train.yml}',
    good: 'outputs: {model: }\njobs:\n  train:\n    component: ./train.yml\n    outputs: {model: "${{parent.outputs.model}}"}',
  },
  Cycle: {
    severity: 'error',
    what: 'Steps wait for each other, or a component contains itself.',
    why: 'None of them could ever start.',
    fix: 'Take one of the bindings out of the circle.',
    bad: 'jobs:\n  a: {component: ./c.yml, inputs: {x: "${{parent.jobs.b.outputs.y}}"}}\n  b: {component: ./c.yml, inputs: {x: "${{parent.jobs.a.outputs.y}}"}}',
    good: 'jobs:\n  a: {component: ./c.yml}\n  b: {component: ./c.yml, inputs: {x: "${{parent.jobs.a.outputs.y}}"}}',
  },
  AssetNotFound: {
    severity: 'warning',
    what: 'An asset that the file names does not exist on the connected plane.',
    why: 'The job would be rejected there. It is said only while the names of the plane are known.',
    fix: 'Correct name and version, or register the asset.',
    bad: 'environment: azureml:my-evn:1',
    good: 'environment: azureml:my-env:1',
  },
  SnapshotTooLarge: {
    severity: 'error',
    what: 'The code folder is larger than a snapshot may be.',
    why: 'It is uploaded with each change of the code; Azure takes 300 MB.',
    fix: 'Move data out of the folder, or list it in `.amlignore`.',
    bad: 'code: .',
    good: 'code: ./src',
  },
  Deprecated: {
    severity: 'warning',
    what: 'A key or kind is deprecated.',
    why: 'It still works and may go away with a later version of Azure.',
    fix: 'Use what the message names instead.',
    bad: 'type: import',
    good: 'type: data_transfer\ntask: import_data',
  },
  SecretInFile: {
    severity: 'warning',
    what: 'A secret stands in the file as plain text.',
    why: 'It is kept wherever the file goes: in git, in snapshots, in logs.',
    fix: 'Leave it out and give it when you create the resource (`--set`), or keep it in a key vault; change the secret if the file was shared.',
    bad: 'credentials: {account_key: 8dG…==}',
    good: 'credentials: {account_key: }',
  },
  LocalDifference: {
    severity: 'information',
    what: 'The embedded control plane does something differently from Azure here.',
    why: 'The job runs all the same; what the message says holds for this machine alone.',
    fix: 'Nothing, unless the difference matters to you.',
    bad: 'resources: {instance_count: 4}',
    good: 'resources: {instance_count: 1}',
  },
} satisfies Partial<Record<ErrorCode, CodeFacts>>;

export type DiagnosticCode = keyof typeof codes;
export const codeNames = Object.keys(codes) as DiagnosticCode[];

/** Page of a code, relative to the root of the product. */
export const codePage = (code: string): string => `docs/diagnostics/${code}.md`;

/** What a person wants of each code: another severity, or nothing at all. */
export type Severities = Partial<Record<DiagnosticCode, Severity | 'off'>>;
