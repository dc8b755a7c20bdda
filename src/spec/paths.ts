let last: { file: string; parts: string[] } = { file: '', parts: [] };

/** Joins a path of a YAML file with the file's folder; absolute ones stay. Handles `/` and, on Windows, drive letters and `\`. */
export function beside(file: string, relative: string): string {
  const clean = relative.replace(/^file:(?:\/\/)?/, '');
  if (/^(?:\/|[A-Za-z]:[\\/])/.test(clean)) return clean;
  // A file's paths are asked for one after another.
  if (file !== last.file) last = { file, parts: file.split(/[\\/]/).slice(0, -1) };
  const parts = [...last.parts];
  for (const part of clean.split(/[\\/]/)) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/') || '/';
}

/** Whether a path means something on this machine rather than an asset, a datastore or a web address. */
export const isLocalPath = (text: string): boolean =>
  !/^(?:azureml:|https?:|wasbs?:|abfss?:|adl:|git\+|runs:|mlflow-artifacts:)/.test(text) && !/^\$\{\{/.test(text);
