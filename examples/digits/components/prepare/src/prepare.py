"""Splits scikit-learn's handwritten digits into a training and a test set."""

import argparse
from pathlib import Path

import mlflow
import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

parser = argparse.ArgumentParser()
parser.add_argument("--test-share", type=float, required=True)
parser.add_argument("--seed", type=int, required=True)
parser.add_argument("--data", type=Path, required=True)
args = parser.parse_args()

digits = load_digits()
# Pixels are 0 to 16.
images = digits.data / 16
train_images, test_images, train_labels, test_labels = train_test_split(
    images, digits.target, test_size=args.test_share, random_state=args.seed, stratify=digits.target
)

args.data.mkdir(parents=True, exist_ok=True)
np.savez(args.data / "train.npz", images=train_images, labels=train_labels)
np.savez(args.data / "test.npz", images=test_images, labels=test_labels)

mlflow.log_params({"test_share": args.test_share, "seed": args.seed})
mlflow.log_metrics({"train_images": len(train_labels), "test_images": len(test_labels)})
print(f"{len(images)} images: {len(train_labels)} to train, {len(test_labels)} to test")
