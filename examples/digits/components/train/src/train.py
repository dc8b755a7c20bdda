"""Trains a small neural network on the digits, logging every epoch with MLflow."""

import argparse
import json
from importlib.metadata import version
from pathlib import Path

import mlflow
import numpy as np
from mlflow.models import infer_signature
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

parser = argparse.ArgumentParser()
parser.add_argument("--data", type=Path, required=True)
parser.add_argument("--epochs", type=int, required=True)
parser.add_argument("--learning-rate", type=float, required=True)
parser.add_argument("--seed", type=int, required=True)
parser.add_argument("--model", type=Path, required=True)
args = parser.parse_args()

data = np.load(args.data / "train.npz")
images, held_images, labels, held_labels = train_test_split(
    data["images"], data["labels"], test_size=0.15, random_state=args.seed, stratify=data["labels"]
)
model = MLPClassifier(hidden_layer_sizes=(48,), learning_rate_init=args.learning_rate, batch_size=64, random_state=args.seed)
classes = np.arange(10)

mlflow.log_params({"epochs": args.epochs, "learning_rate": args.learning_rate, "seed": args.seed, "hidden_units": 48})
for epoch in range(1, args.epochs + 1):
    model.partial_fit(images, labels, classes=classes)
    accuracy = model.score(images, labels)
    held_accuracy = model.score(held_images, held_labels)
    mlflow.log_metrics(
        {"loss": model.loss_, "accuracy": accuracy, "validation_accuracy": held_accuracy}, step=epoch
    )
    print(f"epoch {epoch:3d}  loss {model.loss_:.4f}  accuracy {accuracy:.4f}  validation accuracy {held_accuracy:.4f}")

# What serves the model needs these, in the versions of this run, and no more.
needed = [f"{package}=={version(package)}" for package in ("mlflow-skinny", "scikit-learn", "pandas")]
mlflow.sklearn.save_model(
    model,
    args.model,
    serialization_format="cloudpickle",
    signature=infer_signature(images, model.predict(images)),
    pip_requirements=needed,
)
(args.model / "model.json").write_text(json.dumps({"classes": classes.tolist(), "pixels": 64, "epochs": args.epochs}, indent=2))
