"""A language model as training and evaluation see it."""
import os

import torch

from examples import prompt_of
from said import Problem


def device_here():
    if torch.cuda.is_available():
        return "cuda"
    if getattr(torch.backends, "mps", None) and torch.backends.mps.is_available():
        return "mps"
    return "cpu"


def use_cores():
    """As many threads as the job may use cores."""
    here = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    torch.set_num_threads(int(os.environ.get("FINETUNING_THREADS") or here))


def tokenizer_of(folder):
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def loaded(folder, device, four_bits=False):
    """The base model in 32 bits, or in 4 bits for QLoRA."""
    from transformers import AutoConfig, AutoModelForCausalLM, BitsAndBytesConfig

    # On a processor the plain form of attention is faster for examples as short as these. And it alone does what Gemma 2 does to its scores.
    is_plain = device == "cpu" or getattr(AutoConfig.from_pretrained(folder), "attn_logit_softcapping", None)
    options = {"dtype": torch.float32, "attn_implementation": "eager" if is_plain else "sdpa"}
    if four_bits:
        try:
            import bitsandbytes  # noqa: F401
        except ImportError:
            raise Problem("precision: qlora needs the package bitsandbytes, which is not in this environment. Add it to conda.yml, or take another precision.")
        if device != "cuda":
            raise Problem("precision: qlora needs an NVIDIA GPU that torch can use, and there is none. Take auto, fp32 or bf16.")
        options["quantization_config"] = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16)
        options["device_map"] = {"": 0}
    model = AutoModelForCausalLM.from_pretrained(folder, **options)
    return model if four_bits else model.to(device)


def turn_end(tokenizer):
    """The token behind an answer: what the chat template writes there, which in some models is another than the one that ends a text."""
    mark = "an answer"
    text = tokenizer.apply_chat_template([{"role": "user", "content": "?"}, {"role": "assistant", "content": mark}], tokenize=False)
    behind = tokenizer(text[text.rindex(mark) + len(mark) :], add_special_tokens=False).input_ids
    named = set(tokenizer.all_special_ids) | set(tokenizer.get_added_vocab().values())
    return behind[0] if behind and behind[0] in named else tokenizer.eos_token_id


def encoder(tokenizer):
    """Of an example the token ids of the question and of the answer, which ends with the token that ends a turn."""
    end = turn_end(tokenizer)
    ids = lambda text: tokenizer(text, add_special_tokens=False).input_ids

    def of(messages):
        prompt, answer = prompt_of(tokenizer, messages), messages[-1]["content"]
        question, both = ids(prompt), ids(prompt + answer)
        # An answer alone may begin with a space that is not there behind its question.
        rest = both[len(question) :] if both[: len(question)] == question else ids(answer)
        return question, rest + [end]

    return of


def batch_of(pairs, pad, device):
    width = max(len(question) + len(answer) for question, answer in pairs)
    ids = torch.full((len(pairs), width), pad)
    mask = torch.zeros_like(ids)
    labels = torch.full_like(ids, -100)
    for row, (question, answer) in enumerate(pairs):
        end = len(question) + len(answer)
        ids[row, :end] = torch.tensor(question + answer)
        mask[row, :end] = 1
        labels[row, len(question) : end] = torch.tensor(answer)
    return {name: each.to(device) for name, each in (("input_ids", ids), ("attention_mask", mask), ("labels", labels))}


def answer_logits(model, batch):
    """Logits of the answers' tokens, and those tokens. The output matrix is applied to the answers alone: of prompts it would be thrown away."""
    core = model.get_base_model() if hasattr(model, "get_base_model") else model
    hidden = core.model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).last_hidden_state
    labels = batch["labels"][:, 1:]
    kept = labels != -100
    logits = core.lm_head(hidden[:, :-1][kept]).float()
    # Gemma 2 keeps its logits within bounds.
    bound = getattr(core.config, "final_logit_softcapping", None)
    return torch.tanh(logits / bound) * bound if bound else logits, labels[kept]


def answer_loss(model, batch):
    return torch.nn.functional.cross_entropy(*answer_logits(model, batch))


@torch.no_grad()
def mean_loss(model, pairs, pad, device, size=8):
    """Per token of the answers."""
    model.eval()
    total = count = 0
    for at in range(0, len(pairs), size):
        logits, labels = answer_logits(model, batch_of(pairs[at : at + size], pad, device))
        total += torch.nn.functional.cross_entropy(logits, labels, reduction="sum").item()
        count += len(labels)
    return total / count


@torch.no_grad()
def answers_of(model, tokenizer, questions, device, limit):
    """What the model says to questions (token ids), the likeliest token each time."""
    model.eval()
    # Many at once cost a small model hardly more time than one; what large ones keep of each would take too much memory.
    size = 64 if sum(each.numel() for each in model.parameters()) < 1e9 else 8
    texts = []
    for at in range(0, len(questions), size):
        some = questions[at : at + size]
        width = max(map(len, some))
        # Answers follow their questions: what is filled up stands before them.
        ids = torch.tensor([[tokenizer.pad_token_id] * (width - len(each)) + each for each in some], device=device)
        mask = torch.tensor([[0] * (width - len(each)) + [1] * len(each) for each in some], device=device)
        made = model.generate(input_ids=ids, attention_mask=mask, max_new_tokens=limit, do_sample=False, eos_token_id=[turn_end(tokenizer), tokenizer.eos_token_id], pad_token_id=tokenizer.pad_token_id)
        texts += tokenizer.batch_decode(made[:, width:], skip_special_tokens=True, clean_up_tokenization_spaces=False)
    return [each.strip() for each in texts]
