"""Says how friendly texts are, by the weights of their words."""

import json
import os
from pathlib import Path


def init():
    global weights
    weights = json.loads((Path(os.environ["AZUREML_MODEL_DIR"]) / "model" / "weights.json").read_text())
    print(f"ready, with {len(weights)} words")


def run(raw_data):
    texts = json.loads(raw_data)["texts"]
    return [sum(weights.get(word, 0) for word in text.lower().split()) for text in texts]
