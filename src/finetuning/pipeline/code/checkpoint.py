"""What a training needs to go on as if it had not been ended: one file, replaced in one step, so that a kill at any moment leaves the old one or the new one."""
import hashlib
import os
from pathlib import Path

import torch

try:
    import fcntl
except ImportError:  # Windows, where a file that is open can't be removed anyway.
    fcntl = None


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
            lock(to)
            torch.save(state, to)
            to.flush()
            os.fsync(to.fileno())
        os.replace(temporary, file)
    except (OSError, RuntimeError) as error:
        print(f"warning: no checkpoint was written, so an older one stays ({error}).", flush=True)
    finally:
        temporary.unlink(missing_ok=True)


def lock(part):
    """Marks the file as being written. The mark ends with the process, however that ends. Raises OSError if another process has it."""
    if fcntl:
        fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)


def remove_parts(file):
    """Removes what trainings that were killed while they wrote this checkpoint have left. A part that is being written stays."""
    for part in file.parent.glob(f"{file.stem}.*.part"):
        try:
            with open(part, "rb") as left:
                lock(left)
            part.unlink()
        except OSError:
            pass


def read(file):
    """The state to go on from, or None."""
    remove_parts(file)
    if not file.is_file():
        return None
    try:
        return torch.load(file, map_location="cpu", weights_only=True)
    except Exception as error:
        print(f"warning: the checkpoint {file} can't be read ({error}), so the training begins anew.", flush=True)
        return None
