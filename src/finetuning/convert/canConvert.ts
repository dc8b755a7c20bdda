import type { GgufHeader } from '../../catalog/headers/readGguf.ts';
import { patternOf, type RawConfig } from './adapterConfig.ts';
import { architectures } from './architectures.ts';
import { headsOf } from './heads.ts';

/** Whether an adapter can be converted; what speaks against it, in words for a person. */
export interface Convertible {
  can: boolean;
  reasons: string[];
}

/** Options of PEFT that do something which an adapter of llama.cpp can't, and what that is. */
const unsupported: [key: string, what: string][] = [
  ['use_dora', 'DoRA scales the weights of the model too'],
  ['modules_to_save', 'whole modules were trained, which are no LoRA'],
  ['lora_bias', 'biases were trained'],
  ['trainable_token_indices', 'embeddings of tokens were trained'],
  ['layer_replication', 'layers of the model are there several times'],
  ['target_parameters', 'single parameters were trained, as those of experts'],
  ['alora_invocation_tokens', 'it is switched on by tokens (activated LoRA)'],
  ['use_qalora', 'QALoRA groups the inputs of each module'],
  ['use_bdlora', 'its matrices have blocks (BD-LoRA)'],
  ['kasa_config', 'KaSA changes the weights of the model too'],
  ['monteclora_config', 'its matrices are drawn anew each time (MonteCLoRA)'],
  ['arrow_config', 'it chooses among several adapters (Arrow)'],
];

/** Ways to begin a training that change the weights of the base model as well. */
const changesBase = /^(?:pissa|olora|corda|loftq|lora_ga)/i;

/** Whether an adapter with this configuration can become a GGUF adapter for this base model. It needs no weights, so that it can be asked before a training. */
export function canConvert(config: RawConfig, base: GgufHeader): Convertible {
  const reasons = [...ofMethod(config), ...ofNumbers(config), ...ofBase(base), ...ofTargets(config, base)];
  return { can: reasons.length === 0, reasons };
}

function* ofMethod(config: RawConfig): Iterable<string> {
  const kind = config.peft_type;
  if (kind !== 'LORA') yield `peft_type is ${JSON.stringify(kind) ?? 'missing'}: only LORA can be converted`;
  for (const [key, what] of unsupported) if (isOn(config[key])) yield `${key} is set: ${what}`;
  if (isOn(config.bias) && config.bias !== 'none') yield `bias is ${JSON.stringify(config.bias)}: biases were trained`;
  const begin = config.init_lora_weights;
  if (typeof begin === 'string' && changesBase.test(begin))
    yield `init_lora_weights is ${JSON.stringify(begin)}: it changes the weights of the base model too; save the adapter with path_initial_model_for_weight_conversion`;
}

function* ofNumbers(config: RawConfig): Iterable<string> {
  const { r, lora_alpha: alpha } = config;
  if (!(Number.isSafeInteger(r) && (r as number) > 0)) yield `r is ${JSON.stringify(r) ?? 'missing'}, which is no rank`;
  if (!isAlpha(alpha)) yield `lora_alpha is ${JSON.stringify(alpha) ?? 'missing'}, which is no number above 0`;
  for (const [name, isRight] of [
    ['rank_pattern', (each: unknown) => Number.isSafeInteger(each) && (each as number) > 0],
    ['alpha_pattern', isAlpha],
  ] as const) {
    const patterns = config[name] ?? {};
    if (typeof patterns !== 'object' || Array.isArray(patterns)) yield `${name} is no object`;
    else
      for (const [pattern, value] of Object.entries(patterns)) {
        if (!isRight(value)) yield `${name} has ${JSON.stringify(value)} for ${JSON.stringify(pattern.slice(0, 100))}`;
        else if (name === 'alpha_pattern' && !patternOf(pattern))
          yield `alpha_pattern has the pattern ${JSON.stringify(pattern.slice(0, 100))}, which is too intricate: name the modules`;
      }
  }
}

function* ofBase({ keys }: GgufHeader): Iterable<string> {
  const name = keys.get('general.architecture');
  const architecture = architectures.get(String(name));
  if (keys.get('general.type') === 'adapter') yield 'the base model is itself an adapter';
  else if (!architecture)
    yield `the base model has the architecture ${JSON.stringify(String(name ?? 'none'))}: those of ${[...architectures.keys()].join(', ')} can be converted`;
  else if (Number(keys.get(`${name}.expert_count`) ?? 0) > 0) yield 'the base model is a mixture of experts';
  else if (architecture.isPermuted && !headsOf(keys, 'attn_q', 0))
    yield 'the header of the base model does not say how many heads of attention it has';
}

function* ofTargets({ target_modules: targets }: RawConfig, { keys }: GgufHeader): Iterable<string> {
  const architecture = architectures.get(String(keys.get('general.architecture')));
  if (!architecture || targets === undefined || targets === null || targets === 'all-linear') return;
  const known = new Set([...architecture.modules.keys()].map((each) => each.split('.').at(-1)!));
  if (typeof targets === 'string') {
    const pattern = patternOf(targets);
    // What else it matches the tensors tell.
    for (const outside of ['embed_tokens', 'lm_head']) if (pattern?.test(`model.${outside}`)) yield notALayer(outside);
  } else if (!Array.isArray(targets)) yield 'target_modules is no list';
  else
    for (const target of targets.slice(0, 1000)) {
      const last = String(target).split('.').at(-1)!;
      if (last === 'embed_tokens' || last === 'lm_head') yield notALayer(last);
      else if (!known.has(last))
        yield `target_modules has ${JSON.stringify(String(target).slice(0, 100))}: of this architecture ${[...known].join(', ')} can be converted`;
    }
}

const notALayer = (name: string) => `target_modules has ${name}: adapters for embeddings and the output of a model are not converted`;

const isAlpha = (value: unknown) => typeof value === 'number' && Number.isFinite(value) && value > 0;

/** PEFT writes options that are off as null, false, or empty. */
const isOn = (value: unknown): boolean =>
  value !== undefined && value !== null && value !== false && (typeof value !== 'object' || Object.keys(value).length > 0);
