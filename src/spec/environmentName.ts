import { isOfAzuresRegistry } from '../protocol/registry.ts';

/** Whether a reference names a curated environment, which the runner knows by itself: of Azure's own registry, or `AzureML-…`. */
export function bareEnvironmentName(reference: string): boolean {
  return isOfAzuresRegistry(reference) || /^(?:azureml:)?AzureML-/i.test(reference);
}
