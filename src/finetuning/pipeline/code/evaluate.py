"""The base model and the tuned one on examples that neither has seen: numbers, answers side by side, and what `verify` compares the served model with."""
import argparse
import json
import os
from pathlib import Path

from said import log, log_table, run

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
# Rows whose logits are kept: a row is some 200 kB a token of its answer.
COMPARED = 6


def main():
    cli = argparse.ArgumentParser()
    cli.add_argument("--base", required=True)
    cli.add_argument("--adapter", required=True, type=Path)
    cli.add_argument("--data", required=True, type=Path)
    cli.add_argument("--out", required=True, type=Path)
    args = cli.parse_args()

    import torch
    from peft import PeftModel
    from safetensors.torch import save_file
    from transformers import AutoTokenizer

    from examples import load, prompt_of
    from model import answer_logits, answers_of, batch_of, device_here, encoder, loaded, mean_loss, use_cores
    from scores import scores

    device = device_here()
    use_cores()
    tokenizer = AutoTokenizer.from_pretrained(args.base)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    model = PeftModel.from_pretrained(loaded(args.base, device), args.adapter).to(device)
    encoded = encoder(tokenizer)
    rows = load(args.data / "test.jsonl")
    pairs = [encoded(each) for each in rows]
    wanted = [each[-1]["content"] for each in rows]
    questions = [question for question, _ in pairs]
    limit = min(max(len(answer) for _, answer in pairs) + 16, 512)

    def measured():
        answers = answers_of(model, tokenizer, questions, device, limit)
        return answers, {"loss": mean_loss(model, pairs, tokenizer.pad_token_id, device), **scores(answers, wanted)}

    with model.disable_adapter():
        before, base = measured()
    prompts, tensors = [], {}
    with torch.no_grad():
        for at, ((question, answer), row) in enumerate(zip(pairs[:COMPARED], rows)):
            logits, _ = answer_logits(model, batch_of([(question, answer)], tokenizer.pad_token_id, device))
            tensors[f"logits.{at}"] = logits.cpu().contiguous()
            prompts.append({"text": prompt_of(tokenizer, row), "tokens": question + answer, "from": len(question)})
    # Answers come faster when the adapter is part of the weights. What is compared with the served model was computed before, as it was trained.
    model.merge_adapter()
    after, tuned = measured()
    log({f"base/{name}": value for name, value in base.items()} | {f"tuned/{name}": value for name, value in tuned.items()})

    args.out.mkdir(parents=True, exist_ok=True)
    table = [[each[-2]["content"], want, b, t, b.strip() == want.strip(), t.strip() == want.strip()] for each, want, b, t in zip(rows, wanted, before, after)]
    columns = ["question", "wanted", "base", "tuned", "base_is_right", "tuned_is_right"]
    (args.out / "answers.json").write_text(json.dumps({"columns": columns, "data": table}, ensure_ascii=False))
    log_table("answers.json", columns, table)
    (args.out / "metrics.json").write_text(json.dumps({"base": base, "tuned": tuned}))

    save_file(tensors, args.out / "reference.safetensors")
    (args.out / "reference.json").write_text(json.dumps({"prompts": prompts}))


run(main)
