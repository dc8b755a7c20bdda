"""The same runs as `embeddingsRun.ts`, with Python's onnxruntime: reads {"rows", "tokens", "times"} as lines of JSON, answers each with {"ms": [each run]}."""

import json
import sys
import time

import numpy
import onnxruntime

path, threads = sys.argv[1], int(sys.argv[2])
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = threads
options.inter_op_num_threads = 1
options.add_session_config_entry("session.intra_op.allow_spinning", sys.argv[3])
session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
print(json.dumps({"ready": True}), flush=True)
for line in sys.stdin:
    asked = json.loads(line)
    shape = (asked["rows"], asked["tokens"])
    ids = numpy.array([1000 + at % 20000 for at in range(shape[0] * shape[1])], dtype=numpy.int64).reshape(shape)
    inputs = {"input_ids": ids, "attention_mask": numpy.ones(shape, numpy.int64), "token_type_ids": numpy.zeros(shape, numpy.int64)}
    times = []
    for _ in range(asked["times"]):
        started = time.perf_counter()
        session.run(["last_hidden_state"], inputs)
        times.append((time.perf_counter() - started) * 1000)
    print(json.dumps({"ms": times}), flush=True)
