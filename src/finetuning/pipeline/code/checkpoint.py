"""What a training needs to go on as if it had not been ended: one file, replaced in one step, so that a kill at any moment leaves the old one or the new one."""
import hashlib
import os
from pathlib import Path

import torch


def file_for(key):
    """Where this very training keeps its state: the same base, data and settings find it again, also from another job."""
    root = os.environ.get("FINETUNING_CHECKPOINTS") or Path.home() / ".cache" / "updraft" / "finetuning"
    return Path(root) / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.pt"


def write(file, state):
    file.parent.mkdir(parents=True, exist_ok=True)
    temporary = file.with_suffix(f".{os.getpid()}.part")
    with open(temporary, "wb") as to:
        torch.save(state, to)
        to.flush()
        os.fsync(to.fileno())
    os.replace(temporary, file)


def read(file):
    if not file.is_file():
        return None
    try:
        return torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:
        print(f"warning: the checkpoint {file} can't be read ({error}), so the training begins anew.", flush=True)
        return None
