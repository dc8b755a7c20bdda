"""Fills an MLflow server, or a folder of its files, with what teams have there (`fill`), or prints as one JSON object what the unmodified client sees there (`look`), so that two places can be compared.

What differs between any two places is left out: numbers of experiments, addresses, who imported.
"""
import hashlib
import json
import os
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

import mlflow
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import Metric, ViewType

client = MlflowClient()


class Doubled(mlflow.pyfunc.PythonModel):
    def predict(self, model_input: list[int]) -> list[int]:
        return [2 * each for each in model_input]


def fill():
    experiment = client.create_experiment("digits", tags={"team": "vision", "note": "ü\n2"})
    mlflow.set_experiment("digits")
    with mlflow.start_run(run_name="parent", tags={"mlflow.note.content": "the **best**"}) as parent:
        mlflow.log_params({"lr": "0.1", "deep/er": "ü" * 100})
        points = [Metric("loss", 1 / (step + 1), 1_700_000_000_000 + step, step) for step in range(2500)]
        for start in range(0, 2500, 1000):
            client.log_batch(parent.info.run_id, metrics=points[start : start + 1000])
        client.log_batch(parent.info.run_id, metrics=[Metric("val/odd", value, 1_700_000_000_000 + at, 3) for at, value in enumerate([float("nan"), -0.5, 1e-300, 1e300])])
        mlflow.log_input(mlflow.data.from_pandas(pd.DataFrame({"x": [1, 2]}), name="numbers"), context="training")
        mlflow.log_text("hello", "notes/a b ü.txt")
        mlflow.log_text("", "empty.txt")
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "big.bin"), "wb") as file:
                file.write(os.urandom(3_000_000))
            mlflow.log_artifacts(folder, "data")
        model = mlflow.pyfunc.log_model(name="doubled", python_model=Doubled(), params={"depth": 3}, tags={"kind": "toy"}, pip_requirements=[])
        mlflow.log_metric("accuracy", 0.75, step=1, model_id=model.model_id)
        with mlflow.start_run(run_name="child", nested=True):
            mlflow.log_metric("loss", 0.25)
    failed = client.create_run(experiment, run_name="failed")
    client.set_terminated(failed.info.run_id, "FAILED")
    client.create_run(experiment, run_name="still running")
    gone = client.create_run(experiment, run_name="gone")
    client.set_terminated(gone.info.run_id)
    client.delete_run(gone.info.run_id)
    client.create_registered_model("doubler", tags={"owner": "ann"}, description="Doubles.")
    for text in ["first", "second", "third"]:
        client.create_model_version("doubler", f"models:/{model.model_id}", model_id=model.model_id, description=text, tags={"text": text})
    client.delete_model_version("doubler", "2")
    client.set_registered_model_alias("doubler", "champion", "3")
    run = parent.info.run_id
    client.create_registered_model("notes")
    client.create_model_version("notes", f"{parent.info.artifact_uri}/notes", run_id=run)
    mlflow.genai.register_prompt("hello", "Hello, {{name}}!", commit_message="new")
    with mlflow.start_run(experiment_id="0", run_name="usual"):
        mlflow.log_param("x", 1)


def digest(file):
    with open(file, "rb") as content:
        return hashlib.sha256(content.read()).hexdigest()


def files_below(folder):
    found = {}
    for root, _, names in os.walk(folder):
        for name in names:
            # MLflow writes this one when it downloads a model of the registry.
            if name != "registered_model_meta":
                found[os.path.relpath(os.path.join(root, name), folder)] = digest(os.path.join(root, name))
    return found


def downloaded(uri):
    with tempfile.TemporaryDirectory() as folder:
        mlflow.artifacts.download_artifacts(uri, dst_path=folder)
        return files_below(folder)


def shown_run(run, experiment):
    info, data = run.info, run.data
    # MLflow's files have the first point of a batch twice.
    histories = {key: sorted({(repr(each.value), each.step, each.timestamp) for each in client.get_metric_history(info.run_id, key)}) for key in data.metrics}
    return {
        "experiment": experiment,
        "id": info.run_id,
        "name": info.run_name,
        "status": info.status,
        "start": info.start_time,
        "end": info.end_time,
        "params": data.params,
        "tags": data.tags,
        "metrics": histories,
        "inputs": sorted([each.dataset.name, each.dataset.digest, each.dataset.source, each.dataset.schema, [[tag.key, tag.value] for tag in each.tags]] for each in run.inputs.dataset_inputs),
        "outputs": [each.model_id for each in run.outputs.model_outputs] if run.outputs else [],
        "files": downloaded(f"runs:/{info.run_id}/") if client.list_artifacts(info.run_id) else {},
    }


def shown_model(model, experiment):
    return {
        "experiment": experiment,
        "id": model.model_id,
        "name": model.name,
        "status": str(model.status),
        "created": model.creation_timestamp,
        "run": model.source_run_id,
        "params": model.params,
        "tags": model.tags,
        "metrics": [[each.key, each.value, each.step, each.timestamp, each.run_id] for each in model.metrics or []],
        "files": downloaded(f"models:/{model.model_id}"),
    }


def shown_version(version):
    return {
        "version": str(version.version),
        "created": version.creation_timestamp,
        "description": version.description or "",
        "tags": version.tags,
        "run": version.run_id or "",
        "model": version.source if version.source.startswith("models:/") else "",
        "files": downloaded(f"models:/{version.name}/{version.version}"),
    }


def look():
    experiments = sorted(client.search_experiments(), key=lambda each: each.name)
    names = {each.experiment_id: each.name for each in experiments}
    runs = client.search_runs(list(names), run_view_type=ViewType.ACTIVE_ONLY, max_results=1000)
    models = mlflow.search_logged_models(list(names), output_format="list")
    prompt = client.get_prompt_version("hello", "1")
    seen = {
        "experiments": [[each.name, each.tags] for each in experiments],
        # What still runs stays where it is.
        "runs": [shown_run(each, names[each.info.experiment_id]) for each in sorted(runs, key=lambda each: each.info.run_id) if each.info.end_time],
        "logged models": [shown_model(each, names[each.experiment_id]) for each in sorted(models, key=lambda each: each.model_id)],
        "models": [
            {
                "name": each.name,
                "description": each.description or "",
                "tags": each.tags,
                "aliases": {alias: str(version) for alias, version in each.aliases.items()},
                "versions": sorted(
                    (shown_version(version) for version in client.search_model_versions(f"name='{each.name}'")), key=lambda version: version["version"]
                ),
            }
            for each in sorted(client.search_registered_models(), key=lambda each: each.name)
        ],
        "prompt": [prompt.template, prompt.commit_message],
        "loaded": mlflow.pyfunc.load_model("models:/doubler@champion").predict([1, 2]),
    }
    print(json.dumps(seen))


{"fill": fill, "look": look}[sys.argv[1]]()
