"""What a data scientist does with MLflow, start to end, against the server that MLFLOW_TRACKING_URI names.

Prints one JSON object: what each chapter saw. Ids become words in the order in which they turn up, times and places are left out,
so that the same story told to two servers can be compared.
"""
import json
import math
import os
import re
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore")
os.environ["MLFLOW_ENABLE_ASYNC_TRACE_LOGGING"] = "false"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

import mlflow
import numpy as np
import pandas as pd
from mlflow import MlflowClient
from mlflow.entities import AssessmentSource, Dataset, DatasetInput, InputTag, Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException
from sklearn.linear_model import LogisticRegression

client = MlflowClient()
seen = {}


def chapter(tell):
    """Tells it now; names on the command line pick chapters."""
    if len(sys.argv) < 2 or tell.__name__ in sys.argv:
        seen[tell.__name__] = tell()
    return tell


def refusal(act):
    """The code and the first sentence of the error that `act` is answered with."""
    try:
        act()
    except MlflowException as error:
        return [error.error_code, str(error).split("\n")[0][:300]]
    return "accepted"


def shown_run(run, tags=False):
    return {
        "name": run.info.run_name,
        "status": run.info.status,
        "stage": run.info.lifecycle_stage,
        "params": run.data.params,
        "metrics": {key: repr(round(value, 6)) for key, value in run.data.metrics.items()},
        "tags": {key: value for key, value in run.data.tags.items() if not key.startswith("mlflow.") or tags},
    }


@chapter
def experiments():
    one = client.create_experiment("first", tags={"team": "vision", "goal": "größer"})
    two = client.create_experiment("second")
    three = client.create_experiment("Third")
    client.set_experiment_tag(two, "team", "speech")
    client.delete_experiment_tag(one, "goal")
    client.rename_experiment(two, "renamed")
    client.delete_experiment(three)
    found = {
        "all": sorted(each.name for each in client.search_experiments()),
        "deleted": [each.name for each in client.search_experiments(view_type=ViewType.DELETED_ONLY)],
        "by tag": [each.name for each in client.search_experiments(filter_string="tags.team = 'speech'")],
        "like": [each.name for each in client.search_experiments(filter_string="name LIKE 'r%'")],
        "ilike": [each.name for each in client.search_experiments(filter_string="name ILIKE '%IRST'")],
        "ordered": [each.name for each in client.search_experiments(order_by=["name DESC"])],
        "tags": client.get_experiment(one).tags,
        "refused": [
            refusal(lambda: client.create_experiment("first"))[0],
            refusal(lambda: client.create_experiment("")),
            refusal(lambda: client.create_experiment("x" * 600)),
            refusal(lambda: client.get_experiment("4242")),
            refusal(lambda: client.create_run(three)),
            refusal(lambda: client.set_experiment_tag(three, "a", "b")),
            refusal(lambda: client.delete_experiment_tag(one, "no such tag")),
            refusal(lambda: client.search_experiments(max_results=0)),
        ],
        "missing": client.get_experiment_by_name("nowhere"),
    }
    client.restore_experiment(three)
    found["restored"] = client.get_experiment(three).lifecycle_stage
    pages = client.search_experiments(max_results=2, order_by=["name ASC"])
    more = client.search_experiments(max_results=2, order_by=["name ASC"], page_token=pages.token)
    found["pages"] = [[each.name for each in pages], [each.name for each in more]]
    return found


