"""Checks and divides the data: what is wrong is listed with its lines, and nothing is left out unless that is asked for."""
import argparse
import hashlib
import json
import random
from pathlib import Path

from examples import files_of, prompt_of, read, written
from said import Problem, log, run

SHOWN = 20
# Prompts of a file whose tokens are compared.
READ = 4


def listed(what, lines):
    more = f"\n  and {len(lines) - SHOWN} more" if len(lines) > SHOWN else ""
    return f"{what}:\n  " + "\n  ".join(lines[:SHOWN]) + more


def try_out_judge(args, example):
    """A judge that is not there is said before anything is trained."""
    from judge import Judge, question_in

    against = Judge(args.judge_model, args.judge_url).try_out(question_in(example), example[-1]["content"])
    print(f"warning: {against}" if against else f"The judge {args.judge_model} answers.", flush=True)


def main():
    cli = argparse.ArgumentParser()
    cli.add_argument("--base", required=True, help="Folder with the tokenizer.")
    cli.add_argument("--training", required=True)
    cli.add_argument("--validation")
    cli.add_argument("--max-length", type=int, required=True, help="Tokens of an example.")
    cli.add_argument("--skip-bad-rows", default="false")
    cli.add_argument("--seed", type=int, default=0)
    cli.add_argument("--judge-model", help="A language model that will grade answers: it is tried out.")
    cli.add_argument("--judge-url")
    cli.add_argument("--out", required=True, type=Path)
    args = cli.parse_args()
    skips = args.skip_bad_rows.lower() in ("true", "1", "yes")

    # Not AutoTokenizer, which imports torch for some ten seconds.
    from transformers import PreTrainedTokenizerFast

    tokenizer = PreTrainedTokenizerFast.from_pretrained(args.base)
    given = files_of(args.training)
    if args.validation:
        given["valid"] = [file for files in files_of(args.validation).values() for file in files]
    splits, report = {}, {"skipped": 0}
    for name in ("train", "valid", "test"):
        if name not in given:
            continue
        rows, wrong = read(given[name])
        count, fitting = len(rows) + len(wrong), []
        for messages, place in rows:
            try:
                tokens = len(tokenizer(tokenizer.apply_chat_template(messages, tokenize=False), add_special_tokens=False).input_ids)
            except Exception as error:  # A template is a program of the model's author.
                wrong.append(f"{place}: the model's chat template refuses it ({error})")
                continue
            if tokens > args.max_length:
                wrong.append(f"{place}: it has {tokens} tokens, and max_seq_length is {args.max_length}")
            else:
                fitting.append(messages)
        if wrong and not skips:
            raise Problem(listed(f"{len(wrong)} of {count} rows can't be learned from", wrong) + "\nMend them, or set skip_bad_rows: true.")
        if wrong:
            print(listed(f"{len(wrong)} rows are left out", wrong), flush=True)
        report["skipped"] += len(wrong)
        splits[name] = fitting

    if not splits.get("train"):
        raise Problem("The training data has no rows.")
    order = splits["train"][:]
    random.Random(args.seed).shuffle(order)
    for name, share in (("test", 0.1), ("valid", 0.1)):
        if name in splits:
            continue
        count = max(1, round(len(splits["train"]) * share))
        if len(order) <= count:
            raise Problem(f"The training data has {len(splits['train'])} rows, too few to take some for {name} from. Give more, or a file {name}.jsonl beside them.")
        splits[name], order = order[:count], order[count:]
    splits["train"] = order
    for name in ("valid", "test"):
        if not splits[name]:
            raise Problem(f"The data to {'validate' if name == 'valid' else 'test'} with has no rows.")

    key = lambda messages: json.dumps(messages, sort_keys=True)
    learned = {key(messages) for messages in splits["train"]}
    both = sum(key(messages) in learned for messages in splits["test"])
    if both:
        print(f"warning: {both} of {len(splits['test'])} test rows are in the training data, too: their answers prove nothing.", flush=True)

    if args.judge_model:
        try_out_judge(args, splits["test"][0])
    args.out.mkdir(parents=True, exist_ok=True)
    for name, rows in splits.items():
        written(rows, args.out / f"{name}.jsonl")
    digest = hashlib.sha256(b"".join((args.out / f"{name}.jsonl").read_bytes() for name in sorted(splits))).hexdigest()
    # What the model that is served must read as the same tokens: it is asked before anything is trained.
    some = [prompt_of(tokenizer, messages) for name in ("train", "test") for messages in splits[name][:READ]]
    prompts = [{"text": text, "tokens": tokenizer(text, add_special_tokens=False).input_ids} for text in some]
    (args.out / "prompts.json").write_text(json.dumps({"prompts": prompts}, ensure_ascii=False), encoding="utf-8")
    (args.out / "data.json").write_text(json.dumps({"sha256": digest, **{name: len(rows) for name, rows in splits.items()}, **report, "in_both": both}))
    log({**{f"rows/{name}": float(len(rows)) for name, rows in splits.items()}, "rows/skipped": float(report["skipped"]), "rows/in_both": float(both)})


run(main)
