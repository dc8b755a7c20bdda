"""What the steps of a fine-tuning have in common: errors for people, and metrics."""
import json
import os
import sys
from pathlib import Path


class Problem(Exception):
    """Something that a person can act on. Its text is all that is shown of it."""


def run(main):
    """Runs a step. A problem ends it with its text, on the last line of the log, and code 1."""
    try:
        main()
    except Problem as problem:
        print(f"error: {problem}", file=sys.stderr, flush=True)
        sys.exit(1)


def mlflow_run():
    """MLflow with the run of this job, or None where the job is not tracked."""
    if not os.environ.get("MLFLOW_TRACKING_URI"):
        return None
    import mlflow

    if not mlflow.active_run():
        mlflow.start_run(run_id=os.environ.get("MLFLOW_RUN_ID"))
    return mlflow


def log(metrics, step=0):
    """Logs numbers of this step, and prints them."""
    print(" ".join(f"{name}={value:.6g}" for name, value in metrics.items()), flush=True)
    mlflow = mlflow_run()
    if mlflow:
        mlflow.log_metrics(metrics, step=step)


def log_table(name, columns, rows):
    """Logs a table as `mlflow.log_table` does, which needs pandas for it."""
    mlflow = mlflow_run()
    if not mlflow:
        return
    mlflow.log_dict({"columns": columns, "data": rows}, name)
    run_id = mlflow.active_run().info.run_id
    mlflow.MlflowClient().set_tag(run_id, "mlflow.loggedArtifacts", json.dumps([{"path": name, "type": "table"}]))


def one_file(given, suffix):
    """The file of an input that is a file, or a folder with one such file (in parts: the first)."""
    path = Path(given)
    if path.is_file():
        return path
    found = sorted(path.rglob(f"*{suffix}")) if path.is_dir() else []
    if not found:
        raise Problem(f"{path} has no {suffix} file.")
    return found[0]
