import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { messageOf, UserError } from '../../base/userError.ts';
import type { TemplateMessage } from '../chat.ts';
import type { Loaded, LoadOptions } from '../workerMessages.ts';
import { loadNodeLlamaCpp, type Model } from './nodeLlamaCpp.ts';

/** What is used of @huggingface/jinja, which comes with the engine. */
interface Jinja {
  Template: new (text: string) => { render(values: Record<string, unknown>): string };
}

/**
 * The tokenizer of a GGUF model with its chat template, without its weights. The template is written out as Hugging Face's libraries do when they train, and not as the engine does for an answer:
 * there a template counts that means the same.
 */
export class ChatTokenizer {
  readonly loaded: Loaded;
  private readonly model: Model;
  private readonly template: InstanceType<Jinja['Template']>;

  private constructor(model: Model, template: InstanceType<Jinja['Template']>, loaded: Loaded) {
    this.model = model;
    this.template = template;
    this.loaded = loaded;
  }

  static async load({ engine, file, threads }: LoadOptions): Promise<ChatTokenizer> {
    const started = performance.now();
    const { getLlama } = await loadNodeLlamaCpp(engine);
    const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, maxThreads: threads, logLevel: 'error' });
    const model = await llama.loadModel({ modelPath: file, vocabOnly: true });
    const text = model.fileInfo.metadata.tokenizer?.chat_template;
    if (typeof text !== 'string') throw new UserError('InvalidModelFile', 'The model has no chat template.');
    const { Template } = (await import(
      pathToFileURL(path.join(engine, 'node_modules', '@huggingface', 'jinja', 'dist', 'index.js')).href
    )) as Jinja;
    const loaded = { contextSize: 0, sequences: 0, device: 'cpu' as const, loadMs: performance.now() - started };
    return new ChatTokenizer(model, new Template(text), loaded);
  }

  /** Tokens of each conversation, or why the template refuses it. */
  count(chats: readonly TemplateMessage[][]): (number | string)[] {
    const { bosString, eosString } = this.model.tokens;
    return chats.map((messages) => {
      try {
        const text = this.template.render({
          messages,
          bos_token: bosString ?? '',
          eos_token: eosString ?? '',
          add_generation_prompt: false,
        });
        return this.model.tokenize(text, true).length;
      } catch (error) {
        return messageOf(error);
      }
    });
  }
}
