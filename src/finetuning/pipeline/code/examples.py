"""Examples to learn from: three forms of JSON Lines become one, chat messages whose last one is the answer."""
import json
import re
from pathlib import Path

from said import Problem

ROLES = ("system", "user", "assistant", "tool")


def messages_of(row):
    """The messages of a row, or a ValueError that says what is wrong with it."""
    if not isinstance(row, dict):
        raise ValueError("it is no JSON object")
    if "messages" in row:
        messages = row["messages"]
        if not isinstance(messages, list) or not messages:
            raise ValueError('"messages" is no list with messages')
        for at, message in enumerate(messages):
            if not isinstance(message, dict) or message.get("role") not in ROLES:
                raise ValueError(f'message {at + 1} has no "role" of {", ".join(ROLES)}')
            if not isinstance(message.get("content"), str):
                raise ValueError(f'message {at + 1} has no text as its "content"')
        if messages[-1]["role"] != "assistant":
            raise ValueError("the last message is not the assistant's, so there is nothing to learn")
        found = [{"role": each["role"], "content": each["content"]} for each in messages]
    elif "prompt" in row and ("completion" in row or "response" in row):
        found = turn(row["prompt"], row.get("completion", row.get("response")))
    elif "instruction" in row and "output" in row:
        question = row["instruction"]
        if row.get("input"):
            question = f"{question}\n\n{row['input']}"
        found = turn(question, row["output"])
    else:
        raise ValueError('it has neither "messages", nor "prompt" and "completion", nor "instruction" and "output"')
    if not found[-1]["content"].strip():
        raise ValueError("its answer is empty")
    return found


def turn(question, answer):
    if not isinstance(question, str) or not isinstance(answer, str):
        raise ValueError("its question or its answer is no text")
    return [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]


# How the files of a folder are called, by what they are for, as data sets of Hugging Face have it.
NAMES = {"valid": ("valid", "validation", "val", "dev"), "test": ("test",)}


def prompt_of(tokenizer, messages):
    """The text that an example's last message answers, as the model is given it."""
    return tokenizer.apply_chat_template(messages[:-1], add_generation_prompt=True, tokenize=False)


def files_of(given):
    """The files of an input by what they are for: train, valid, test. A file is for training."""
    path = Path(given)
    if path.is_file():
        return {"train": [path]}
    found = sorted(path.rglob("*.jsonl")) if path.is_dir() else []
    if not found:
        raise Problem(f"{path.name} has no .jsonl file.")
    by_use = {}
    for file in found:
        word = re.split(r"[^a-z]", file.stem.lower())[0]
        use = next((use for use, names in NAMES.items() if word in names), "train")
        by_use.setdefault(use, []).append(file)
    return by_use


def read(files):
    """Rows of files, and what is wrong with lines: `(messages, "FILE, line N")`, and texts."""
    rows, wrong = [], []
    for file in files:
        with open(file, encoding="utf-8", errors="replace") as lines:
            for number, line in enumerate(lines, 1):
                if not line.strip():
                    continue
                place = f"{file.name}, line {number}"
                try:
                    rows.append((messages_of(json.loads(line)), place))
                except json.JSONDecodeError as error:
                    wrong.append(f"{place}: it is no JSON ({error.msg}, column {error.colno})")
                except ValueError as error:
                    wrong.append(f"{place}: {error}")
    return rows, wrong


def written(rows, file):
    file.write_text("".join(json.dumps({"messages": messages}, ensure_ascii=False) + "\n" for messages in rows), encoding="utf-8")


def load(file):
    return [json.loads(line)["messages"] for line in file.read_text(encoding="utf-8").splitlines()]
