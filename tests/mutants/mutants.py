#!/usr/bin/env python3
"""Sabotages: `check ROOT` tells which of sabotages.txt no longer apply, `copy ROOT COPY` makes the copy that
`run COPY BUILD [NAME-PART…]` applies them to, one by one, to see whether the tests notice."""
import filecmp
import os
import shutil
import subprocess
import sys
import time

LIST = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sabotages.txt")
TEST_SECONDS = 120


class Sabotage:
    def __init__(self, lines):
        self.name, self.after, self.file, self.test, self.target, self.old, self.new = lines[0], None, "", "", "", "", ""
        for line in lines[1:]:
            word, _, rest = line.partition(" ")
            if word == "in":
                self.file = rest
            elif word == "test":
                self.test, _, self.target = rest.partition(" ")
            elif word == "after":
                self.after = rest
            elif word == "-":
                self.old = rest
            elif word == "+":
                self.new = rest
            else:
                raise SystemExit(f"sabotages.txt: {self.name}: expected in, test, after, - or +, found {line!r}")
        self.target = self.target or f"test_{self.test}"
        if not (self.file and self.test and self.old) or self.old == self.new:
            raise SystemExit(f"sabotages.txt: {self.name}: expected in, test, - and another +")

    def applied(self, text):
        """The sabotaged text, or why the line cannot be found."""
        lines = text.split("\n")
        at = [i for i, line in enumerate(lines)
              if line.strip() == self.old and (self.after is None or lines[i - 1].strip() == self.after)]
        if len(at) != 1:
            return None, f"the line is there {len(at)} times, expected once: {self.old}"
        old = lines[at[0]]
        lines[at[0]] = old[:len(old) - len(old.lstrip())] + self.new
        return "\n".join(lines), None


def sabotages():
    with open(LIST, encoding="utf-8") as file:
        blocks = file.read().split("\n\n")
    blocks = [[line for line in block.split("\n") if line and not line.startswith("#")] for block in blocks]
    return [Sabotage(block) for block in blocks if block]


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def check(root):
    """Every sabotage applies, and its test is there."""
    bad = 0
    for s in sabotages():
        path = os.path.join(root, s.file)
        why = f"there is no {s.file}" if not os.path.exists(path) else s.applied(read(path))[1]
        if why:
            bad += 1
            print(f"{s.name}: {why}")
    print(f"{len(sabotages())} sabotages, {bad} that no longer apply")
    return 1 if bad else 0


def copy_changed(root, copy):
    """The project into the copy. Files that are the same keep their time, so that a second run builds little."""
    kept = set()
    for top in ("CMakeLists.txt", "CMakePresets.json", "LICENSE", "README.md", "cmake", "src", "tests", "assets",
                "examples", "scripts"):
        whole = os.path.join(root, top)
        walk = os.walk(whole) if os.path.isdir(whole) else [(root, [], [top])]
        for at, names, files in walk:
            names[:] = [n for n in names if n != "__pycache__"]
            for name in files:
                source = os.path.join(at, name)
                target = os.path.join(copy, os.path.relpath(source, root))
                kept.add(target)
                if not os.path.exists(target) or not filecmp.cmp(source, target, shallow=False):
                    os.makedirs(os.path.dirname(target), exist_ok=True)
                    shutil.copyfile(source, target)
    for at, _, files in os.walk(copy):
        for name in files:
            if os.path.join(at, name) not in kept:
                os.remove(os.path.join(at, name))
    return 0


def build(folder, targets):
    return subprocess.run(["cmake", "--build", folder, "--target", *targets], capture_output=True, text=True)


def passes(folder, test):
    """True, False, or None when there is no such test."""
    done = subprocess.run(["ctest", "--test-dir", folder, "-R", f"^{test}$", "--timeout", str(TEST_SECONDS)],
                          capture_output=True, text=True)
    if "No tests were found" in done.stdout + done.stderr or "Skipped" in done.stdout:
        return None
    return done.returncode == 0


def attempt(s, copy, folder):
    """One word for the table: killed, survived, or what went wrong."""
    path = os.path.join(copy, s.file)
    whole = read(path)
    text, why = s.applied(whole)
    if why:
        return "stale"
    write(path, text)
    try:
        if build(folder, [s.target]).returncode != 0:
            return "no build"
        fine = passes(folder, s.test)
        return "no test" if fine is None else "survived" if fine else "killed"
    finally:
        write(path, whole)


def run(copy, folder, parts):
    chosen = [s for s in sabotages() if not parts or any(part in s.name for part in parts)]
    if not chosen:
        raise SystemExit("no sabotage has such a name")
    targets = sorted({s.target for s in chosen})
    print(f"building {len(targets)} programs without sabotage …", file=sys.stderr)
    healthy = build(folder, targets)
    if healthy.returncode != 0:
        raise SystemExit("the tests do not build without sabotage:\n" + (healthy.stdout + healthy.stderr)[-2000:])
    for test in sorted({s.test for s in chosen}):
        if passes(folder, test) is not True:
            raise SystemExit(f"{test} does not pass without sabotage")
    killed = 0
    for i, s in enumerate(chosen, 1):
        start = time.monotonic()
        word = attempt(s, copy, folder)
        killed += word == "killed"
        print(f"{i:3} {word:9} {time.monotonic() - start:5.1f} s  {s.test:22} {s.name}", flush=True)
    print(f"{killed} killed, {len(chosen) - killed} survived")
    return 0 if killed == len(chosen) else 1


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "check":
        return check(sys.argv[2])
    if len(sys.argv) == 4 and sys.argv[1] == "copy":
        return copy_changed(sys.argv[2], sys.argv[3])
    if len(sys.argv) >= 4 and sys.argv[1] == "run":
        return run(sys.argv[2], sys.argv[3], sys.argv[4:])
    raise SystemExit("usage: mutants.py check ROOT | copy ROOT COPY | run COPY BUILD [NAME-PART…]")


if __name__ == "__main__":
    sys.exit(main())
