#!/usr/bin/env python3
"""Lines and branches of src/FOLDER that a run reached, from gcov's JSON: coverage.py [--missing] BUILD FOLDER…

Standard library only. A line in a header counts once, whichever program ran it. A branch is one way
out of a condition; those that no test can take (assert's) are left out where gcov can tell."""
import collections
import json
import os
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def notes_of(build, folders):
    """The .gcno files of the folders' own libraries; a test program's are its own."""
    for folder in folders:
        top = os.path.join(build, "CMakeFiles", f"attn_{folder}.dir")
        for at, _, names in sorted(os.walk(top)):
            for name in sorted(names):
                if name.endswith(".gcno"):
                    yield os.path.join(at, name)


def reports(notes):
    done = subprocess.run(["gcov", "--json-format", "--stdout", "--branch-probabilities", *notes],
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=True)
    for line in done.stdout.splitlines():
        if line.strip():
            yield json.loads(line)


def counts(notes, folders):
    """{path: {line: [times, [times of each branch]]}}"""
    files = collections.defaultdict(dict)
    for report in reports(notes):
        for file in report["files"]:
            path = os.path.relpath(os.path.join(report["current_working_directory"], file["file"]), ROOT)
            if not any(path.startswith(f"src/{folder}/") for folder in folders):
                continue
            for line in file["lines"]:
                branches = [b["count"] for b in line["branches"] if not b["throw"]]
                was = files[path].setdefault(line["line_number"], [0, [0] * len(branches)])
                was[0] += line["count"]
                if len(was[1]) == len(branches):
                    was[1] = [a + b for a, b in zip(was[1], branches)]
                else:
                    was[1] += branches
    return files


def spans(numbers):
    """1-3,7"""
    out = []
    for n in numbers:
        if out and out[-1][1] == n - 1:
            out[-1][1] = n
        else:
            out.append([n, n])
    return ",".join(f"{a}-{b}" if a != b else str(a) for a, b in out)


def share(hit, count):
    return f"{100 * hit / count:5.1f} %  {hit:5} of {count:5}" if count else "    –                 "


def main():
    words = [w for w in sys.argv[1:] if w != "--missing"]
    if len(words) < 2:
        raise SystemExit(__doc__)
    build, folders = os.path.abspath(words[0]), words[1:]
    notes = list(notes_of(build, folders))
    if not notes:
        raise SystemExit(f"{words[0]}: expected gcov's notes of {' '.join(folders)}, found none")
    total = [0, 0, 0, 0]
    print(f"{'':36}{'lines':24}branches")
    for path, lines in sorted(counts(notes, folders).items()):
        branches = [b for _, ways in lines.values() for b in ways]
        row = [sum(times > 0 for times, _ in lines.values()), len(lines), sum(b > 0 for b in branches), len(branches)]
        total = [a + b for a, b in zip(total, row)]
        print(f"{path:34}{share(*row[:2])}   {share(*row[2:])}")
        if "--missing" in sys.argv:
            never = sorted(n for n, (times, _) in lines.items() if times == 0)
            half = sorted(n for n, (times, ways) in lines.items() if times > 0 and 0 in ways)
            if never:
                print(f"    lines never run: {spans(never)}")
            if half:
                print(f"    branches never taken in: {spans(half)}")
    print(f"{'all of src/' + ', src/'.join(folders):34}{share(*total[:2])}   {share(*total[2:])}")


if __name__ == "__main__":
    main()
