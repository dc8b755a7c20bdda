"""The base model and the tuned one on examples that neither has seen: numbers, answers side by side, and what `verify` compares the served model with."""
import argparse
import json
import os
from pathlib import Path

from said import log, log_table, run

# As in train.py.
os.environ.setdefault("GOMP_SPINCOUNT", "2000")
# Rows whose logits are kept: a row is some 200 kB a token of its answer.
COMPARED = 6
# Tokens of each that are compared, at most: what is wrong in a conversion is wrong from the first one on, and the engine takes its time for each.
PREDICTED = 24


def arguments():
    cli = argparse.ArgumentParser()
    cli.add_argument("--base", required=True)
    cli.add_argument("--adapter", required=True, type=Path)
    cli.add_argument("--data", required=True, type=Path)
    cli.add_argument("--judge-model", help="A language model that grades the answers.")
    cli.add_argument("--judge-url", help="Where it answers in OpenAI's API; the control plane of this job when absent.")
    cli.add_argument("--judge-examples", type=int, default=50)
    cli.add_argument("--out", required=True, type=Path)
    return cli.parse_args()


def reference_of(model, tokenizer, rows, pairs, device):
    """What the tuned model predicts for the answers of some rows: prompts, and logits."""
    import torch

    from examples import prompt_of
    from model import answer_logits, batch_of

    prompts, tensors = [], {}
    with torch.no_grad():
        for at, ((question, whole), row) in enumerate(zip(pairs[:COMPARED], rows)):
            answer = whole[:PREDICTED]
            logits, _ = answer_logits(model, batch_of([(question, answer)], tokenizer.pad_token_id, device))
            tensors[f"logits.{at}"] = logits.cpu().contiguous()
            prompts.append({"text": prompt_of(tokenizer, row), "tokens": question + answer, "from": len(question)})
    return prompts, tensors


def answered(args, rows):
    """Answers and metrics of both models, and what the tuned one is to predict when it is served."""
    from peft import PeftModel

    from model import answers_of, device_here, encoder, loaded, mean_loss, tokenizer_of, use_cores
    from scores import scores

    device = device_here()
    use_cores()
    tokenizer = tokenizer_of(args.base)
    model = PeftModel.from_pretrained(loaded(args.base, device), args.adapter).to(device)
    pairs = [encoder(tokenizer)(each) for each in rows]
    wanted = [each[-1]["content"] for each in rows]
    limit = min(max(len(answer) for _, answer in pairs) + 16, 512)

    def measured():
        answers = answers_of(model, tokenizer, [question for question, _ in pairs], device, limit)
        return answers, {"loss": mean_loss(model, pairs, tokenizer.pad_token_id, device), **scores(answers, wanted)}

    with model.disable_adapter():
        base = measured()
    reference = reference_of(model, tokenizer, rows, pairs, device)
    # Answers come faster when the adapter is part of the weights. What is compared with the served model was computed before, as it was trained.
    model.merge_adapter()
    return base, measured(), reference


def judge_of(args, example):
    """It was there when the data was prepared, and that may be long ago: it is asked before the models are."""
    if not args.judge_model:
        return None
    from judge import Judge, question_in

    judge = Judge(args.judge_model, args.judge_url)
    judge.try_out(question_in(example), example[-1]["content"])
    return judge


def main():
    args = arguments()
    from safetensors.torch import save_file

    from examples import load

    rows = load(args.data / "test.jsonl")
    judge = judge_of(args, rows[0])
    (before, base), (after, tuned), (prompts, tensors) = answered(args, rows)
    columns = ["question", "wanted", "base", "tuned", "base_is_right", "tuned_is_right"]
    wanted = [each[-1]["content"] for each in rows]
    table = [[each[-2]["content"], want, b, t, b.strip() == want.strip(), t.strip() == want.strip()] for each, want, b, t in zip(rows, wanted, before, after)]
    if judge:
        from judging import COLUMNS, judged

        metrics, cells = judged(judge, rows, before, after, args.judge_examples)
        base, tuned = {**base, **metrics["base"]}, {**tuned, **metrics["tuned"]}
        columns += COLUMNS
        table = [row + more for row, more in zip(table, cells)]
    log({f"base/{name}": value for name, value in base.items()} | {f"tuned/{name}": value for name, value in tuned.items()})

    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "answers.json").write_text(json.dumps({"columns": columns, "data": table}, ensure_ascii=False))
    log_table("answers.json", columns, table)
    (args.out / "metrics.json").write_text(json.dumps({"base": base, "tuned": tuned}))
    save_file(tensors, args.out / "reference.safetensors")
    (args.out / "reference.json").write_text(json.dumps({"prompts": prompts}))


run(main)
