"""The configuration that the adapter will have, before it is trained: so that it can be said first whether it can be converted."""
import argparse
import json
from pathlib import Path

cli = argparse.ArgumentParser()
cli.add_argument("--target-modules", required=True)
cli.add_argument("--r", type=int, required=True)
cli.add_argument("--out", required=True, type=Path)
args = cli.parse_args()
targets = args.target_modules if args.target_modules == "all-linear" else [each.strip() for each in args.target_modules.split(",")]
args.out.write_text(json.dumps({"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": args.r, "lora_alpha": args.r, "target_modules": targets}))
