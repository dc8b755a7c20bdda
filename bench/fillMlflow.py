"""Puts points or runs straight into the tables of an mlflow server on SQLite or PostgreSQL, whose own API would take minutes for as many.

fillMlflow.py DB points RUN KEY COUNT | fillMlflow.py DB runs COUNT [METRICS PARAMS TAGS]
DB is a file of SQLite, or an address that begins with postgresql://. Values are those of `pointAt` and `runAt` in metricData.ts.
"""
import math
import sqlite3
import sys


def noise(i):
    return ((i * 2654435761) % 4294967296) / 4294967296


class Sqlite:
    def __init__(self, file):
        self.db = sqlite3.connect(file, timeout=60)

    def insert(self, table, columns, rows):
        places = ", ".join("?" for _ in columns)
        self.db.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})", rows)

    def commit(self):
        self.db.commit()


class Postgres:
    def __init__(self, address):
        import psycopg2
        from psycopg2.extras import execute_values

        self.db = psycopg2.connect(address)
        self.cursor = self.db.cursor()
        self.execute_values = execute_values

    def insert(self, table, columns, rows):
        # As SQLite has it, a truth is a number.
        converted = (tuple(bool(value) if name == "is_nan" else value for name, value in zip(columns, row)) for row in rows)
        self.execute_values(self.cursor, f"INSERT INTO {table} ({', '.join(columns)}) VALUES %s", converted, page_size=5000)

    def commit(self):
        self.db.commit()


def points(db, run, key, count):
    def value(i):
        return 1000.0 + i if i % 49999 == 77 else math.exp(-i / 200000) + 0.1 * noise(i)

    rows = ((key, value(i), 1700000000000 + i * 250 + int(noise(i + 7) * 20), run, i, 0) for i in range(count))
    db.insert("metrics", ["key", "value", "timestamp", "run_uuid", "step", "is_nan"], rows)


def runs(db, count, metrics=10, params=20, tags=0):
    ids = [f"{i:032x}" for i in range(count)]
    start = 1700000000000
    db.insert(
        "runs",
        ["run_uuid", "name", "source_type", "source_name", "entry_point_name", "user_id", "status", "start_time", "end_time", "source_version", "lifecycle_stage", "artifact_uri", "experiment_id"],
        ((run, f"run-{i}", "LOCAL", "", "", "u", "FINISHED", start + i, start + 1000 + i, "", "active", f"mlflow-artifacts:/0/{run}/artifacts", 0) for i, run in enumerate(ids)),
    )
    db.insert(
        "tags",
        ["key", "value", "run_uuid"],
        (each for i, run in enumerate(ids) for each in [("mlflow.runName", f"run-{i}", run)] + [(f"tag_{k}", f"value {int(noise(i * tags + k) * 5)}", run) for k in range(tags)]),
    )
    db.insert(
        "latest_metrics",
        ["key", "value", "timestamp", "step", "is_nan", "run_uuid"],
        ((f"metric_{k}", noise(i * metrics + k), start + i, 0, 0, run) for i, run in enumerate(ids) for k in range(metrics)),
    )
    db.insert(
        "params",
        ["key", "value", "run_uuid"],
        ((f"param_{k}", str(int(noise(i * params + k) * (10 if k < 10 else 100000))), run) for i, run in enumerate(ids) for k in range(params)),
    )


def main():
    place = sys.argv[1]
    db = Postgres(place) if place.startswith("postgresql://") else Sqlite(place)
    if sys.argv[2] == "points":
        points(db, sys.argv[3], sys.argv[4], int(sys.argv[5]))
    else:
        runs(db, *map(int, sys.argv[3:]))
    db.commit()


main()
