import { registryAssetId } from '../../src/protocol/registry.ts';
import type { ModelFile } from './modelFile.ts';

/** Lines that get a version, for a place that `title` names. */
export interface Snippet {
  title: string;
  text: string;
}

/** How a version is loaded in Python and got with the command line. */
export function snippetsOf(name: string, version: string, file: ModelFile | undefined): Snippet[] {
  const uri = JSON.stringify(`models:/${name}/${version}`);
  const load = (module: string) => `import mlflow\n\nmodel = mlflow.${module}.load_model(${uri})`;
  return [
    ...(file?.flavors.has('python_function') ? [{ title: 'Python, for predictions', text: load('pyfunc') }] : []),
    ...ownFlavors(file).map((flavor) => ({ title: `Python, as ${flavor}`, text: load(flavor) })),
    {
      title: 'Azure ML command line',
      text: `az ml model download --name ${shell(name)} --version ${shell(version)} --download-path .`,
    },
    {
      title: 'Azure ML SDK',
      text: `ml_client.models.download(${JSON.stringify(name)}, version=${JSON.stringify(version)}, download_path=".")`,
    },
    {
      title: 'Input of a job, in YAML',
      text: inputYaml(file, `azureml:${name}:${version}`),
    },
  ];
}

/** How a version of a registry is named in the YAML of a job and got. */
export function sharedSnippetsOf(registry: string, name: string, version: string, file: ModelFile | undefined): Snippet[] {
  const [model, at] = [JSON.stringify(name), JSON.stringify(version)];
  return [
    {
      title: 'Input of a job, in YAML',
      text: inputYaml(file, registryAssetId(registry, 'models', name, version)),
    },
    {
      title: 'Azure ML command line',
      text: `az ml model download --name ${shell(name)} --version ${shell(version)} --registry-name ${registry} --download-path .`,
    },
    {
      title: 'Azure ML SDK',
      text: `client = MLClient(credential, registry_name="${registry}")\nclient.models.download(${model}, version=${at}, download_path=".")`,
    },
  ];
}

const inputYaml = (file: ModelFile | undefined, path: string): string =>
  `inputs:\n  model:\n    type: ${file ? 'mlflow_model' : 'custom_model'}\n    path: ${JSON.stringify(path)}`;

/** A text as one word of a shell. */
const shell = (text: string): string => (/^[\w.@%+=:,/-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** The flavors that a module of MLflow itself loads: predictions by the same module tell which those are. */
function ownFlavors(file: ModelFile | undefined): string[] {
  const loader = file?.flavors.get('python_function')?.get('loader_module') ?? '';
  return [...(file?.flavors.keys() ?? [])].filter((flavor) => loader === `mlflow.${flavor}` || loader.startsWith(`mlflow.${flavor}.`));
}
