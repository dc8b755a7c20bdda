"""What the steps of a fine-tuning have in common: errors for people, and metrics."""
import errno
import json
import os
import sys
from functools import cache
from pathlib import Path


class Problem(Exception):
    """Something that a person can act on. Its text is all that is shown of it."""


def run(main):
    """Runs a step. A problem ends it with its text, on the last line of the log, and code 1."""
    try:
        try:
            main()
        finally:
            log_rest()
    except Problem as problem:
        end_with(problem)
    except Exception as error:
        if not is_full_disk(error):
            raise
        end_with("The disk is full. Make room, and submit the job again: steps that are done are not done again, and a training goes on from its last checkpoint.")


def end_with(problem):
    for stream, text in ((sys.stdout, ""), (sys.stderr, f"error: {problem}\n")):
        try:
            stream.write(text)
            stream.flush()
        except OSError:
            # The log is on a full disk, too. What is left of it would end Python with another code.
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    sys.exit(1)


# The disk is full, or what this user may have of it; or there is a limit on the size of a file.
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def is_full_disk(error):
    """torch and safetensors say it in their own exceptions."""
    while error:
        if getattr(error, "errno", None) in FULL or any(f"os error {each}" in str(error) for each in FULL) or "No space left" in str(error):
            return True
        error = error.__cause__ or error.__context__
    return False


@cache
def tracked():
    from tracking import run_of_job

    return run_of_job()


def log(metrics, step=0):
    """Prints numbers, and logs them. They are sent aside: a step of the training does not wait for the network."""
    print(" ".join(f"{name}={value:.6g}" for name, value in metrics.items()), flush=True)
    if tracked():
        tracked().log_metrics(metrics, step)


def log_params(params):
    if tracked():
        tracked().log_params(params)


def log_to_pipeline(metrics):
    """Logs numbers to the run of the pipeline that this step is of, so that pipelines are compared by them."""
    if tracked() and tracked().parent:
        tracked().log_metrics(metrics, run_id=tracked().parent)


def log_rest():
    """Waits until all has been sent."""
    if tracked():
        tracked().flush()


def log_table(name, columns, rows):
    """Logs a table as `mlflow.log_table` does, which needs pandas for it."""
    if tracked():
        tracked().log_text(json.dumps({"columns": columns, "data": rows}), name)
        tracked().set_tag("mlflow.loggedArtifacts", json.dumps([{"path": name, "type": "table"}]))


def one_file(given, suffix):
    """The file of an input that is a file, or a folder with one such file."""
    path = Path(given)
    if path.is_file():
        return path
    found = sorted(path.rglob(f"*{suffix}")) if path.is_dir() else []
    if len(found) != 1:
        raise Problem(f"{path} has {len(found) or 'no'} {suffix} files, and one is needed.")
    return found[0]
