"""Puts together what is registered: the adapter, and what is known of it."""
import argparse
import hashlib
import json
import shutil
from pathlib import Path

from said import log, log_to_pipeline, one_file, run


def main():
    cli = argparse.ArgumentParser()
    for name in ("base", "gguf", "evaluation", "data", "verification", "out"):
        cli.add_argument(f"--{name}", required=True, type=Path)
    args = cli.parse_args()
    base = one_file(args.base, ".gguf")
    with open(base, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest() if hasattr(hashlib, "file_digest") else hashlib.sha256(file.read()).hexdigest()
    read = lambda file: json.loads(file.read_text())
    verification, metrics = read(args.verification), read(args.evaluation / "metrics.json")
    args.out.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(args.gguf / "adapter.gguf", args.out / "adapter.gguf")
    shutil.copyfile(args.evaluation / "answers.json", args.out / "answers.json")
    facts = {
        "kind": "lora",
        "base": {"file": base.name, "bytes": base.stat().st_size, "sha256": digest},
        "data": read(args.data / "data.json"),
        "metrics": metrics,
        "verification": verification,
    }
    (args.out / "finetuning.json").write_text(json.dumps(facts, indent=2))
    kl = {"tuned/kl_to_torch": verification["meanKl"]}
    log(kl)
    log_to_pipeline({**kl, **{f"{which}/{name}": value for which, found in metrics.items() for name, value in found.items()}})


run(main)
