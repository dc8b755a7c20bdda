"""The adapter that is trained."""
from peft import LoraConfig, get_peft_model

from said import Problem


def with_adapter(base, args):
    """The base model with an adapter that changes nothing yet, and is all of it that learns."""
    targets = args.target_modules if args.target_modules == "all-linear" else [each.strip() for each in args.target_modules.split(",")]
    try:
        config = LoraConfig(r=args.lora_r, lora_alpha=args.lora_alpha, lora_dropout=args.lora_dropout, target_modules=targets, task_type="CAUSAL_LM")
        return get_peft_model(base, config)
    except ValueError as error:
        raise Problem(f"target_modules: {error}")
