import { datastoreUri } from '../protocol/asset.ts';
import { isLocalPath } from '../spec/paths.ts';
import type { Places } from '../spec/places.ts';
import type { AssetUploader } from './assets.ts';

type YamlMap = Record<string, any>;

/**
 * Makes a body of what a file says, after everything that it names was put on the plane. `make` is called until it asks for nothing new: first to find
 * out what is needed, and again for each level of components, which are put there when what they name is.
 */
export async function withUploads<T>(uploader: AssetUploader, make: (places: Places) => T): Promise<T> {
  const known = new Map<string, string | undefined>();
  const wanted = new Map<string, () => Promise<string | undefined>>();
  let unknown = 0;
  const ask = (what: unknown[], get: () => Promise<string | undefined>): string | undefined => {
    const key = JSON.stringify(what);
    if (!known.has(key)) {
      unknown++;
      wanted.set(key, get);
    }
    return known.get(key);
  };
  const code = (file: string, { code: given, additional_includes: includes }: YamlMap) =>
    typeof given === 'string' || (Array.isArray(includes) && includes.length > 0)
      ? ask(['code', file, given, includes], () => uploader.code(file, { code: given, additional_includes: includes }))
      : undefined;
  const environment = (file: string, given: unknown) => ask(['environment', file, given], () => uploader.environment(file, given));
  const places: Places = {
    code,
    environment,
    data: (file, path, type) => ask(['data', file, path, type], () => uploader.data(file, path, type)) ?? '',
    output: (path) => (path.startsWith('azureml:') ? path : datastoreUri(path.replace(/^\/+/, ''))),
    compute: (name) => uploader.compute(name),
    component(reference, spec) {
      if (reference !== undefined && !isLocalPath(reference)) return ask(['component', reference], () => uploader.registered(reference));
      const before = unknown;
      const made = spec();
      return unknown > before ? undefined : ask(['component', made], () => uploader.component(made));
    },
    componentCode: (file, work) => prefixed(code(file, work)),
    componentEnvironment: (file, given) => prefixed(environment(file, given)),
  };
  for (;;) {
    const made = make(places);
    if (wanted.size === 0) return made;
    const asked = [...wanted];
    wanted.clear();
    for (const [key, get] of asked) known.set(key, await get());
  }
}

/** Ids inside a component carry `azureml:`. */
const prefixed = (id: string | undefined): string | undefined => (id?.startsWith('/') ? `azureml:${id}` : id);
