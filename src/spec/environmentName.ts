/** Whether a reference names a curated environment, which the runner knows by itself: of a registry, or `AzureML-…`. */
export function bareEnvironmentName(reference: string): boolean {
  return /^azureml:\/\/registries\//.test(reference) || /^(?:azureml:)?AzureML-/i.test(reference);
}
