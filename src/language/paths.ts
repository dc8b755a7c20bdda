/** Folder of a file, `/` between its parts. */
export const folderOf = (file: string): string => file.split(/[\\/]/).slice(0, -1).join('/') || '/';

/** `target` as it is written in the YAML file `from`: relative, `./` before what lies beside or below. */
export function relativeTo(from: string, target: string): string {
  const here = folderOf(from).split('/');
  const there = target.split(/[\\/]/);
  let same = 0;
  while (same < here.length && same < there.length - 1 && here[same] === there[same]) same++;
  const up = here
    .slice(same)
    .filter(Boolean)
    .map(() => '..');
  const rest = there.slice(same);
  return up.length ? [...up, ...rest].join('/') : `./${rest.join('/')}`;
}
