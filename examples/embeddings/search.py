"""Finds the texts that are closest in meaning to a question: python search.py QUESTION [MODEL]"""

import pathlib
import sys

from openai import OpenAI

question, model = (sys.argv[1:] + ["all-minilm-l6-v2"])[:2]
texts = pathlib.Path(__file__).with_name("texts.txt").read_text(encoding="utf-8").splitlines()
# The server and its key are in OPENAI_BASE_URL and OPENAI_API_KEY.
answer = OpenAI().embeddings.create(model=model, input=[question, *texts])
asked, *vectors = [each.embedding for each in answer.data]
# The vectors are one unit long: the larger the sum of products, the closer the meaning.
closeness = [sum(a * b for a, b in zip(asked, vector)) for vector in vectors]
for value, text in sorted(zip(closeness, texts), reverse=True)[:3]:
    print(f"{value:.2f}  {text}")
