"""The base model, a GGUF file, as the folder that transformers trains from: its weights as 32 bit numbers, and its tokenizer."""
import argparse
import json
import shutil
import time
from pathlib import Path

from said import Problem, log, one_file, run


def without_space_before(tokenizer_file, gguf_file):
    """transformers puts a space before each text for tokenizers of SentencePiece. Some models say in their GGUF file that there is none; then what serves them puts none."""
    tokenizer = json.loads(tokenizer_file.read_text(encoding="utf-8"))
    before = tokenizer.get("pre_tokenizer") or {}
    if before.get("type") != "Metaspace":
        return
    from gguf import GGUFReader

    field = GGUFReader(gguf_file).get_field("tokenizer.ggml.add_space_prefix")
    if field is not None and not field.contents():
        before["prepend_scheme"] = "never"
        tokenizer_file.write_text(json.dumps(tokenizer, ensure_ascii=False), encoding="utf-8")


def main():
    cli = argparse.ArgumentParser()
    cli.add_argument("--base", required=True)
    cli.add_argument("--out", required=True, type=Path)
    args = cli.parse_args()
    file = one_file(args.base, ".gguf")
    started = time.monotonic()

    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    try:
        read = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32)
        tokenizer = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
    except (ValueError, KeyError, NotImplementedError) as error:
        raise Problem(f"{file.name} can't be trained from: transformers does not read it ({error}). Take a model of another architecture or quantization.")
    # A model that was read from GGUF counts as quantized and refuses to be saved: an empty one takes its weights over.
    config = read.config
    if hasattr(config, "quantization_config"):
        del config.quantization_config
    config.dtype = torch.float32
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config)
    model.load_state_dict(read.state_dict(), assign=True)
    model.tie_weights()
    model.generation_config = read.generation_config
    model.save_pretrained(args.out)
    tokenizer.save_pretrained(args.out)
    without_space_before(args.out / "tokenizer.json", file)
    if not tokenizer.chat_template:
        shutil.rmtree(args.out, ignore_errors=True)
        raise Problem(f"{file.name} has no chat template, so that it is not known how a conversation is written for it. Take a model made for chat (its name often ends with Instruct or Chat).")
    log({"parameters": float(sum(each.numel() for each in model.parameters())), "import_seconds": time.monotonic() - started})


run(main)
