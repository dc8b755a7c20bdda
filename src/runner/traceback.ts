/** The last frame of a Python traceback that lies in `folder`, its file relative to it; undefined when there is none. */
export function lastFrame(lines: string[], folder: string): { file: string; line: number } | undefined {
  const root = folder.endsWith('/') ? folder : `${folder}/`;
  for (const text of [...lines].reverse()) {
    const match = /^\s*File "([^"]+)", line (\d+)/.exec(text);
    if (!match) continue;
    const file = match[1]!;
    if (file.startsWith(root)) return { file: file.slice(root.length), line: Number(match[2]) };
    if (!file.startsWith('/') && !file.startsWith('<')) return { file, line: Number(match[2]) };
  }
  return undefined;
}
