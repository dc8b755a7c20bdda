/** How a tokenizer cuts a text into words before it looks for tokens in each: the expressions, one after the other, cut what the ones before have left. */
export interface PreTokenizer {
  patterns: string[];
  /** A word that is itself a token is not put together from smaller ones. */
  wholeWordsFirst?: boolean;
}

const gpt2 = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)";
const shortForms = "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])";
/** With so many digits in a word. */
const withDigits = (digits: string) =>
  `${shortForms}|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`;

const plain: PreTokenizer = { patterns: [gpt2] };
const singleDigits: PreTokenizer = { patterns: ['\\p{N}', gpt2] };
const threeDigits: PreTokenizer = { patterns: [withDigits('\\p{N}{1,3}')], wholeWordsFirst: true };
const qwen: PreTokenizer = { patterns: [withDigits('\\p{N}')] };

/**
 * By `tokenizer.ggml.pre` of a GGUF file. The names and the expressions are those of `src/llama-vocab.cpp` of llama.cpp: what is trained must read texts as what serves it does. Those that
 * models of the architectures have which can be trained.
 */
export const preTokenizers: ReadonlyMap<string, PreTokenizer> = new Map([
  ['gpt-2', plain],
  ['olmo', plain],
  ['smollm', singleDigits],
  ['starcoder', singleDigits],
  ['refact', singleDigits],
  ['command-r', singleDigits],
  ['codeshell', singleDigits],
  ['exaone', singleDigits],
  ['minerva-7b', singleDigits],
  ['llama-bpe', threeDigits],
  ['llama3', threeDigits],
  ['llama-v3', threeDigits],
  ['falcon3', threeDigits],
  ['dbrx', { patterns: threeDigits.patterns }],
  ['smaug-bpe', { patterns: threeDigits.patterns }],
  ['qwen2', qwen],
  ['stablelm2', qwen],
  ['deepseek-r1-qwen', qwen],
]);
