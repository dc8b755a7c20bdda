"""How near answers are to those that were wanted, each from 0 to 1."""
import json
import re
from collections import Counter


def words(text):
    return re.findall(r"\w+", text.lower())


def f1(got, wanted):
    """Of words, in any order (as SQuAD counts them, without leaving out articles)."""
    a, b = words(got), words(wanted)
    if not a or not b:
        return float(a == b)
    both = sum((Counter(a) & Counter(b)).values())
    return 2 * both / (len(a) + len(b))


def rouge_l(got, wanted):
    """F-measure of the longest common subsequence of words (Lin 2004)."""
    a, b = words(got), words(wanted)
    if not a or not b:
        return float(a == b)
    row = [0] * (len(b) + 1)
    for x in a:
        before = 0
        for at, y in enumerate(b, 1):
            before, row[at] = row[at], before + 1 if x == y else max(row[at], row[at - 1])
    return 2 * row[-1] / (len(a) + len(b))


def parsed(text):
    try:
        return json.loads(text)
    except ValueError:
        return None


def is_valid(got, wanted):
    """Whether an answer has the form that is wanted: JSON with the same keys where JSON is wanted, any text otherwise."""
    shape = parsed(wanted)
    if not isinstance(shape, (dict, list)):
        return float(bool(got))
    found = parsed(got)
    if isinstance(shape, dict):
        return float(isinstance(found, dict) and set(found) == set(shape))
    return float(isinstance(found, list))


def scores(answers, wanted):
    count = len(wanted)
    mean = lambda of: sum(of(a.strip(), b.strip()) for a, b in zip(answers, wanted)) / count
    return {"exact_match": mean(lambda a, b: float(a == b)), "f1": mean(f1), "rouge_l": mean(rouge_l), "format_valid": mean(is_valid)}