@chapter
def runs():
    mlflow.set_experiment("runs")
    with mlflow.start_run(run_name="outer", tags={"kind": "parent"}, description="about it") as outer:
        mlflow.log_params({"rate": 0.1, "depth": 3, "empty": "", "long": "y" * 6000})
        for step in range(5):
            mlflow.log_metric("loss", 1 / (step + 1), step=step)
        mlflow.log_metrics({"nan": math.nan, "exact": 2.0**53})
        mlflow.log_metric("with space/and:colon", 1, timestamp=7, step=-3)
        with mlflow.start_run(run_name="inner", nested=True) as inner:
            mlflow.log_metric("loss", 0.5)
            mlflow.set_tag("mark", "a'b\"c")
        mlflow.set_tag("kind", "changed")
        mlflow.delete_tag("kind")
        mlflow.set_tag("note", "überraschend\nzwei")
    run = client.get_run(outer.info.run_id)
    nested = client.get_run(inner.info.run_id)
    failed = client.create_run(outer.info.experiment_id, run_name="failed")
    client.log_batch(
        failed.info.run_id,
        metrics=[Metric("m", value, 1000 + value, value) for value in range(20)],
        params=[Param("p", "1"), Param("q", "2")],
        tags=[RunTag("t", "u")],
    )
    client.set_terminated(failed.info.run_id, "FAILED", end_time=5)
    client.update_run(failed.info.run_id, name="named again")
    shown = shown_run(run)
    shown["params"]["long"] = len(shown["params"]["long"])
    found = {
        "outer": shown,
        "description": run.data.tags["mlflow.note.content"],
        "inner": shown_run(nested),
        "parent": nested.data.tags["mlflow.parentRunId"] == outer.info.run_id,
        "failed": shown_run(client.get_run(failed.info.run_id)),
        "end": client.get_run(failed.info.run_id).info.end_time,
        "history": [[each.step, each.value] for each in client.get_metric_history(outer.info.run_id, "loss")],
        "odd": [[each.step, each.timestamp] for each in client.get_metric_history(outer.info.run_id, "with space/and:colon")],
        "none": client.get_metric_history(outer.info.run_id, "no such metric"),
    }
    run_id = failed.info.run_id
    found["refused"] = [
        refusal(lambda: client.log_param(run_id, "p", "2")),
        refusal(lambda: client.log_batch(run_id, params=[Param("p", "3"), Param("new", "1")])),
        refusal(lambda: client.log_batch(run_id, params=[Param("d", "1"), Param("d", "2")])),
        refusal(lambda: client.log_param(run_id, "k" * 251, "v")),
        refusal(lambda: client.set_tag(run_id, "../up", "v")),
        refusal(lambda: client.log_metric(run_id, "a//b", 1)),
        refusal(lambda: client.log_metric(run_id, "what?", 1)),
        refusal(lambda: client.delete_tag(run_id, "none")),
        refusal(lambda: client.get_run("0" * 32)),
        refusal(lambda: client.log_batch(run_id, metrics=[Metric("m", 1, 1, 1)] * 1001)),
    ]
    client.delete_run(run_id)
    found["deleted"] = [
        client.get_run(run_id).info.lifecycle_stage,
        refusal(lambda: client.log_metric(run_id, "m", 1)),
        refusal(lambda: client.update_run(run_id, status="FINISHED")),
    ]
    client.restore_run(run_id)
    found["restored"] = client.get_run(run_id).info.lifecycle_stage
    return found


@chapter
def search_runs():
    experiment = mlflow.set_experiment("searched").experiment_id
    for number in range(12):
        run = client.create_run(experiment, run_name=f"run {number:02}", start_time=1000 + number, tags={"parity": "odd" if number % 2 else "even"})
        client.log_metric(run.info.run_id, "score", number / 10)
        client.log_metric(run.info.run_id, "with-dash", 11 - number)
        client.log_param(run.info.run_id, "layers", str(number % 4))
        if number % 3 == 0:
            client.log_inputs(run.info.run_id, [DatasetInput(Dataset(f"data{number}", "d1gest", "local", "file"), [InputTag("mlflow.data.context", "train")])])
        client.set_terminated(run.info.run_id, "FINISHED" if number < 8 else "FAILED", end_time=2000 + number)

    def names(text, **more):
        return [run.info.run_name for run in client.search_runs([experiment], text, **more)]

    found = {
        text: names(text)
        for text in [
            "",
            "metrics.score > 0.85",
            "metrics.score >= 0.3 AND metrics.score < 0.6",
            "metrics.`with-dash` = 4",
            "params.layers = '2'",
            "params.layers != '2' and tags.parity = 'odd'",
            "params.layers LIKE '%3'",
            "tags.parity ILIKE 'EV%'",
            "attributes.status = 'FAILED'",
            "status != 'FAILED' AND attributes.start_time >= 1005",
            "run_name LIKE 'run 1%'",
            "tags.`mlflow.runName` = 'run 03'",
            "datasets.name = 'data3'",
            "dataset.name LIKE 'data%' AND dataset.context = 'train'",
            "attributes.end_time < 2003",
        ]
    }
    found["ordered"] = names("", order_by=["params.layers ASC", "metrics.score DESC"])
    found["by name"] = names("", order_by=["attributes.run_name DESC"])[:3]
    found["by missing"] = names("", order_by=["metrics.nowhere DESC", "start_time ASC"])[:2]
    first = client.search_runs([experiment], "params.layers != '3'", max_results=4, order_by=["start_time ASC"])
    second = client.search_runs([experiment], "params.layers != '3'", max_results=4, order_by=["start_time ASC"], page_token=first.token)
    third = client.search_runs([experiment], "params.layers != '3'", max_results=4, order_by=["start_time ASC"], page_token=second.token)
    found["pages"] = [[run.info.run_name for run in page] for page in (first, second, third)] + [third.token]
    found["refused"] = [
        refusal(lambda: names(text))[0]
        for text in ["metrics.score > 'high'", "params.layers = 2", "nonsense", "foo.bar = 'x'", "attributes.nowhere = 'x'", "metrics.score LIKE '1%'", "status ="]
    ]
    frame = mlflow.search_runs([experiment], filter_string="metrics.score > 0.9", output_format="pandas")
    found["frame"] = sorted(column for column in frame.columns if column.startswith(("metrics.", "params.")))
    return found


