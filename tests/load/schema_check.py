#!/usr/bin/python3
"""Holds the JSON Schema against documents, by an independent validator.

Every example and every good document of the tests must be valid; every bad document that is marked
[schema] in bad_documents.txt or bad_specs.txt (the loader refuses them all) must not be.
"""

import json
import os
import sys

import jsonschema

ROOT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
DATA = os.path.join(ROOT, "tests", "data", "load")


def documents():
    """Paths of all documents that must be valid."""
    for top in (os.path.join(ROOT, "examples"), DATA):
        for folder, _, names in sorted(os.walk(top)):
            if os.path.basename(folder) == "foreign":  # what other programs wrote
                continue
            for name in sorted(names):
                if name.endswith((".attn.json", ".jsonl")):
                    yield os.path.join(folder, name)


def bad_cases():
    """(name, text) of the documents that the schema must refuse."""
    for file in ("bad_documents.txt", "bad_specs.txt"):
        with open(os.path.join(DATA, file), encoding="utf-8", newline="") as table:
            for case in table.read().split("\n== ")[1:]:
                name, rest = case.split("\n", 1)
                if name.endswith(" [schema]"):
                    yield name, rest[: rest.rindex("\n-- ")]


def main():
    with open(os.path.join(ROOT, "assets", "schema", "attnscope-1.schema.json"), encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    whole = jsonschema.Draft202012Validator(schema)
    line = jsonschema.Draft202012Validator({"$ref": "#/$defs/document", "$defs": schema["$defs"]})
    wrong = good = bad = 0
    for path in documents():
        with open(path, encoding="utf-8") as file:
            texts = file.read().splitlines() if path.endswith(".jsonl") else [file.read()]
        for number, text in enumerate(texts):
            good += 1
            for error in (line if number else whole).iter_errors(json.loads(text)):
                print(f"{os.path.relpath(path, ROOT)}: {error.json_path}: {error.message[:200]}")
                wrong += 1
                break
    for name, text in bad_cases():
        bad += 1
        if whole.is_valid(json.loads(text)):
            print(f"the schema accepts: {name}")
            wrong += 1
    print(f"{good} valid documents, {bad} refused ones, {wrong} wrong")
    return 1 if wrong or good < 9 or bad < 150 else 0


sys.exit(main())
