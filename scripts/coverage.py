"""Which lines and branches of some files were run, by gcov, against what may stay unrun.

    coverage.py [--strict] BUILD FILE…       FILE: a source below the root, src/load/npz.c

Prints a line per file and per group. --strict: also each line that was not run and has no reason in
tests/check/uncovered.txt, each file of too few branches, each reason that excuses nothing; exits 1 if there
is any. Branches of assert() are not counted: they are there for our own bugs, and no test can take them.
"""
import collections
import glob
import json
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
REASONS = "tests/check/uncovered.txt"
BRANCHES_LEAST = 90  # per cent

# Groups of the summary: the first whose words begin the file's name.
GROUPS = (
    ("document JSON", "src/load/load_json src/load/json_ src/load/numbers src/load/slices"),
    ("JSON and HTML of others", "src/load/foreign"),
    (".npy", "src/load/npy_ src/load/load_npy"),
    (".npz", "src/load/npz"),
    (".safetensors", "src/load/load_safetensors"),
    ("mapping of arrays", "src/load/tensors"),
    ("word links", "src/load/dump_links"),
    ("text dumps", "src/load/dump src/load/lines src/load/tokens"),
    ("records", "src/load/record"),
    ("several files, limits", "src/load/gather src/load/limits src/load/sniff src/load/load."),
    ("convert, save", "src/load/convert src/load/save src/app/cli_convert"),
    ("PNG", "src/image/png"),
    ("JPEG", "src/image/jpeg"),
    ("pictures, maps", "src/image/"),
    ("exporters, session", "src/draw/svg src/app/ src/state/"),
)


class Line:
    def __init__(self):
        self.count, self.branches, self.function = 0, [], ""


def measure(build, sources):
    """{source: {line number: Line}}"""
    objects = sorted(o for source in sources for o in glob.glob(f"{build}/CMakeFiles/*.dir/{source}.gcda"))
    with tempfile.TemporaryDirectory() as folder:
        answer = subprocess.run(["gcov", "--json-format", "--branch-probabilities", "--stdout", *objects],
                                cwd=folder, capture_output=True, text=True, check=True)
    found = {}
    for text in answer.stdout.splitlines():
        for file in json.loads(text)["files"]:
            name = os.path.relpath(os.path.join(build, file["file"]), ROOT)
            if name not in sources:
                continue
            lines = found.setdefault(name, {})
            for one in file["lines"]:
                line = lines.setdefault(one["line_number"], Line())
                line.count += one["count"]
                line.function = one.get("function_name", line.function)
                line.branches += [branch["count"] for branch in one["branches"]]
    return found


def reasons_of(path):
    """{(file, function, text): how many lines}, {file: least per cent of branches}, those that are run by a race"""
    lines, branches, sometimes, file = collections.Counter(), {}, set(), None
    for text in open(path, encoding="utf-8"):
        if not text.strip() or text.startswith("#"):
            continue
        if not text[0].isspace():
            file, why = map(str.strip, text.split(":", 1))
            if not why:
                sys.exit(f"{path}: expected a reason, found none: {text.strip()}")
            continue
        function, source = text.strip().split(": ", 1)
        if function == "branches":
            branches[file] = float(source.rstrip("% "))
        else:
            lines[file, function, source] += 1
            if why.startswith("sometimes"):
                sometimes.add((file, function, source))
    return lines, branches, sometimes


def per_cent(part, whole):
    return 100.0 * part / whole if whole else 100.0


def row(name, sums):
    ran, lines, taken, ways, excused = sums
    return (f"{name:<34} {per_cent(ran, lines):6.1f} % of {lines:5d} lines   {per_cent(taken, ways):6.1f} % of "
            f"{ways:5d} branches   {excused:3d} lines with a reason")


def judge(name, lines, reasons, floors, wrong):
    """The file's sums; what is not as it should be is appended to `wrong`."""
    source = open(os.path.join(ROOT, name), encoding="utf-8").read().split("\n")
    ran = taken = ways = excused = 0
    for number, line in sorted(lines.items()):
        text = source[number - 1].strip()
        if line.count:
            ran += 1
        elif reasons[name, line.function, text]:
            reasons[name, line.function, text] -= 1
            excused += 1
        else:
            wrong.append(f"{name}:{number}: {line.function}: {text}")
        if not text.startswith("assert("):
            ways += len(line.branches)
            taken += sum(count > 0 for count in line.branches)
    share, least = per_cent(taken, ways), floors.pop(name, None)
    if share < (BRANCHES_LEAST if least is None else least):
        wrong.append(f"{name}: {share:.1f} % of branches")
    elif least is not None and share >= BRANCHES_LEAST:
        wrong.append(f"{REASONS}: {name} needs no reason for its branches")
    return (ran, len(lines), taken, ways, excused)


def group_of(name):
    return next((group for group, words in GROUPS if any(name.startswith(w) for w in words.split())), None)


def main(arguments):
    strict = arguments[0] == "--strict"
    build, *sources = arguments[strict:]
    reasons, floors, sometimes = reasons_of(os.path.join(ROOT, REASONS))
    found = measure(os.path.abspath(build), set(sources))
    groups, wrong = {}, [f"{name}: not run at all" for name in sources if name not in found]
    for name in sorted(found):
        sums = judge(name, found[name], reasons, floors, wrong)
        print(row(name, sums))
        for group in filter(None, (group_of(name), "all")):
            groups[group] = tuple(map(sum, zip(groups.get(group, (0,) * 5), sums)))
    print()
    for group in [name for name, _ in GROUPS] + ["all"]:
        if group in groups:
            print(row(group, groups[group]))
    if not strict:
        return 0
    wrong += [f"{REASONS}: excuses nothing: {name}: {function}: {text}"
              for (name, function, text), left in reasons.items()
              if left and (name, function, text) not in sometimes]
    wrong += [f"{REASONS}: excuses nothing: {name}: branches" for name in floors]
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
