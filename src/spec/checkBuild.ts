import { codes } from './codes.ts';
import type { FileSource } from './diagnostic.ts';
import { readDockerfile, refusalText } from './dockerfile/readDockerfile.ts';
import type { SpecDocument } from './document.ts';
import { beside, isLocalPath } from './paths.ts';
import type { Use } from './validate.ts';

/** Says which Dockerfiles do more than can be done here without an image, and at which of their lines. */
export function checkBuild(document: SpecDocument, uses: readonly Use[], files: FileSource, mustRunHere: boolean): void {
  for (const { path, field, text } of uses) {
    const isContext = field.pathKind === 'folder' && path.at(-1) === 'path' && path.at(-2) === 'build';
    if (!isContext || text === undefined || !isLocalPath(text)) continue;
    const given = document.toValue(document.at([...path.slice(0, -1), 'dockerfile_path']));
    const name = typeof given === 'string' && given ? given : 'Dockerfile';
    const inContext = (each: string) => beside(`${beside(document.file, text)}/Dockerfile`, each);
    const content = files.kind(beside(document.file, text)) === 'folder' ? files.readText(inContext(name)) : undefined;
    if (content === undefined) continue;
    const found = readDockerfile(content, { readText: (each) => files.readText(inContext(each)), address: (each) => each });
    if (!('refusal' in found)) continue;
    document.report(
      document.at(path),
      'UnsupportedKind',
      buildRefusal(name, refusalText(found.refusal)),
      buildHint,
      mustRunHere ? 'error' : codes.UnsupportedKind.severity,
    );
  }
}

/** The same words in the editor and in the log of a job. */
export const buildRefusal = (dockerfile: string, why: string): string =>
  `No images are built here, and ${dockerfile} can't become a virtual environment: ${why}`;
export const buildHint = 'Give the environment an image and a conda_file instead, or run the job in Azure.';
