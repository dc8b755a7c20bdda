/** A server with OpenAI's API that runs already: Ollama, LM Studio, one of the team, a provider. Its models are called `NAME/MODEL` here. */
export interface ModelServer {
  name: string;
  /** What people call it. */
  label: string;
  /** Where its API is, without a final slash: `http://127.0.0.1:11434/v1`. */
  url: string;
  key?: string;
}

/**
 * Servers that may run on this machine, at their default addresses: Ollama, LM Studio, llama.cpp's own server and vLLM. `OLLAMA_HOST` is read as Ollama reads it.
 */
export function serversOfMachine(env: Readonly<Record<string, string | undefined>>): ModelServer[] {
  return [
    { name: 'ollama', label: 'Ollama', url: `${ollamaUrl(env.OLLAMA_HOST)}/v1` },
    { name: 'lmstudio', label: 'LM Studio', url: 'http://127.0.0.1:1234/v1' },
    { name: 'llama.cpp', label: 'llama.cpp', url: 'http://127.0.0.1:8080/v1' },
    { name: 'vllm', label: 'vLLM', url: 'http://127.0.0.1:8000/v1' },
  ];
}

/** `HOST`, `HOST:PORT` or a whole address. What Ollama listens on everywhere is asked on this machine. */
function ollamaUrl(host = ''): string {
  const text = /^https?:\/\//.test(host) ? host : `http://${host || '127.0.0.1'}`;
  if (!URL.canParse(text)) return 'http://127.0.0.1:11434';
  const url = new URL(text);
  if (url.hostname === '0.0.0.0') url.hostname = '127.0.0.1';
  if (!url.port && url.protocol === 'http:' && !/:80(?:\/|$)/.test(text)) url.port = '11434';
  return url.origin;
}

/** Categories of connections behind which there is OpenAI's API when they have an address. */
const categories = new Set(['openai', 'open_ai', 'apikey', 'api_key', 'serverless']);

/** The server that a connection of the workspace leads to, without its key; undefined for one that leads elsewhere. */
export function serverOfConnection(name: string, properties: Record<string, unknown>): ModelServer | undefined {
  const { category, target } = properties;
  if (typeof target !== 'string' || !/^https?:\/\//.test(target) || !URL.canParse(target)) return undefined;
  if (!categories.has(String(category).toLowerCase())) return undefined;
  const url = target.replace(/\/+$/, '');
  return { name, label: name, url: /\/v\d+$/.test(url) ? url : `${url}/v1` };
}
