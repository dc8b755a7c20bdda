"""Measures the model on the test set and draws its confusion matrix."""

import argparse
import json
from pathlib import Path

import matplotlib
import mlflow
import numpy as np
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402  (after the backend is chosen)

parser = argparse.ArgumentParser()
parser.add_argument("--data", type=Path, required=True)
parser.add_argument("--model", type=Path, required=True)
parser.add_argument("--report", type=Path, required=True)
args = parser.parse_args()

data = np.load(args.data / "test.npz")
model = mlflow.sklearn.load_model(str(args.model))
predicted = model.predict(data["images"])
metrics = {
    "test_accuracy": float(accuracy_score(data["labels"], predicted)),
    "test_f1": float(f1_score(data["labels"], predicted, average="macro")),
}
matrix = confusion_matrix(data["labels"], predicted)

args.report.mkdir(parents=True, exist_ok=True)
(args.report / "metrics.json").write_text(json.dumps(metrics, indent=2))
np.savetxt(args.report / "confusion_matrix.csv", matrix, fmt="%d", delimiter=",", header=",".join(map(str, range(10))), comments="")

figure, axes = plt.subplots(figsize=(5, 4.5), layout="constrained")
image = axes.imshow(matrix, cmap="Blues")
axes.set(xlabel="predicted", ylabel="true", xticks=range(10), yticks=range(10), title=f"accuracy {metrics['test_accuracy']:.3f}")
for row in range(10):
    for column in range(10):
        if matrix[row, column]:
            axes.text(column, row, matrix[row, column], ha="center", va="center", color="white" if matrix[row, column] > matrix.max() / 2 else "black", fontsize=8)
figure.savefig("confusion_matrix.png", dpi=120)
plt.close(figure)

mlflow.log_metrics(metrics)
mlflow.log_artifact("confusion_matrix.png")
mlflow.log_artifact(str(args.report / "confusion_matrix.csv"))
print(f"test accuracy {metrics['test_accuracy']:.4f}, F1 {metrics['test_f1']:.4f}")