@chapter
def artifacts():
    mlflow.set_experiment("artifacts")
    with mlflow.start_run() as run, tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "a b ü.txt")
        with open(path, "w") as file:
            file.write("hello")
        mlflow.log_artifact(path)
        mlflow.log_artifact(path, "deep/er")
        mlflow.log_text("text", "notes/note.txt")
        mlflow.log_dict({"a": [1, {"b": None}]}, "data/it.json")
        mlflow.log_table({"question": ["x", "y"], "answer": [1, 2]}, "table.json")
        mlflow.log_image(np.zeros((4, 4, 3), dtype=np.uint8), "image.png")
        mlflow.log_image(np.ones((4, 4, 3), dtype=np.uint8), key="step image", step=3)
        import matplotlib

        matplotlib.use("Agg")
        import matplotlib.pyplot as plt

        figure, axes = plt.subplots()
        axes.plot([1, 2])
        mlflow.log_figure(figure, "figure.png")
        big = os.path.join(folder, "big.bin")
        with open(big, "wb") as file:
            file.write(bytes(range(256)) * 40_000)
        mlflow.log_artifact(big)
        run_id = run.info.run_id
        found = {
            "root": sorted((each.path, each.is_dir) for each in client.list_artifacts(run_id) if not each.path.startswith("images")),
            "deep": [(each.path, each.is_dir, each.file_size) for each in client.list_artifacts(run_id, "deep")],
            "file": [(each.path, each.file_size) for each in client.list_artifacts(run_id, "notes")],
            "none": client.list_artifacts(run_id, "no such folder"),
            "text": mlflow.artifacts.load_text(f"runs:/{run_id}/notes/note.txt"),
            "dict": mlflow.artifacts.load_dict(f"runs:/{run_id}/data/it.json"),
            "table": mlflow.load_table("table.json", run_ids=[run_id]).to_dict("list"),
            "image": np.asarray(mlflow.artifacts.load_image(f"runs:/{run_id}/image.png")).shape,
            "missing": refusal(lambda: mlflow.artifacts.load_text(f"runs:/{run_id}/missing.txt"))[0],
        }
        local = client.download_artifacts(run_id, "big.bin", folder)
        with open(local, "rb") as file:
            found["big"] = file.read() == bytes(range(256)) * 40_000
        whole = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="deep", dst_path=folder)
        found["folder"] = sorted(os.listdir(os.path.join(whole, "er")))
        from mlflow.tracking.artifact_utils import get_artifact_repository

        get_artifact_repository(run.info.artifact_uri).delete_artifacts("deep")
        found["after deleting"] = client.list_artifacts(run_id, "deep")
    return found


