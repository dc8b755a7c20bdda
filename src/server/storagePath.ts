/** Containers of the Blob subset are told apart from all other routes by their first path segment. */
export const isStoragePath = (path: string): boolean => /^\/azureml(?:-[a-z0-9-]{1,60})?(?:\/|$)/.test(path);
