"""What a judge says of the answers of the base model and of the tuned one."""
from judge import question_in, some_of

COLUMNS = ["base_judge", "tuned_judge", "base_judge_reason", "tuned_judge_reason"]
NOT_ASKED = [None, None, "", ""]


def judged(judge, rows, before, after, most):
    """The metrics of both models, and of each row what `COLUMNS` names. Means are over rows that both have a score of, so that they compare."""
    places = list(some_of(len(rows), most))
    asked = [(question_in(rows[at]), rows[at][-1]["content"], answers[at]) for at in places for answers in (before, after)]
    # Sorted, so that nothing of the order tells whose an answer is.
    order = sorted(range(len(asked)), key=lambda each: asked[each])
    grades = dict(zip(order, judge.graded([asked[each] for each in order])))
    pairs = [(grades[2 * number], grades[2 * number + 1]) for number in range(len(places))]
    cells = [NOT_ASKED] * len(rows)
    for at, ((base, why_base), (tuned, why_tuned)) in zip(places, pairs):
        cells[at] = [base, tuned, why_base, why_tuned]
    return told(judge, pairs), cells


def told(judge, pairs):
    compared = [(base, tuned) for (base, _), (tuned, _) in pairs if base is not None and tuned is not None]
    metrics = {}
    for which, name in enumerate(("base", "tuned")):
        without = sum(pair[which][0] is None for pair in pairs)
        metrics[name] = {"judge": sum(pair[which] for pair in compared) / len(compared)} if compared else {}
        if without:
            metrics[name]["judge_unscored"] = without
            print(f"warning: the judge {judge.model} gave no score to {without} of {len(pairs)} answers of the {name} model.", flush=True)
    print(f"The judge {judge.model} graded both answers of {len(compared)} {'example' if len(compared) == 1 else 'examples'}.", flush=True)
    return metrics