@chapter
def training():
    mlflow.set_experiment("training")
    mlflow.sklearn.autolog(log_datasets=True)
    random = np.random.default_rng(0)
    features = pd.DataFrame(random.normal(size=(60, 3)), columns=["a", "b", "c"])
    labels = (features["a"] + 0.1 * features["b"] > 0).astype(int)
    with mlflow.start_run(run_name="auto") as run:
        LogisticRegression(C=0.5).fit(features, labels)
    mlflow.sklearn.autolog(disable=True)
    told = client.get_run(run.info.run_id)
    outputs = [client.get_logged_model(each.model_id) for each in told.outputs.model_outputs]
    found = {
        "params": {key: told.data.params[key] for key in ("C", "penalty", "max_iter")},
        "metrics": sorted(told.data.metrics),
        "inputs": [[each.dataset.name, each.dataset.source_type, [[tag.key, tag.value] for tag in each.tags]] for each in told.inputs.dataset_inputs],
        "outputs": [[each.name, str(each.status), each.source_run_id == run.info.run_id, sorted(each.params)[:3], sorted({metric.key for metric in each.metrics})] for each in outputs],
        "artifacts": sorted(each.path for each in client.list_artifacts(run.info.run_id)),
        "again": mlflow.pyfunc.load_model(outputs[0].model_uri).predict(features)[:5].tolist(),
    }
    with mlflow.start_run(run_name="by hand") as run:
        info = mlflow.sklearn.log_model(
            LogisticRegression().fit(features, labels),
            name="classifier",
            registered_model_name="judge",
            input_example=features.head(2),
            tags={"origin": "hand"},
            params={"alpha": "1"},
        )
        mlflow.log_metric("accuracy", 0.75, dataset=mlflow.data.from_pandas(features, name="train"), model_id=info.model_id)
    model = client.get_logged_model(info.model_id)
    version = client.get_model_version("judge", 1)
    found["logged"] = {
        "tags": {key: value for key, value in model.tags.items() if not key.startswith("mlflow.")},
        "registered as": json.loads(model.tags["mlflow.modelVersions"]),
        "params": model.params,
        "metrics": [[each.key, each.value, each.dataset_name] for each in model.metrics],
        "type": model.model_type,
    }
    found["version"] = [version.version, version.run_id == run.info.run_id, version.model_id == info.model_id, version.source == info.model_uri, version.status]
    found["loaded"] = mlflow.sklearn.load_model("models:/judge/1").predict(features)[:5].tolist()
    client.set_registered_model_alias("judge", "champion", 1)
    found["by alias"] = mlflow.pyfunc.load_model("models:/judge@champion").predict(features)[:5].tolist()
    found["by run"] = mlflow.pyfunc.load_model(f"runs:/{run.info.run_id}/classifier").predict(features)[:3].tolist()
    result = mlflow.models.evaluate(info.model_uri, features.assign(label=labels), targets="label", model_type="classifier", evaluator_config={"log_explainer": False})
    found["evaluated"] = [sorted(result.metrics)[:6], round(result.metrics["accuracy_score"], 3), sorted(result.artifacts)[:3]]
    return found


@chapter
def logged_models():
    experiment = mlflow.set_experiment("models").experiment_id
    mlflow.set_active_model(name="active")
    found = {"active": mlflow.get_active_model_id() is not None}
    mlflow.clear_active_model()
    models = [client.create_logged_model(experiment, name=f"model{number}", params={"n": str(number)}, tags={"odd": str(number % 2)}, model_type="agent") for number in range(4)]
    run = client.create_run(experiment)
    for number, model in enumerate(models):
        client.log_metric(run.info.run_id, "score", number / 4, model_id=model.model_id, dataset_name="eval", dataset_digest="abc", step=number)
        client.finalize_logged_model(model.model_id, "READY" if number else "FAILED")
    client.set_logged_model_tags(models[0].model_id, {"extra": "1", "odd": "no"})
    client.delete_logged_model_tag(models[0].model_id, "extra")
    client.log_model_params(models[1].model_id, {"more": "2"}) if hasattr(client, "log_model_params") else None

    def names(text=None, **more):
        return [model.name for model in client.search_logged_models([experiment], text, **more)]

    found["by score"] = names("metrics.score >= 0.5", order_by=[{"field_name": "metrics.score", "ascending": True}])
    found["by params"] = names("params.n = '1'")
    found["by tags"] = names("tags.odd = '1'", order_by=[{"field_name": "name", "ascending": False}])
    found["by name"] = names("name LIKE 'model%' AND name != 'model2'", order_by=[{"field_name": "name"}])
    found["by data"] = names(None, datasets=[{"dataset_name": "eval", "dataset_digest": "abc"}], order_by=[{"field_name": "name"}])
    found["none"] = names(None, datasets=[{"dataset_name": "other"}])
    page = client.search_logged_models([experiment], "name LIKE 'model%'", max_results=3, order_by=[{"field_name": "name"}])
    rest = client.search_logged_models([experiment], "name LIKE 'model%'", max_results=3, order_by=[{"field_name": "name"}], page_token=page.token)
    found["pages"] = [[each.name for each in page], [each.name for each in rest]]
    model = client.get_logged_model(models[0].model_id)
    found["one"] = [model.name, str(model.status), model.tags, model.params, model.model_type, [[m.key, m.value, m.step, m.dataset_name, m.run_id == run.info.run_id] for m in model.metrics]]
    client.delete_logged_model(models[3].model_id)
    found["refused"] = [
        refusal(lambda: client.get_logged_model(models[3].model_id))[0],
        refusal(lambda: client.get_logged_model("m-none")),
        refusal(lambda: client.create_logged_model(experiment, name="a/b"))[0],
        refusal(lambda: client.delete_logged_model_tag(models[0].model_id, "none"))[0],
    ]
    return found


