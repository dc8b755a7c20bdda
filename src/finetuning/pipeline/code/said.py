"""What the steps of a fine-tuning have in common: errors for people, and metrics."""
import errno
import json
import os
import sys
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


def mlflow_run():
    """MLflow with the run of this job, or None where the job is not tracked."""
    if not os.environ.get("MLFLOW_TRACKING_URI"):
        return None
    # It would stand below what a step says last.
    os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] = "true"
    import mlflow

    if not mlflow.active_run():
        mlflow.start_run(run_id=os.environ.get("MLFLOW_RUN_ID"))
    return mlflow


def log(metrics, step=0):
    """Prints numbers, and logs them. They are sent aside: a step of the training does not wait for the network."""
    print(" ".join(f"{name}={value:.6g}" for name, value in metrics.items()), flush=True)
    mlflow = mlflow_run()
    if mlflow:
        mlflow.log_metrics(metrics, step=step, synchronous=False)


def log_to_pipeline(metrics):
    """Logs numbers to the run of the pipeline that this step is of, so that pipelines are compared by them."""
    mlflow = mlflow_run()
    if not mlflow:
        return
    client = mlflow.MlflowClient()
    parent = client.get_run(mlflow.active_run().info.run_id).data.tags.get("mlflow.parentRunId")
    if parent:
        for name, value in metrics.items():
            client.log_metric(parent, name, value)


def log_rest():
    """Waits until all numbers have been sent."""
    mlflow = mlflow_run()
    if mlflow:
        mlflow.flush_async_logging()


def log_table(name, columns, rows):
    """Logs a table as `mlflow.log_table` does, which needs pandas for it."""
    mlflow = mlflow_run()
    if not mlflow:
        return
    mlflow.log_dict({"columns": columns, "data": rows}, name)
    run_id = mlflow.active_run().info.run_id
    mlflow.MlflowClient().set_tag(run_id, "mlflow.loggedArtifacts", json.dumps([{"path": name, "type": "table"}]))


def one_file(given, suffix):
    """The file of an input that is a file, or a folder with one such file."""
    path = Path(given)
    if path.is_file():
        return path
    found = sorted(path.rglob(f"*{suffix}")) if path.is_dir() else []
    if len(found) != 1:
        raise Problem(f"{path} has {len(found) or 'no'} {suffix} files, and one is needed.")
    return found[0]
