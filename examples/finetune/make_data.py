"""Writes the data of this example anew: requests for appointments, and the JSON that a calendar wants of them.

usage: python make_data.py [FOLDER]   (data, beside this file, when absent)

Nothing in it is of others. Names of people in valid.jsonl and test.jsonl never occur in train.jsonl, and four ways to ask occur in test.jsonl alone.
"""
import json
import random
import sys
from pathlib import Path

SYSTEM = "Answer with the appointment as JSON."
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
TOPICS = ["budget", "roof", "garden", "website", "invoices", "holiday plan", "new kitchen", "survey", "contract", "choir", "exam", "bicycles"]
KINDS = ["call", "meeting", "lunch", "walk"]
LENGTHS = {15: "15 minutes", 20: "20 minutes", 30: "30 minutes", 45: "45 minutes", 60: "an hour", 90: "90 minutes"}
SEEN = ["Amina", "Bruno", "Chiara", "Dmitri", "Esther", "Felix", "Gloria", "Hassan", "Ingrid", "Jamal", "Katrin", "Leon", "Mireille", "Noah", "Oksana", "Pedro"]
UNSEEN = ["Quentin", "Ruth", "Samuel", "Teresa", "Ulrich", "Valerie", "Wanda", "Xavier", "Yara", "Zoltan"]
WAYS = [
    "Book a {kind} with {who} about the {topic} on {day} at {time}, {length}.",
    "{who} wants a {kind} on {day} at {time} for {length}. It is about the {topic}.",
    "On {day} at {time} I have a {kind} with {who}, {length}, about the {topic}.",
    "Please plan {length} with {who} on {day}, {time}: a {kind} about the {topic}.",
    "Can you put a {kind} about the {topic} with {who} into {day}? At {time}, for {length}.",
    "I need {length} for a {kind} with {who}. {day}, {time}, the {topic}.",
    "A {kind} with {who}, {day} {time}, {length}. Topic: the {topic}.",
    "The {topic}: a {kind} of {length} with {who}, at {time} on {day}.",
]
NEW_WAYS = [
    "{who} asked for a {kind} about the {topic}. Let us say {day} at {time}, {length}.",
    "About the {topic} I meet {who} at {time} on {day}. It is a {kind} and takes {length}.",
    "{day}, {time}: {kind} with {who} about the {topic}, for {length}.",
    "Keep {length} free on {day} from {time}, for a {kind} with {who} about the {topic}.",
]


def row(draw, people, ways):
    minutes = draw.choice(list(LENGTHS))
    found = {
        "kind": draw.choice(KINDS),
        "with": draw.choice(people),
        "topic": draw.choice(TOPICS),
        "day": draw.choice(DAYS),
        "time": f"{draw.randint(8, 18):02}:{draw.choice(['00', '15', '30', '45'])}",
        "minutes": minutes,
    }
    asked = draw.choice(ways).format(kind=found["kind"], who=found["with"], topic=found["topic"], day=found["day"], time=found["time"], length=LENGTHS[minutes])
    texts = [("system", SYSTEM), ("user", asked[0].upper() + asked[1:]), ("assistant", json.dumps(found))]
    return {"messages": [{"role": role, "content": text} for role, text in texts]}


def main(folder):
    draw = random.Random(11)
    for name, count, people, ways in (("train", 160, SEEN, WAYS), ("valid", 20, UNSEEN[:3], WAYS), ("test", 50, UNSEEN[3:], WAYS + NEW_WAYS)):
        rows = {}
        while len(rows) < count:
            made = row(draw, people, ways)
            rows[made["messages"][1]["content"]] = made
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows.values()), encoding="utf-8")


main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "data")
