"""The run of this job in MLflow: numbers, parameters and files of it.

By MLflow's REST API where the server has one: to import mlflow takes seconds, in each step anew. Everything else, as Azure's `azureml://`, is left to mlflow.
"""
import json
import os
import queue
import threading
import time


def run_of_job():
    """The run, or None where the job is not tracked."""
    uri = os.environ.get("MLFLOW_TRACKING_URI")
    if not uri:
        return None
    run_id = os.environ.get("MLFLOW_RUN_ID")
    if uri.startswith(("http://", "https://")) and run_id:
        run = RestRun(uri, run_id)
        if run.folder is not None:
            return run
    return MlflowRun(run_id)


class RestRun:
    def __init__(self, uri, run_id):
        import requests
        from requests.adapters import HTTPAdapter
        from urllib3.util.retry import Retry

        self.uri, self.id = uri.rstrip("/"), run_id
        self.session = requests.Session()
        # Each request may come twice: a point, a parameter, a tag and a file are kept once.
        again = Retry(total=6, backoff_factor=0.5, status_forcelist=(429, 500, 502, 503, 504), allowed_methods=None, raise_on_status=False)
        for scheme in ("http://", "https://"):
            self.session.mount(scheme, HTTPAdapter(max_retries=again))
        token = os.environ.get("MLFLOW_TRACKING_TOKEN")
        if token:
            self.session.headers["Authorization"] = f"Bearer {token}"
        elif os.environ.get("MLFLOW_TRACKING_USERNAME"):
            self.session.auth = (os.environ["MLFLOW_TRACKING_USERNAME"], os.environ.get("MLFLOW_TRACKING_PASSWORD", ""))
        found = self.asked("get", "runs/get", params={"run_id": run_id})["run"]
        self.parent = next((each["value"] for each in found["data"].get("tags", []) if each["key"] == "mlflow.parentRunId"), None)
        scheme, _, rest = found["info"]["artifact_uri"].partition(":")
        # Where the server takes files itself; elsewhere they go to the store that it names.
        self.folder = "/".join(part for part in rest.split("/")[3 if rest.startswith("//") else 0 :] if part) if scheme == "mlflow-artifacts" else None
        self.waiting, self.trouble = queue.Queue(), None
        threading.Thread(target=self.send, daemon=True).start()

    def asked(self, method, path, **more):
        answer = self.session.request(method, f"{self.uri}/api/2.0/mlflow/{path}", timeout=120, **more)
        answer.raise_for_status()
        return answer.json()

    def send(self):
        while True:
            work = self.waiting.get()
            try:
                work()
            except Exception as error:
                self.trouble = error
            self.waiting.task_done()

    def log_metrics(self, metrics, step=0, run_id=None):
        at = int(time.time() * 1000)
        # As MLflow writes what JSON has no number for.
        text = lambda value: value if abs(value) < float("inf") else "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
        points = [{"key": name, "value": text(value), "timestamp": at, "step": step} for name, value in metrics.items()]
        self.waiting.put(lambda: self.asked("post", "runs/log-batch", json={"run_id": run_id or self.id, "metrics": points}))

    def log_params(self, params):
        found = [{"key": name, "value": str(value)} for name, value in params.items()]
        self.waiting.put(lambda: self.asked("post", "runs/log-batch", json={"run_id": self.id, "params": found}))

    def log_text(self, text, name):
        address = f"{self.uri}/api/2.0/mlflow-artifacts/artifacts/{self.folder}/{name}"
        self.waiting.put(lambda: self.session.put(address, data=text.encode("utf-8"), timeout=120).raise_for_status())

    def set_tag(self, key, value):
        self.waiting.put(lambda: self.asked("post", "runs/set-tag", json={"run_id": self.id, "key": key, "value": value}))

    def flush(self):
        """Waits until all has been sent. What was refused is told: it does not end a training."""
        self.waiting.join()
        if self.trouble:
            print(f"warning: not everything could be logged: {self.trouble}", flush=True)


class MlflowRun:
    def __init__(self, run_id):
        # It would stand below what a step says last.
        os.environ["MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT"] = "true"
        import mlflow

        self.mlflow = mlflow
        run = mlflow.active_run() or mlflow.start_run(run_id=run_id)
        self.id = run.info.run_id
        self.client = mlflow.MlflowClient()
        self.parent = self.client.get_run(self.id).data.tags.get("mlflow.parentRunId")

    def log_metrics(self, metrics, step=0, run_id=None):
        self.mlflow.log_metrics(metrics, step=step, run_id=run_id or self.id, synchronous=False)

    def log_params(self, params):
        self.mlflow.log_params(params)

    def log_text(self, text, name):
        self.mlflow.log_text(text, name)

    def set_tag(self, key, value):
        self.client.set_tag(self.id, key, value)

    def flush(self):
        self.mlflow.flush_async_logging()
