"""Trains a LoRA adapter. Ended at any moment and run again, it goes on from its last checkpoint, to the same result."""
import argparse
import json
import math
import os
import random
import signal
import sys
import threading
import time
from pathlib import Path

from said import Problem, log, log_params, log_rest, log_table, run

# A core that waits for another lets other programs have it: on a busy machine torch is then twice as fast, on a quiet one a third slower.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
# Validation examples whose answers are shown while it learns.
SAMPLES = 3


def arguments():
    cli = argparse.ArgumentParser()
    cli.add_argument("--base", required=True)
    cli.add_argument("--data", required=True, type=Path)
    cli.add_argument("--out", required=True, type=Path)
    cli.add_argument("--lora-r", type=int, default=8)
    cli.add_argument("--lora-alpha", type=float, default=16)
    cli.add_argument("--lora-dropout", type=float, default=0.0)
    cli.add_argument("--target-modules", default="all-linear", help="Names with commas between them.")
    cli.add_argument("--learning-rate", type=float, default=2e-3)
    cli.add_argument("--epochs", type=int, default=1)
    cli.add_argument("--batch-size", type=int, default=8)
    cli.add_argument("--seed", type=int, default=0)
    cli.add_argument("--precision", choices=("auto", "fp32", "bf16", "qlora"), default="auto")
    cli.add_argument("--checkpoint-steps", type=int, default=10)
    cli.add_argument("--patience", type=int, default=0, help="Validations without a better loss after which it ends and takes the best; 0: never.")
    return cli.parse_args()