@chapter
def registry():
    client.create_registered_model("net", tags={"task": "vision"}, description="nets")
    client.create_registered_model("tree", tags={"task": "table"})
    run = client.create_run(mlflow.set_experiment("registry").experiment_id)
    for number in range(4):
        client.create_model_version("net", f"runs:/{run.info.run_id}/model{number}", run.info.run_id, tags={"n": str(number)}, description=f"no. {number}", run_link="https://example.org")
    client.create_model_version("tree", "s3://bucket/model")
    client.transition_model_version_stage("net", 1, "Staging")
    client.transition_model_version_stage("net", 2, "production")
    client.transition_model_version_stage("net", 3, "Production", archive_existing_versions=True)
    client.set_registered_model_alias("net", "best", 2)
    client.set_registered_model_alias("net", "best", 3)
    client.set_registered_model_alias("net", "old", 1)
    client.set_model_version_tag("net", 2, "extra", "yes")
    client.set_model_version_tag("net", stage="Staging", key="by stage", value="1")
    client.delete_model_version_tag("net", 4, "n")
    client.set_registered_model_tag("net", "more", "")
    client.delete_registered_model_tag("net", "task")
    client.update_model_version("net", 2, "new words")
    client.update_registered_model("tree", "trees")

    def version(each):
        return [each.name, each.version, each.current_stage, each.description, each.tags, sorted(each.aliases), each.status, each.run_link]

    model = client.get_registered_model("net")
    found = {
        "model": [model.name, model.description, model.tags, dict(sorted(model.aliases.items())), sorted(each.version for each in model.latest_versions)],
        "versions": [version(client.get_model_version("net", number)) for number in (1, 2, 3, 4)],
        "by alias": client.get_model_version_by_alias("net", "best").version,
        "latest": sorted((each.current_stage, each.version) for each in client.get_latest_versions("net")),
        "staged": [each.version for each in client.get_latest_versions("net", ["Production"])],
        "uri": client.get_model_version_download_uri("tree", 1),
        "models": [each.name for each in client.search_registered_models("name LIKE '%e%'", order_by=["name DESC"]) if each.name in ("net", "tree")],
        "by tag": [each.name for each in client.search_registered_models("tags.task = 'table'")],
        "versions by name": [each.version for each in client.search_model_versions("name = 'net'", order_by=["version_number ASC"])],
        "versions by run": sorted(each.version for each in client.search_model_versions(f"run_id = '{run.info.run_id}'")),
        "versions by tag": [each.version for each in client.search_model_versions("name = 'net' AND tags.extra = 'yes'")],
        "one page": len(client.search_model_versions("name = 'net'", max_results=2)),
    }
    copy = client.copy_model_version("models:/net@best", "copied")
    found["copy"] = [copy.name, copy.version, copy.source, copy.description, copy.tags, client.get_model_version_download_uri("copied", copy.version)]
    client.rename_registered_model("net", "network")
    client.delete_registered_model_alias("network", "old")
    client.delete_model_version("network", 4)
    after = client.create_model_version("network", f"runs:/{run.info.run_id}/again", run.info.run_id)
    found["renamed"] = [after.version, dict(client.get_registered_model("network").aliases)]
    client.delete_registered_model("tree")
    found["refused"] = [
        refusal(lambda: client.create_registered_model("network")),
        refusal(lambda: client.create_registered_model("a/b")),
        refusal(lambda: client.get_registered_model("net")),
        refusal(lambda: client.get_registered_model("tree")),
        refusal(lambda: client.get_model_version("network", 4)),
        refusal(lambda: client.get_model_version("network", "x")),
        refusal(lambda: client.transition_model_version_stage("network", 1, "Nowhere")),
        refusal(lambda: client.set_registered_model_alias("network", "latest", 1)),
        refusal(lambda: client.set_registered_model_alias("network", "v1", 1)),
        refusal(lambda: client.set_registered_model_alias("network", "no space", 1)),
        refusal(lambda: client.get_model_version_by_alias("network", "none")),
        refusal(lambda: client.create_model_version("network", "file:///etc")),
        refusal(lambda: client.create_model_version("network", "mlflow-artifacts://host/models/../../x"))[0],
        refusal(lambda: client.rename_registered_model("network", "copied"))[0],
        refusal(lambda: client.search_registered_models("nothing = 'x'"))[0],
        refusal(lambda: client.search_registered_models(max_results=1001))[0],
    ]
    return found


