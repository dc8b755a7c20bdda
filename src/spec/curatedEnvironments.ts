/**
 * Environments that Azure ML keeps in its public registry `azureml`, with what is in them. Source: the folders
 * `environments` of github.com/Azure/azureml-assets, and the names that github.com/Azure/azureml-examples uses. A name that is not here may exist all the same.
 */
export const curatedEnvironments: Record<string, string> = {
  'sklearn-1.5': 'scikit-learn 1.5 on Python 3.10, for regression, clustering and classification.',
  'lightgbm-3.3': 'LightGBM on Python 3.10.',
  'tensorflow-2.16-cuda12': 'TensorFlow 2.16 on Python 3.10, for GPUs with CUDA 12.',
  'acpt-pytorch-2.8-cuda12.6': 'PyTorch 2.8 with torchvision, DeepSpeed and transformers on Python 3.10, for GPUs with CUDA 12.6.',
  'acpt-pytorch-2.7-cuda12.6': 'PyTorch 2.7 for GPUs with CUDA 12.6.',
  'acpt-pytorch-2.5-cuda12.4': 'PyTorch 2.5 for GPUs with CUDA 12.4.',
  'acpt-pytorch-2.2-cuda12.1': 'PyTorch 2.2 for GPUs with CUDA 12.1.',
  'model-evaluation': "What the registry's components that evaluate models run in.",
  'responsibleai-tabular': 'The responsible AI dashboard for models of tables.',
};

/** `azureml://registries/azureml/environments/NAME/labels/latest`. */
export const curatedReference = (name: string): string => `azureml://registries/azureml/environments/${name}/labels/latest`;

/** The name of a curated environment in a reference to one: of the registry, or `azureml:AzureML-NAME…`. */
export function curatedName(reference: string): string | undefined {
  const name =
    /^azureml:\/\/registries\/azureml\/environments\/([^/]+)/.exec(reference)?.[1] ??
    /^(?:azureml:)?AzureML-([^:@]+)/i.exec(reference)?.[1];
  return name !== undefined && Object.hasOwn(curatedEnvironments, name) ? name : undefined;
}
