/** The packages that a conda file names, with what is said of their version; '' for nothing. Reads the form that people and tools write, and skips what else there is. */
export function packagesOf(condaFile: string): Map<string, string> {
  const packages = new Map<string, string>();
  let within = -1;
  for (const line of condaFile.split(/\r?\n/)) {
    const text = line.replace(/(?:^|\s)#.*$/, '').trimEnd();
    if (text.trim() === '') continue;
    const indent = text.length - text.trimStart().length;
    const key = /^(\s*)([\w-]+)\s*:/.exec(text);
    if (key && !text.trimStart().startsWith('-')) {
      within = key[2] === 'dependencies' ? indent : -1;
      continue;
    }
    const item = /^\s*-\s+(.+)$/
      .exec(text)?.[1]
      ?.trim()
      .replace(/^(['"])(.*)\1$/, '$2');
    if (within < 0 || item === undefined || /^[\w-]+\s*:$/.test(item)) continue;
    // Options of pip, files and addresses have no name and version of their own.
    const match = /^(?:[\w.-]+::)?([A-Za-z0-9][\w.-]*(?:\[[^\]]*\])?)((?:\s|[=<>!~;@]).*)?$/.exec(item);
    if (match) packages.set(match[1]!.toLowerCase(), (match[2] ?? '').trim());
    else packages.set(item, '');
  }
  return packages;
}
