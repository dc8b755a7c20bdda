/** Azure's curated environments that have a counterpart in pip packages. Source: the environments' own conda files in github.com/Azure/azureml-assets. */
export const curatedPackages: Record<string, string[]> = {
  'sklearn-1.5': ['scikit-learn~=1.5', 'pandas', 'scipy', 'joblib', 'mlflow-skinny', 'matplotlib'],
  'sklearn-1.1': ['scikit-learn', 'pandas', 'scipy', 'joblib', 'mlflow-skinny', 'matplotlib'],
  'sklearn-1.0': ['scikit-learn', 'pandas', 'scipy', 'joblib', 'mlflow-skinny', 'matplotlib'],
  lightgbm: ['lightgbm', 'scikit-learn', 'pandas', 'mlflow-skinny'],
  'acpt-pytorch': ['torch', 'torchvision', 'mlflow-skinny'],
  pytorch: ['torch', 'torchvision', 'mlflow-skinny'],
  tensorflow: ['tensorflow', 'mlflow-skinny'],
  responsibleai: ['scikit-learn', 'pandas', 'mlflow-skinny'],
};

/**
 * Packages of a curated environment. It is named by its address (`azureml://registries/azureml/environments/sklearn-1.5/labels/latest`), by its older name (`AzureML-sklearn-1.0-ubuntu…`), or by its image.
 * Undefined for one that is not known here.
 */
export function packagesOf(environmentId: string): string[] | undefined {
  const name = (/(?:environments|azureml\/curated)\/([^/]+)/i.exec(environmentId)?.[1] ?? environmentId)
    .toLowerCase()
    .replace(/^azureml:/, '')
    .replace(/^azureml-/, '');
  const key = Object.keys(curatedPackages).find((candidate) => name.startsWith(candidate));
  return key === undefined ? undefined : curatedPackages[key];
}
