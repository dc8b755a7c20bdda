"""The same questions as `inference.bench.ts` asks, with llama-cpp-python. Reads requests as lines of JSON, answers each with a line: {"seconds", "tokens"}."""

import json
import sys
import time

from llama_cpp import Llama

path, threads, context = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
model = Llama(path, n_ctx=context, n_batch=512, n_threads=threads, n_threads_batch=threads, verbose=False)
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    model.reset()
    started = time.perf_counter()
    answer = model.create_completion(asked["prompt"], max_tokens=asked["tokens"], temperature=0)
    seconds = time.perf_counter() - started
    usage = answer["usage"]
    print(json.dumps({"seconds": seconds, "prompt": usage["prompt_tokens"], "tokens": usage["completion_tokens"]}), flush=True)
