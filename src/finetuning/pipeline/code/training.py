"""A training as it goes on: what learns, what it learns from, and how far it is."""
import json
import math
import random
import time
from pathlib import Path

import torch

import checkpoint
from examples import load
from lora import with_adapter
from model import answer_loss, batch_of, device_here, encoder, loaded, tokenizer_of, use_cores
from precision import memory_used, wants_bf16
from said import Problem, log, log_params
from validation import Validation

# Seconds after which what was learned is kept, however few steps that are.
KEPT_EVERY = 60


class Training:
    def __init__(self, args):
        self.args = args
        self.device = device_here()
        use_cores()
        torch.manual_seed(args.seed)
        tokenizer = tokenizer_of(args.base)
        self.pad = tokenizer.pad_token_id
        self.model = with_adapter(loaded(args.base, self.device, four_bits=args.precision == "qlora"), args)
        self.weights = {name: each for name, each in self.model.named_parameters() if each.requires_grad}
        encoded = encoder(tokenizer)
        self.validation = Validation(args.data / "valid.jsonl", tokenizer, encoded, self.device)
        self.examples = [encoded(each) for each in load(args.data / "train.jsonl")]
        self.an_epoch = math.ceil(len(self.examples) / args.batch_size)
        self.steps = self.an_epoch * args.epochs
        # At least four times in a training, and in each epoch.
        self.validation_steps = max(1, min(self.an_epoch, self.steps // 4))
        self.optimizer = torch.optim.AdamW(self.weights.values(), lr=args.learning_rate, weight_decay=0.0)
        self.schedule = torch.optim.lr_scheduler.OneCycleLR(
            self.optimizer, args.learning_rate, total_steps=max(self.steps, 2), pct_start=0.1, anneal_strategy="cos"
        )
        self.settings = {name: value for name, value in vars(args).items() if name not in ("base", "data", "out", "checkpoint_steps")}
        self.facts = json.loads((args.data / "data.json").read_text())
        self.file = self.checkpoint_file()
        self.done, self.best, self.worse, self.best_weights, self.samples = 0, math.inf, 0, None, []
        self.loss = math.nan

    def checkpoint_file(self):
        base = Path(self.args.base)
        size = sum(each.stat().st_size for each in base.iterdir())
        return checkpoint.file_for(json.dumps([(base / "config.json").read_text(), size, self.facts["sha256"], self.settings], sort_keys=True))

    def begin(self):
        """Goes on from its last checkpoint, where there is one."""
        state = checkpoint.read(self.file)
        if state:
            self.restore(state)
            print(f"Goes on after step {self.done} of {self.steps}, from {self.file}.", flush=True)
        self.with_bf16 = state["bf16"] if state else wants_bf16(self.args.precision, self.device, self.model, batch_of(self.examples[:4], self.pad, self.device))
        count = sum(each.numel() for each in self.weights.values())
        print(
            f"{self.steps} steps of {self.args.batch_size} examples on {self.device} in {'bf16' if self.with_bf16 else 'fp32'}; {count:,} weights are trained.",
            flush=True,
        )
        self.first, self.began_at, self.kept_at = self.done, time.monotonic(), time.monotonic()

    def restore(self, state):
        self.set_weights(state["weights"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.schedule.load_state_dict(state["schedule"])
        torch.set_rng_state(state["rng"])
        if self.device == "cuda":
            torch.cuda.set_rng_state(state["gpu_rng"])
        self.done, self.best, self.worse, self.best_weights, self.samples = (state[name] for name in ("step", "best", "worse", "best_weights", "samples"))

    def keep(self):
        """Writes a checkpoint, and answers whether it is there."""
        is_kept = checkpoint.write(
            self.file,
            {
                "weights": self.weights_now(),
                "optimizer": self.optimizer.state_dict(),
                "schedule": self.schedule.state_dict(),
                "rng": torch.get_rng_state(),
                "gpu_rng": torch.cuda.get_rng_state() if self.device == "cuda" else None,
                "step": self.done,
                "best": self.best,
                "worse": self.worse,
                "best_weights": self.best_weights,
                "samples": self.samples,
                "bf16": self.with_bf16,
            },
        )
        self.kept_at = time.monotonic()
        return is_kept

    def is_time_to_keep(self):
        return self.done % self.args.checkpoint_steps == 0 or time.monotonic() - self.kept_at > KEPT_EVERY

    def weights_now(self):
        return {name: each.detach().to("cpu", copy=True) for name, each in self.weights.items()}

    def set_weights(self, values):
        for name, each in self.weights.items():
            each.data.copy_(values[name].to(self.device))

    def next_examples(self):
        epoch, at = divmod(self.done, self.an_epoch)
        # The order of an epoch follows from the seed alone, so that it is the same after a new start.
        order = list(range(len(self.examples)))
        random.Random(self.args.seed * 1_000_003 + epoch).shuffle(order)
        size = self.args.batch_size
        return [self.examples[each] for each in order[at * size : (at + 1) * size]]

    def step(self):
        """Learns from the next examples."""
        began = time.monotonic()
        some = self.next_examples()
        self.model.train()
        with torch.autocast(self.device, torch.bfloat16, enabled=self.with_bf16):
            found = answer_loss(self.model, batch_of(some, self.pad, self.device))
        self.loss = self.finite("loss", found.item())
        found.backward()
        norm = self.finite("gradient", torch.nn.utils.clip_grad_norm_(self.weights.values(), 1.0).item())
        rate = self.schedule.get_last_lr()[0]
        self.optimizer.step()
        self.optimizer.zero_grad()
        if self.done < max(self.steps, 2) - 1:
            self.schedule.step()
        self.done += 1
        seconds = time.monotonic() - began
        tokens = sum(len(question) + len(answer) for question, answer in some)
        speed = {"tokens_per_second": tokens / seconds, "step_seconds": seconds}
        log({"loss": self.loss, "learning_rate": rate, "grad_norm": norm, **speed, **memory_used(self.device)}, step=self.done)
        if self.done == self.first + 3 and self.done < self.steps:
            print(f"About {(time.monotonic() - self.began_at) / 3 * (self.steps - self.done) / 60:.1f} minutes remain.", flush=True)

    def finite(self, what, value):
        if math.isfinite(value):
            return value
        rate = self.args.learning_rate
        raise Problem(f"The {what} is {value} at step {self.done + 1}. Lower learning_rate (now {rate:g}; try {rate / 4:g}).")

    def is_time_to_validate(self):
        is_due = self.done % self.validation_steps == 0 and self.steps - self.done >= self.validation_steps / 2
        return is_due or self.done == self.steps

    def validate(self):
        """Measures how good it is by now. Answers whether it has stopped getting better, so that the training ends."""
        measured = self.validation.loss(self.model, self.done)
        self.validation.show_answers(self.model, self.done, self.samples)
        patience = self.args.patience
        if measured < self.best:
            self.best, self.worse = measured, 0
            self.best_weights = self.weights_now() if patience else None
        else:
            self.worse += 1
        if not patience or self.worse < patience:
            return False
        print(f"The loss on validation data has not got better {self.worse} times: training ends here, and takes the best.", flush=True)
        return True

    def finish(self):
        """Writes the adapter. Only then the checkpoint is of no use any more."""
        if self.best_weights:
            self.set_weights(self.best_weights)
        self.model.save_pretrained(self.args.out)
        (self.args.out / "data.json").write_text(json.dumps(self.facts))
        self.file.unlink(missing_ok=True)
        log_params({**self.settings, "precision_used": "bf16" if self.with_bf16 else "fp32", "device": self.device})
        # Where only the adapter was left to be written, there was no step.
        print(f"Trained: loss {self.loss:.4f}." if math.isfinite(self.loss) else "Trained.", flush=True)

    def too_large(self):
        """What to lower when the memory is full."""
        size = self.args.batch_size
        longest = max(len(question) + len(answer) for question, answer in self.examples)
        return f"There is not enough memory for {size} examples at a time, of {longest} tokens at most. Lower per_device_train_batch_size to {max(1, size // 2)}, or max_seq_length."
