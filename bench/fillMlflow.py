"""Puts points or runs straight into the tables of an mlflow server on SQLite, whose own API would take minutes for as many.

fillMlflow.py DB points RUN KEY COUNT | fillMlflow.py DB runs COUNT [METRICS PARAMS TAGS]
Values are those of `pointAt` and `runAt` in metricData.ts.
"""
import math
import sqlite3
import sys


def noise(i):
    return ((i * 2654435761) % 4294967296) / 4294967296


def points(db, run, key, count):
    def value(i):
        return 1000.0 + i if i % 49999 == 77 else math.exp(-i / 200000) + 0.1 * noise(i)

    rows = ((key, value(i), 1700000000000 + i * 250 + int(noise(i + 7) * 20), run, i, 0) for i in range(count))
    db.executemany("INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, ?)", rows)


def runs(db, count, metrics=10, params=20, tags=0):
    for i in range(count):
        run = f"{i:032x}"
        db.execute(
            "INSERT INTO runs (run_uuid, name, source_type, source_name, entry_point_name, user_id, status, start_time, end_time, source_version,"
            " lifecycle_stage, artifact_uri, experiment_id) VALUES (?, ?, 'LOCAL', '', '', 'u', 'FINISHED', ?, ?, '', 'active', ?, 0)",
            (run, f"run-{i}", 1700000000000 + i, 1700000001000 + i, f"mlflow-artifacts:/0/{run}/artifacts"),
        )
        db.executemany(
            "INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)",
            [("mlflow.runName", f"run-{i}", run)] + [(f"tag_{k}", f"value {int(noise(i * tags + k) * 5)}", run) for k in range(tags)],
        )
        db.executemany(
            "INSERT INTO latest_metrics (key, value, timestamp, step, is_nan, run_uuid) VALUES (?, ?, ?, 0, 0, ?)",
            [(f"metric_{k}", noise(i * metrics + k), 1700000000000 + i, run) for k in range(metrics)],
        )
        db.executemany(
            "INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)",
            [(f"param_{k}", str(int(noise(i * params + k) * (10 if k < 10 else 100000))), run) for k in range(params)],
        )


def main():
    db = sqlite3.connect(sys.argv[1], timeout=60)
    if sys.argv[2] == "points":
        points(db, sys.argv[3], sys.argv[4], int(sys.argv[5]))
    else:
        runs(db, *map(int, sys.argv[3:]))
    db.commit()


main()
