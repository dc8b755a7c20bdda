import path from 'node:path';
import { UserError } from '../../base/userError.ts';
import { downloadFromWeb } from '../../transfer/web/downloadFromWeb.ts';
import { readText } from '../../transfer/web/readText.ts';
import { isModelFile } from '../headers/readHeader.ts';
import { apache2 } from '../licenses/apache2.ts';
import { isBelow } from '../storedModels.ts';
import type { Hub, HubFile, HubModel } from './hub.ts';
import type { FileToGet, FoundModel, License, ModelSource } from './modelSource.ts';

/** Bytes of a licence's text at most. */
const mostLicense = 1 << 20;
/** What belongs to weights in safetensors files. */
const besideWeights =
  /(?:^|\/)(?:[\w.-]*config\.json|tokenizer[\w.-]*|vocab\.\w+|merges\.txt|special_tokens_map\.json|added_tokens\.json|chat_template\.\w+|model\.safetensors\.index\.json)$/i;
/** `-00001-of-00003`: a part of a model. */
const part = /-\d{5}-of-\d{5}(?=\.\w+$)/;

/** A repository of the Hugging Face Hub, or a file in it. */
export interface HubAddress {
  /** `ORG/REPO`. */
  repository: string;
  file?: string | undefined;
  /** Branch, tag or commit; `main` when absent. */
  revision?: string | undefined;
}

/** Models of the Hugging Face Hub: the commit that a revision stands for when it is looked up is what is got. */
export class HubSource implements ModelSource {
  private readonly address: HubAddress;
  private readonly hub: Hub;
  private readonly name: string | undefined;

  constructor(address: HubAddress, hub: Hub, name?: string) {
    this.address = address;
    this.hub = hub;
    this.name = name;
  }

  async find(signal?: AbortSignal): Promise<FoundModel> {
    const { repository, file, revision = 'main' } = this.address;
    const model = await this.hub.model(repository, revision, signal);
    const files = this.choose(model.files);
    return {
      name: this.name ?? (file ? `${repository}/${file}` : files.length === 1 ? `${repository}/${files[0]!.name}` : repository),
      source: `hf:${repository}${file ? `/${file}` : ''}@${model.commit}`,
      license: await this.licenseOf(model, signal),
      files: files.map((each) => this.fileToGet(each, model.commit)),
    };
  }

  private choose(files: HubFile[]): HubFile[] {
    const { repository, file } = this.address;
    const usable = files.filter(({ name }) => isBelow(name));
    const offered = () => usable.filter(({ name }) => isModelFile(name)).map(({ name }) => name);
    if (file !== undefined) {
      const whole = file.replace(part, '');
      // Of a model in several files all are needed.
      const chosen = usable.filter(({ name }) => name === file || (part.test(file) && name.replace(part, '') === whole));
      if (!isModelFile(file) || chosen.length === 0)
        throw new UserError(
          'NotFound',
          isModelFile(file) ? `${repository} has no file ${file}.` : `${file} is no file of weights that is safe to load.`,
          offered().length ? `It has ${offered().slice(0, 30).join(', ')}.` : 'It has no GGUF, safetensors or ONNX files.',
        );
      return /\.onnx$/i.test(file) ? [...chosen, ...besideOnnx(file, usable)] : chosen;
    }
    const gguf = usable.filter(({ name }) => /\.gguf$/i.test(name));
    const models = new Set(gguf.map(({ name }) => name.replace(part, '')));
    if (models.size === 1) return gguf;
    if (models.size > 1)
      throw new UserError(
        'InvalidArgument',
        `${repository} has several models.`,
        `Name one: hf:${repository}/FILE, with FILE one of ${offered().slice(0, 30).join(', ')}.`,
      );
    const weights = usable.filter(({ name }) => /\.safetensors$/i.test(name));
    if (weights.length === 0)
      throw new UserError(
        'NotFound',
        `${repository} has no GGUF or safetensors files.`,
        offered().length
          ? `Name an ONNX file: hf:${repository}/FILE, with FILE one of ${offered().slice(0, 30).join(', ')}.`
          : 'Others may run code when they are loaded, or are not known. Look for a repository with GGUF in its name.',
      );
    return [...weights, ...usable.filter(({ name }) => besideWeights.test(name))];
  }

  private fileToGet({ name, bytes, sha256 }: HubFile, commit: string): FileToGet {
    return {
      name,
      bytes,
      downloadBytes: bytes,
      sha256,
      save: (target, { signal, onProgress }) =>
        downloadFromWeb(
          { url: this.hub.fileAddress(this.address.repository, commit, name), hash: sha256, size: bytes, headers: this.hub.headers },
          target,
          {
            web: this.hub.web,
            signal,
            onProgress,
          },
        ),
    };
  }

  private async licenseOf(model: HubModel, signal: AbortSignal | undefined): Promise<License | undefined> {
    const { repository } = this.address;
    const file = model.files.find(({ name }) => /^licen[cs]e(?:\.(?:txt|md))?$/i.test(name));
    const name = model.license ?? (file ? 'a licence of its own' : undefined);
    if (name === undefined) return undefined;
    const url = model.licenseLink ?? `${this.hub.endpoint}/${repository}${file ? `/blob/${model.commit}/${file.name}` : ''}`;
    const text = file
      ? (await readText(this.hub.address(this.hub.fileAddress(repository, model.commit, file.name)), {}, mostLicense, signal)).text
      : name === 'apache-2.0'
        ? apache2
        : undefined;
    return { name, text, url };
  }
}

/** What an ONNX file needs to run: its weights in files of their own, and what tells how texts become its inputs. */
function besideOnnx(file: string, files: readonly HubFile[]): HubFile[] {
  const isItsData = (name: string) => name.startsWith(file) && /^[_.]data/.test(name.slice(file.length));
  return files.filter(({ name }) => isItsData(name) || besideWeights.test(name) || /(?:^|\/)modules\.json$/.test(name));
}

/** `ORG/REPO[/FILE][@REVISION]`. */
export function parseHubAddress(text: string): HubAddress {
  const match = /^([\w.-]+\/[\w.-]+)(?:\/([^@]+))?(?:@([\w./-]+))?$/.exec(text);
  if (!match || match[1]!.split('/').some((each) => /^\.+$/.test(each)) || (match[2] !== undefined && !isBelow(match[2])))
    throw new UserError(
      'InvalidArgument',
      `hf:${text} names no model of the Hugging Face Hub.`,
      'Write hf:ORG/REPO, hf:ORG/REPO/FILE, or either with @REVISION.',
    );
  return { repository: match[1]!, file: match[2] === undefined ? undefined : path.posix.normalize(match[2]), revision: match[3] };
}