@chapter
def prompts():
    mlflow.genai.register_prompt("greeting", "Hello {{name}}", commit_message="first", tags={"lang": "en"})
    mlflow.genai.register_prompt("greeting", "Hi {{name}}, {{question}}", commit_message="second")
    mlflow.genai.register_prompt("chat", [{"role": "system", "content": "You are {{who}}"}, {"role": "user", "content": "{{what}}"}])
    mlflow.genai.set_prompt_alias("greeting", "live", 1)
    first, second = mlflow.genai.load_prompt("prompts:/greeting/1"), mlflow.genai.load_prompt("greeting", version=2)
    found = {
        "first": [first.template, first.version, first.tags, first.commit_message, sorted(first.variables)],
        "second": [second.template, second.version, second.format(name="Ann", question="well?")],
        "alias": mlflow.genai.load_prompt("prompts:/greeting@live").version,
        "chat": mlflow.genai.load_prompt("prompts:/chat/1").template,
        "found": sorted(each.name for each in mlflow.genai.search_prompts()),
        "no models": [each.name for each in client.search_registered_models() if each.name in ("greeting", "chat")],
        "missing": mlflow.genai.load_prompt("prompts:/nowhere/1", allow_missing=True),
        "clash": refusal(lambda: client.create_registered_model("greeting")),
    }
    client.delete_prompt_alias("greeting", "live")
    client.delete_prompt_version("greeting", "1")
    found["left"] = [each.version for each in client.search_prompt_versions("greeting")] if hasattr(client, "search_prompt_versions") else None
    return found


@chapter
def traces():
    experiment = mlflow.set_experiment("traces").experiment_id

    @mlflow.trace(span_type="RETRIEVER", attributes={"k": 3})
    def retrieve(query):
        return ["doc 1", "doc 2"]

    @mlflow.trace(name="answer", span_type="CHAIN")
    def answer(question):
        mlflow.update_current_trace(tags={"topic": "weather"}, metadata={"mlflow.trace.session": "s1", "mlflow.trace.user": "ann"}, client_request_id="req-1")
        with mlflow.start_span("llm", span_type="LLM") as span:
            span.set_inputs({"question": question})
            span.set_attribute("mlflow.chat.tokenUsage", {"input_tokens": 5, "output_tokens": 7, "total_tokens": 12})
            span.set_outputs("It rains in Köln")
        return retrieve(question)[0]

    ids = []
    for question in ("first?", "second?"):
        answer(question)
        ids.append(mlflow.get_last_active_trace_id())
    try:
        with mlflow.start_span("broken") as span:
            raise ValueError("no way")
    except ValueError:
        ids.append(mlflow.get_last_active_trace_id() or span.trace_id)
    ids[2] = span.trace_id

    trace = client.get_trace(ids[0])
    found = {
        "spans": [
            [span.name, span.span_type, span.parent_id is not None, span.inputs, span.outputs, str(span.status.status_code), sorted(key for key in span.attributes if not key.startswith("mlflow."))]
            for span in trace.data.spans
        ],
        "info": [
            str(trace.info.state), trace.info.client_request_id, trace.info.request_preview, trace.info.response_preview,
            {key: value for key, value in trace.info.tags.items() if not key.startswith("mlflow.")},
            trace.info.tags["mlflow.traceName"], trace.info.trace_metadata["mlflow.trace.session"], trace.info.token_usage, trace.info.execution_duration is not None,
        ],
        "broken": [str(client.get_trace(ids[2]).info.state), [[event.name, event.attributes.get("exception.type")] for event in client.get_trace(ids[2]).data.spans[0].events]],
    }

    def names(text, **more):
        return [each.info.tags["mlflow.traceName"] + " " + str(each.info.request_preview) for each in client.search_traces(locations=[experiment], filter_string=text, order_by=["timestamp_ms ASC"], **more)]

    for text in ["status = 'ERROR'", "tags.topic = 'weather'", "name = 'answer'", "attributes.name LIKE 'bro%'", "metadata.`mlflow.trace.user` = 'ann'", "span.type = 'LLM'", "span.name = 'retrieve'", "client_request_id = 'req-1'", "execution_time_ms >= 0"]:
        found[text] = names(text)
    client.set_trace_tag(ids[0], "extra", "1")
    client.set_trace_tag(ids[1], "extra", "2")
    client.delete_trace_tag(ids[1], "extra")
    found["by tag"] = names("tags.extra = '1'")
    source = AssessmentSource(source_type="HUMAN", source_id="ann")
    feedback = mlflow.log_feedback(trace_id=ids[0], name="good", value=True, rationale="right", source=source, metadata={"a": "b"})
    expectation = mlflow.log_expectation(trace_id=ids[0], name="wanted", value={"answer": ["a", 1]}, source=source)
    mlflow.log_feedback(trace_id=ids[1], name="good", value=False, source=source)
    mlflow.update_assessment(ids[0], feedback.assessment_id, mlflow.entities.Feedback(name="good", value=False, rationale="wrong after all"))
    better = mlflow.override_feedback(trace_id=ids[0], assessment_id=feedback.assessment_id, value=0.5, source=source)
    told = sorted(client.get_trace(ids[0]).info.assessments, key=lambda each: (each.name, str(each.value)))
    found["assessed"] = [[each.name, each.value, each.rationale, each.valid, each.source.source_id, each.metadata and each.metadata.get("a")] for each in told]
    found["by feedback"] = names("feedback.good = 'false'")
    mlflow.delete_assessment(ids[0], better.assessment_id)
    mlflow.delete_assessment(ids[0], expectation.assessment_id)
    found["assessed then"] = [[each.name, each.value, each.valid] for each in client.get_trace(ids[0]).info.assessments]
    with mlflow.start_run() as run:
        answer("in a run?")
    found["of a run"] = [each.info.request_preview for each in client.search_traces(locations=[experiment], run_id=run.info.run_id)]
    client.link_traces_to_run([ids[0]], run.info.run_id)
    found["linked"] = len(client.search_traces(locations=[experiment], run_id=run.info.run_id))
    pages = client.search_traces(locations=[experiment], max_results=2)
    more = client.search_traces(locations=[experiment], max_results=2, page_token=pages.token)
    found["pages"] = [len(pages), len(more)]
    found["deleted"] = client.delete_traces(experiment, trace_ids=[ids[0]])
    found["gone"] = refusal(lambda: client.get_trace(ids[0]))[0]
    found["deleted all"] = client.delete_traces(experiment, max_timestamp_millis=10**15)
    found["refused"] = [refusal(lambda: names(text))[0] for text in ["nowhere = 'x'", "status", "span.nowhere = 'x'"]]
    return found


