// What a script does with OpenAI's client, which finds its server in OPENAI_BASE_URL and OPENAI_API_KEY. Prints what came back as JSON.
import OpenAI from 'openai';

const [model] = process.argv.slice(2);
const client = new OpenAI({ maxRetries: 0 });
const question = { model, temperature: 0, messages: [{ role: 'user', content: 'what colour is the sky?' }] };
const nameOf = (promise) =>
  promise.then(
    () => 'answered',
    (error) => error.constructor.name,
  );

const seen = { listed: false, streamed: '' };
for await (const { id } of client.models.list()) seen.listed ||= id.startsWith(model);
const chat = await client.chat.completions.create(question);
seen.chat = chat.choices[0].message.content;
seen.usage = [chat.usage.prompt_tokens, chat.usage.completion_tokens, chat.usage.total_tokens];
for await (const chunk of await client.chat.completions.create({ ...question, stream: true }))
  seen.streamed += chunk.choices[0]?.delta.content ?? '';
const prompt = '<|user|>\nwhat colour is coal?\n<|assistant|>\n';
seen.completion = (await client.completions.create({ model, temperature: 0, prompt })).choices[0].text.trim();
seen.embedding = (await client.embeddings.create({ model, input: 'sky' })).data[0].embedding.length;
await client.chat.completions.create({ ...question, model: 'none' }).catch((error) => {
  seen.missing = error.code;
});
const { choices } = await client.chat.completions.create({ ...question, n: 2, logprobs: true, top_logprobs: 2 });
seen.several = choices.map(({ index, message, logprobs }) => [index, message.content, logprobs.content.map(({ token }) => token).join('')]);
seen.others = choices[0].logprobs.content[0].top_logprobs.length;
seen.tokens = (await client.completions.create({ model, temperature: 0, prompt, logprobs: 2 })).choices[0].logprobs.tokens;
seen.refused = await nameOf(client.chat.completions.create({ ...question, n: 0 }));
seen.unauthorized = await nameOf(new OpenAI({ apiKey: 'wrong', maxRetries: 0 }).models.list());
console.log(JSON.stringify(seen));
