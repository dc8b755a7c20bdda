"""What a script does with OpenAI's client, which finds its server in OPENAI_BASE_URL and OPENAI_API_KEY. Prints what came back as JSON."""

import json
import sys

import openai

model = sys.argv[1]
client = openai.OpenAI(max_retries=0)
question = dict(model=model, temperature=0, messages=[{"role": "user", "content": "what colour is the sky?"}])
seen = {"chat": client.chat.completions.create(**question).choices[0].message.content, "streamed": ""}
for chunk in client.chat.completions.create(**question, stream=True):
    seen["streamed"] += chunk.choices[0].delta.content or ""
prompt = "<|user|>\nwhat colour is coal?\n<|assistant|>\n"
seen["completion"] = client.completions.create(model=model, temperature=0, prompt=prompt).choices[0].text.strip()
seen["embedding"] = len(client.embeddings.create(model=model, input="sky").data[0].embedding)
try:
    client.chat.completions.create(**{**question, "model": "none"})
except openai.NotFoundError as error:
    seen["missing"] = error.code
choices = client.chat.completions.create(**question, n=2, logprobs=True, top_logprobs=2).choices
seen["several"] = [
    [choice.index, choice.message.content, "".join(each.token for each in choice.logprobs.content)] for choice in choices
]
seen["others"] = len(choices[0].logprobs.content[0].top_logprobs)
seen["tokens"] = client.completions.create(model=model, temperature=0, prompt=prompt, logprobs=2).choices[0].logprobs.tokens
try:
    client.chat.completions.create(**question, n=0)
except openai.OpenAIError as error:
    seen["refused"] = type(error).__name__
print(json.dumps(seen))