@chapter
def evaluation():
    experiment = mlflow.set_experiment("evaluation").experiment_id
    from mlflow.genai.datasets import create_dataset, delete_dataset, get_dataset, search_datasets

    dataset = create_dataset(name="questions", experiment_id=[experiment], tags={"kind": "small"})
    dataset.merge_records([
        {"inputs": {"question": "one?"}, "expectations": {"answer": "1"}, "tags": {"a": "b"}},
        {"inputs": {"question": "two?"}, "expectations": {"answer": "2"}},
    ])
    dataset.merge_records([{"inputs": {"question": "one?"}, "expectations": {"sure": True}}])
    again = get_dataset(dataset_id=dataset.dataset_id)
    frame = again.to_df()
    found = {
        "name": [again.name, {key: value for key, value in again.tags.items() if not key.startswith("mlflow.")}, again.experiment_ids == [experiment]],
        "schema": json.loads(again.schema),
        "profile": json.loads(again.profile),
        "records": sorted([record["inputs"]["question"], record["expectations"]] for record in frame.to_dict("records")),
        "found": [each.name for each in search_datasets(experiment_ids=[experiment], filter_string="name LIKE 'quest%'")],
    }

    @mlflow.genai.scorer
    def short(outputs):
        return len(outputs) < 5

    result = mlflow.genai.evaluate(data=frame[["inputs", "expectations"]], predict_fn=lambda question: question[:3], scorers=[short])
    found["evaluated"] = {key: float(value) for key, value in result.metrics.items()}
    judged = client.search_traces(locations=[experiment], run_id=result.run_id)
    found["judged"] = sorted([each.name, each.value] for trace in judged for each in trace.info.assessments if each.name == "short")
    mlflow.genai.scorers.Guidelines(name="polite", guidelines="Say please.").register(experiment_id=experiment)
    found["scorers"] = [each.name for each in mlflow.genai.scorers.list_scorers(experiment_id=experiment)]
    delete_dataset(dataset_id=dataset.dataset_id)
    found["gone"] = refusal(lambda: get_dataset(dataset_id=dataset.dataset_id))[0]
    return found


