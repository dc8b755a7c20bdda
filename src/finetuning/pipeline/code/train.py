"""Trains a LoRA adapter. Ended at any moment and run again, it goes on from its last checkpoint, to the same result."""
import argparse
import os
from pathlib import Path

from said import Problem, run

# A core that waits for another looks a while whether it is there, and then lets other programs have its time. A longer while, as is usual, makes torch half as fast on a busy machine; none makes it an eighth slower on a quiet one.
os.environ.setdefault("GOMP_SPINCOUNT", "2000")


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
    from stop_request import StopRequest
    from training import Training

    training = Training(args)
    training.begin()
    stop = StopRequest()
    try:
        while training.done < training.steps:
            training.step()
            if training.is_time_to_validate() and training.validate():
                break
            if stop.is_made or training.is_time_to_keep():
                is_kept = training.keep()
            if stop.is_made:
                stop.follow(training.done, is_kept)
    except (MemoryError, RuntimeError) as error:
        if not isinstance(error, MemoryError) and "out of memory" not in str(error) and "can't allocate memory" not in str(error):
            raise
        raise Problem(training.too_large())
    training.finish()


run(main)