def main():
    args = arguments()
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoTokenizer

    import checkpoint
    from examples import load
    from model import answer_loss, answers_of, batch_of, device_here, encoder, loaded, mean_loss, use_cores
    from precision import memory_used, wants_bf16

    device = device_here()
    use_cores()
    torch.manual_seed(args.seed)
    tokenizer = AutoTokenizer.from_pretrained(args.base)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    pad = tokenizer.pad_token_id
    base = loaded(args.base, device, four_bits=args.precision == "qlora")
    targets = args.target_modules if args.target_modules == "all-linear" else [each.strip() for each in args.target_modules.split(",")]
    try:
        config = LoraConfig(r=args.lora_r, lora_alpha=args.lora_alpha, lora_dropout=args.lora_dropout, target_modules=targets, task_type="CAUSAL_LM")
        model = get_peft_model(base, config)
    except ValueError as error:
        raise Problem(f"target_modules: {error}")
    weights = {name: each for name, each in model.named_parameters() if each.requires_grad}
    encoded = encoder(tokenizer)
    watched = load(args.data / "valid.jsonl")
    train, valid = [encoded(each) for each in load(args.data / "train.jsonl")], [encoded(each) for each in watched]
    an_epoch = math.ceil(len(train) / args.batch_size)
    steps = an_epoch * args.epochs
    longest_answer = min(96, max(len(answer) for _, answer in valid) + 8)
    # At least four times in a training, and in each epoch.
    validation_steps = max(1, min(an_epoch, steps // 4))
    optimizer = torch.optim.AdamW(weights.values(), lr=args.learning_rate, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, args.learning_rate, total_steps=max(steps, 2), pct_start=0.1, anneal_strategy="cos")

    settings = {name: value for name, value in vars(args).items() if name not in ("base", "data", "out", "checkpoint_steps")}
    facts = json.loads((args.data / "data.json").read_text())
    config_text = (Path(args.base) / "config.json").read_text()
    file = checkpoint.file_for(json.dumps([config_text, sum(each.stat().st_size for each in Path(args.base).iterdir()), facts["sha256"], settings], sort_keys=True))
    state = checkpoint.read(file)
    done, best, worse, best_weights, samples = 0, math.inf, 0, None, []
    if state:
        for name, each in weights.items():
            each.data.copy_(state["weights"][name].to(device))
        optimizer.load_state_dict(state["optimizer"])
        schedule.load_state_dict(state["schedule"])
        torch.set_rng_state(state["rng"])
        if device == "cuda":
            torch.cuda.set_rng_state(state["gpu_rng"])
        done, best, worse, best_weights, samples = (state[name] for name in ("step", "best", "worse", "best_weights", "samples"))
        print(f"Goes on after step {done} of {steps}, from {file}.", flush=True)
    with_bf16 = state["bf16"] if state else wants_bf16(args.precision, device, model, batch_of(train[:4], pad, device))
    print(f"{steps} steps of {args.batch_size} examples on {device} in {'bf16' if with_bf16 else 'fp32'}; {sum(each.numel() for each in weights.values()):,} weights are trained.", flush=True)

    stopped = []

    def stop(*_):
        stopped.append(True)
        # The step under way may take longer than anyone wants to wait: then the last checkpoint has to do.
        waiting = threading.Timer(4, os._exit, (143,))
        waiting.daemon = True
        waiting.start()

    signal.signal(signal.SIGTERM, stop)
    weights_now = lambda: {name: each.detach().to("cpu", copy=True) for name, each in weights.items()}
    kept = lambda: checkpoint.write(
        file,
        {
            "weights": weights_now(),
            "optimizer": optimizer.state_dict(),
            "schedule": schedule.state_dict(),
            "rng": torch.get_rng_state(),
            "gpu_rng": torch.cuda.get_rng_state() if device == "cuda" else None,
            "step": done,
            "best": best,
            "worse": worse,
            "best_weights": best_weights,
            "samples": samples,
            "bf16": with_bf16,
        },
    )
    loss, began_at, kept_at, first = math.nan, time.monotonic(), time.monotonic(), done
    try:
        while done < steps:
            began = time.monotonic()
            epoch, at = divmod(done, an_epoch)
            # The order of an epoch follows from the seed alone, so that it is the same after a new start.
            order = list(range(len(train)))
            random.Random(args.seed * 1_000_003 + epoch).shuffle(order)
            some = [train[each] for each in order[at * args.batch_size : (at + 1) * args.batch_size]]
            model.train()
            with torch.autocast(device, torch.bfloat16, enabled=with_bf16):
                found = answer_loss(model, batch_of(some, pad, device))
            loss = found.item()
            if not math.isfinite(loss):
                raise Problem(f"The loss is {loss} at step {done + 1}. Lower learning_rate (now {args.learning_rate:g}; try {args.learning_rate / 4:g}).")
            found.backward()
            norm = torch.nn.utils.clip_grad_norm_(weights.values(), 1.0).item()
            if not math.isfinite(norm):
                raise Problem(f"The gradient is {norm} at step {done + 1}. Lower learning_rate (now {args.learning_rate:g}; try {args.learning_rate / 4:g}).")
            rate = schedule.get_last_lr()[0]
            optimizer.step()
            optimizer.zero_grad()
            if done < max(steps, 2) - 1:
                schedule.step()
            done += 1
            seconds = time.monotonic() - began
            tokens = sum(len(question) + len(answer) for question, answer in some)
            log({"loss": loss, "learning_rate": rate, "grad_norm": norm, "tokens_per_second": tokens / seconds, "step_seconds": seconds, **memory_used(device)}, step=done)
            if done == first + 3 and done < steps:
                print(f"About {(time.monotonic() - began_at) / 3 * (steps - done) / 60:.1f} minutes remain.", flush=True)
            if (done % validation_steps == 0 and steps - done >= validation_steps / 2) or done == steps:
                measured = mean_loss(model, valid, pad, device)
                log({"valid_loss": measured}, step=done)
                told = answers_of(model, tokenizer, [question for question, _ in valid[:SAMPLES]], device, limit=longest_answer)
                samples += [[done, row[-2]["content"], row[-1]["content"], text] for row, text in zip(watched, told)]
                log_table("samples.json", ["step", "question", "wanted", "answer"], samples)
                if measured < best:
                    best, worse = measured, 0
                    best_weights = weights_now() if args.patience else None
                else:
                    worse += 1
                if args.patience and worse >= args.patience:
                    print(f"The loss on validation data has not got better {worse} times: training ends here, and takes the best.", flush=True)
                    break
            if stopped or done % args.checkpoint_steps == 0 or time.monotonic() - kept_at > 60:
                kept()
                kept_at = time.monotonic()
            if stopped:
                print(f"Ended by request after step {done}. Submitted again, it goes on from there.", flush=True)
                log_rest()
                os._exit(143)
    except (MemoryError, RuntimeError) as error:
        if not isinstance(error, MemoryError) and "out of memory" not in str(error) and "can't allocate memory" not in str(error):
            raise
        longest = max(len(question) + len(answer) for question, answer in train)
        raise Problem(f"There is not enough memory for {args.batch_size} examples at a time, of {longest} tokens at most. Lower per_device_train_batch_size to {max(1, args.batch_size // 2)}, or max_seq_length.")
    if best_weights:
        for name, each in weights.items():
            each.data.copy_(best_weights[name].to(device))
    model.save_pretrained(args.out)
    (args.out / "data.json").write_text(json.dumps(facts))
    file.unlink(missing_ok=True)
    log_params({**settings, "precision_used": "bf16" if with_bf16 else "fp32", "device": device})
    print(f"Trained: loss {loss:.4f}.", flush=True)


run(main)