@chapter
def corner_cases():
    """What users met: names, letters, numbers and files that are not the usual ones."""
    found = {}
    experiment = client.create_experiment("corner cases")
    run = client.create_run(experiment, run_name="named").info.run_id
    client.set_tag(run, "mlflow.runName", "")
    found["emptied name"] = [client.get_run(run).info.run_name, client.get_run(run).data.tags.get("mlflow.runName")]
    client.delete_tag(run, "mlflow.runName")
    found["deleted name"] = [client.get_run(run).info.run_name, client.get_run(run).data.tags.get("mlflow.runName")]

    client.log_param(run, "größe", "1")
    client.log_metric(run, "avg score", 1)
    for filter in ["params.größe = '1'", "params.`größe` = '1'", "metrics.'avg score' = 1", 'metrics."avg score" = 1']:
        found[filter] = len(client.search_runs([experiment], filter))
    client.set_tag(run, "long", "😀" * 8000)
    found["long"] = len(client.get_run(run).data.tags["long"])

    client.log_metric(run, "far", 1, timestamp=1764172800123456768, step=2**60)
    found["far"] = [[each.step, each.timestamp] for each in client.get_metric_history(run, "far")]

    before = client.get_experiment(experiment).last_update_time
    client.set_experiment_tag(experiment, "seen", "yes")
    client.create_run(experiment)
    found["calm"] = client.get_experiment(experiment).last_update_time == before

    with tempfile.TemporaryDirectory() as folder:
        for name in ("a\\b.txt", "z.txt"):
            with open(os.path.join(folder, name), "w") as file:
                file.write("x")
        client.log_artifacts(run, folder, "plain")
        for name in ("big.bin", "big2.bin"):
            with open(os.path.join(folder, name), "wb") as file:
                file.write(b"x" * (6 << 20))
        os.environ["MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD"] = "true"
        for name in ("MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE", "MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE"):
            os.environ[name] = str(5 << 20)
        for name in ("big.bin", "big2.bin"):
            for place in (None, "folder"):
                client.log_artifact(run, os.path.join(folder, name), place)
        del os.environ["MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD"]
    found["files"] = {place or "": sorted([each.path, each.file_size] for each in client.list_artifacts(run, place)) for place in (None, "plain", "folder")}
    return found


@chapter
def raw_requests():
    """What is sent by hand: letters of other sets, marks in front, HEAD."""
    import requests

    token = os.environ.get("MLFLOW_TRACKING_TOKEN")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    url = os.environ["MLFLOW_TRACKING_URI"]
    experiment = client.create_experiment("raw")
    run = client.create_run(experiment).info.run_id
    client.log_text(run, "hello", "a.txt")
    file = f"{url}/api/2.0/mlflow-artifacts/artifacts/{experiment}/{run}/artifacts/a.txt"
    found = {"head": [requests.get(file, headers=headers).status_code, requests.head(file, headers=headers).status_code]}

    def tag(key, text, encoding):
        body = json.dumps({"run_id": run, "key": key, "value": text}, ensure_ascii=False).encode(encoding)
        return requests.post(f"{url}/api/2.0/mlflow/runs/set-tag", data=body, headers={**headers, "Content-Type": "application/json"}).status_code

    found["latin"] = [tag("latin", "größe", "latin-1") // 100, client.get_run(run).data.tags.get("latin")]
    found["mark"] = [tag("mark", "größe", "utf-8-sig"), client.get_run(run).data.tags.get("mark")]
    return found


@chapter
def system_metrics():
    mlflow.set_experiment("system")
    mlflow.enable_system_metrics_logging()
    mlflow.set_system_metrics_sampling_interval(0.2)
    mlflow.set_system_metrics_samples_before_logging(1)
    import time

    with mlflow.start_run() as run:
        while "system/cpu_utilization_percentage" not in client.get_run(run.info.run_id).data.metrics:
            time.sleep(0.1)
    mlflow.disable_system_metrics_logging()
    return sorted(key for key in client.get_run(run.info.run_id).data.metrics if "network" not in key)


def same_words(text):
    """Ids as words in the order in which they turn up; the server's own address as `SERVER`."""
    text = text.replace(os.environ["MLFLOW_TRACKING_URI"], "SERVER")
    known, experiments = {}, {}
    # Experiments are numbered over the whole server, whoever else has made some.
    text = re.sub(r"\b(experiment|experiment with id) (\d+)\b", lambda match: f"{match[1]} {experiments.setdefault(match[2], len(experiments))}", text)
    return re.sub(r"\b(m-|tr-|d-|a-)?[0-9a-f]{32}\b", lambda match: known.setdefault(match[0], f"{match[1] or 'run'}{len(known)}"), text)


sys.stdout.write(same_words(json.dumps(seen, default=str, ensure_ascii=False)) + "\n")
