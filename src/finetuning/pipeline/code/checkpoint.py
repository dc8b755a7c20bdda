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
    """A disk that is full costs the checkpoint, and not the training."""
    temporary = file.with_suffix(f".{os.getpid()}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with open(temporary, "wb") as to:
            torch.save(state, to)
            to.flush()
            os.fsync(to.fileno())
        os.replace(temporary, file)
    except (OSError, RuntimeError) as error:
        print(f"warning: no checkpoint was written, so an older one stays ({error}).", flush=True)
    finally:
        temporary.unlink(missing_ok=True)


def read(file):
    if not file.is_file():
        return None
    try:
        return torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:
        print(f"warning: the checkpoint {file} can't be read ({error}), so the training begins anew.", flush=True)
        return None
