"""What numbers a training computes with, and how much memory it takes."""
import sys
import time

import torch

from model import answer_loss


def wants_bf16(precision, device, model, batch):
    """With `auto` a GPU computes in bf16, and a processor in what is faster for one step each."""
    if precision != "auto":
        return precision != "fp32"
    if device == "cuda":
        return torch.cuda.is_bf16_supported()
    if device != "cpu":
        return False
    model.train()
    rng = torch.get_rng_state()

    def seconds(enabled):
        began = time.monotonic()
        with torch.autocast("cpu", torch.bfloat16, enabled=enabled):
            answer_loss(model, batch).backward()
        for each in model.parameters():
            each.grad = None
        return time.monotonic() - began

    seconds(False)
    is_faster = min(seconds(True), seconds(True)) < 0.9 * min(seconds(False), seconds(False))
    torch.set_rng_state(rng)
    return is_faster


def memory_used(device):
    """The most that the training has taken so far, in megabytes."""
    if device == "cuda":
        return {"gpu_memory_megabytes": torch.cuda.max_memory_allocated() / 1e6}
    try:
        import resource

        # Linux tells kilobytes, macOS bytes.
        return {"memory_megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)}
    except ImportError:
        return {}
