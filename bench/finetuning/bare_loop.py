"""A plain training of a LoRA adapter with torch and peft, as anyone would write it first: what the training step of the pipeline is measured against.

usage: python bare_loop.py CODE BASE DATA EPOCHS BATCH PRECISION   (CODE is the folder of the pipeline's own steps, for the same examples in the same order)
Prints `step_seconds=` for each step.
"""
import os
import random
import sys
import time
from pathlib import Path

os.environ.setdefault("GOMP_SPINCOUNT", "2000")
code, base, data, epochs, size, precision = sys.argv[1:]
sys.path.insert(0, code)
import torch  # noqa: E402
from peft import LoraConfig, get_peft_model  # noqa: E402
from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: E402

from examples import load  # noqa: E402
from model import batch_of, encoder  # noqa: E402

torch.manual_seed(0)
device = "cuda" if torch.cuda.is_available() else "cpu"
tokenizer = AutoTokenizer.from_pretrained(base)
model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32).to(device)
model = get_peft_model(model, LoraConfig(r=8, lora_alpha=16, target_modules="all-linear", task_type="CAUSAL_LM"))
encoded = encoder(tokenizer)
examples = [encoded(each) for each in load(Path(data) / "train.jsonl")]
trained = [each for each in model.parameters() if each.requires_grad]
optimizer = torch.optim.AdamW(trained, lr=2e-3, weight_decay=0.0)
model.train()
for epoch in range(int(epochs)):
    order = list(range(len(examples)))
    random.Random(epoch).shuffle(order)
    for at in range(0, len(order), int(size)):
        began = time.monotonic()
        batch = batch_of([examples[each] for each in order[at : at + int(size)]], tokenizer.pad_token_id, device)
        with torch.autocast(device, torch.bfloat16, enabled=precision == "bf16"):
            loss = model(**batch).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        loss = loss.item()
        print(f"loss={loss:.4f} step_seconds={time.monotonic() - began:.6f}", flush=True)
