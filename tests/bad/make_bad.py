#!/usr/bin/env python3
"""Files that must be refused: make_bad.py OUT writes OUT/FORMAT/NAME for each of them.

Standard library only; the same bytes each time. What must be said of each stands in expected.tsv;
run_bad.py holds the program to it.
"""
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import bad_arrays  # noqa: E402
import bad_json  # noqa: E402
import bad_lines  # noqa: E402
import bad_others  # noqa: E402
import bad_pictures  # noqa: E402


class Cases:
    """Collects files; `beside` are what a case needs there to go wrong."""
    def __init__(self, out):
        self.out, self.names, self.options = out, [], {}

    def write(self, path, data):
        path = os.path.join(self.out, path)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(data.encode() if isinstance(data, str) else data)

    def put(self, name, data, options=(), beside=()):
        if name in self.names:
            raise SystemExit(f"make_bad.py: two files are called {name}")
        self.names.append(name)
        if options:
            self.options[name] = list(options)
        self.write(name, data)
        for other, content in beside:
            self.write(os.path.join(os.path.dirname(name), other), content)


def make(out):
    """All cases, written below out; plain.txt names those that are bad without any option."""
    cases = Cases(out)
    for part in (bad_json, bad_arrays, bad_lines, bad_pictures, bad_others):
        part.add(cases)
    plain = [name for name in cases.names if name not in cases.options]
    cases.write("plain.txt", "".join(name + "\n" for name in plain))
    return cases


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit("usage: make_bad.py OUT")
    print(f"{len(make(sys.argv[1]).names)} files")
