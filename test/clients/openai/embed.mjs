// Vectors of texts with OpenAI's client, which asks for base64 unless it is told otherwise. Prints what came back as JSON.
import OpenAI from 'openai';

const [model] = process.argv.slice(2);
const client = new OpenAI({ maxRetries: 0 });
const dot = (a, b) => a.reduce((sum, each, at) => sum + each * b[at], 0);
const input = ['A cat sits on the sofa.', 'A kitten rests on the couch.', 'The stock market fell sharply today.'];
const { data, usage } = await client.embeddings.create({ model, input });
const [a, b, c] = data.map(({ embedding }) => embedding);
const floats = await client.embeddings.create({ model, input: input[0], encoding_format: 'float' });
const short = await client.embeddings.create({ model, input: input[0], dimensions: 64 });
const refused = await client.embeddings.create({ model, input: '' }).catch((error) => error.constructor.name);
console.log(
  JSON.stringify({
    widths: [a.length, short.data[0].embedding.length],
    near: dot(a, b).toFixed(2),
    far: dot(a, c).toFixed(2),
    same: floats.data[0].embedding.every((each, at) => Math.abs(each - a[at]) < 1e-6),
    tokens: usage.total_tokens,
    refused,
  }),
);
