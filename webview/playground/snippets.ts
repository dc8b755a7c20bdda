import type { requestOf } from './conversation.ts';

/** Lines of code that ask the same of the same model, for a place that `title` names. */
export interface Snippet {
  title: string;
  text: string;
}

/** The address and the key are taken from the environment, as OpenAI's clients do: `updraft env` prints both. */
export function snippetsOf(request: ReturnType<typeof requestOf>): Snippet[] {
  const json = JSON.stringify(request, undefined, 2);
  return [
    {
      title: 'curl',
      text: `curl "$OPENAI_BASE_URL/chat/completions" \\\n  -H "Authorization: Bearer $OPENAI_API_KEY" \\\n  -H "Content-Type: application/json" \\\n  -d '${json.replaceAll("'", `'\\''`)}'`,
    },
    {
      title: 'Python',
      text: `from openai import OpenAI\n\nclient = OpenAI()\nanswer = client.chat.completions.create(\n${Object.entries(request)
        .map(([key, value]) => `    ${key}=${python(value, 1)},\n`)
        .join('')})\nprint(answer.choices[0].message.content)`,
    },
    {
      title: 'TypeScript',
      text: `import OpenAI from 'openai';\n\nconst client = new OpenAI();\nconst answer = await client.chat.completions.create(${json});\nconsole.log(answer.choices[0]?.message.content);`,
    },
  ];
}

/** A JSON value as Python writes it. Texts of JSON are texts of Python. */
function python(value: unknown, depth: number): string {
  const [inner, outer] = ['    '.repeat(depth + 1), '    '.repeat(depth)];
  if (value === null) return 'None';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value !== 'object') return JSON.stringify(value);
  const isList = Array.isArray(value);
  const items = isList
    ? value.map((each) => python(each, depth + 1))
    : Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${python(each, depth + 1)}`);
  const [open, close] = isList ? '[]' : '{}';
  return items.length ? `${open}\n${items.map((each) => `${inner}${each},\n`).join('')}${outer}${close}` : `${open}${close}`;
}
