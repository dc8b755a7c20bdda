"""Vectors of texts with OpenAI's client, which asks for base64 unless it is told otherwise. Prints what came back as JSON."""

import json
import sys

import openai

model = sys.argv[1]
client = openai.OpenAI(max_retries=0)
texts = ["A cat sits on the sofa.", "A kitten rests on the couch.", "The stock market fell sharply today."]
answer = client.embeddings.create(model=model, input=texts)
a, b, c = [each.embedding for each in answer.data]
dot = lambda a, b: sum(x * y for x, y in zip(a, b))
floats = client.embeddings.create(model=model, input=texts[0], encoding_format="float").data[0].embedding
short = client.embeddings.create(model=model, input=texts[0], dimensions=64).data[0].embedding
try:
    client.embeddings.create(model=model, input="")
    refused = None
except openai.OpenAIError as error:
    refused = type(error).__name__
print(
    json.dumps(
        {
            "widths": [len(a), len(short)],
            "near": f"{dot(a, b):.2f}",
            "far": f"{dot(a, c):.2f}",
            "same": all(abs(x - y) < 1e-6 for x, y in zip(floats, a)),
            "tokens": answer.usage.total_tokens,
            "refused": refused,
        }
    )
)
