#!/usr/bin/env python3
"""Every bad file through `attnscope check`: exact message and exit code, in time and in memory.

  run_bad.py PROGRAM FOLDER [--slow FACTOR] [--no-memory] [--update]

--update rewrites expected.tsv by what the program says: read each line of the difference.
"""
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import threading

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import make_bad  # noqa: E402

EXPECTED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "expected.tsv")
SECONDS, MEMORY = 2, 128 << 20


def told(path):
    """{name: (code, message)}"""
    found = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8", newline="\n") as file:
            for line in file.read().split("\n"):
                if line and not line.startswith("#"):
                    name, code, message = line.split("\t")
                    found[name] = (int(code), message)
    return found


def run(program, name, options, seconds):
    """(code, message, peak bytes) of one file; a negative code is a signal."""
    def limits():
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    process = subprocess.Popen([program, "check", name, *options], stdin=subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=limits)
    # The time is of the processor; this one is for what sleeps for ever.
    watch = threading.Timer(20 * seconds, process.kill)
    watch.start()
    out, err = process.stdout.read(), process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    watch.cancel()
    process.stdout.close()
    process.stderr.close()
    code = os.waitstatus_to_exitcode(status)
    process.returncode = code
    text = err.decode("utf-8", "replace")
    if code == -signal.SIGXCPU or code == -signal.SIGKILL:
        text = f"no answer in {seconds} seconds"
    elif code >= 0 and text.count("\n") != 1:
        text = "NOT ONE LINE " + text
    text = re.sub("^(attnscope: )?" + re.escape(name) + ": ", "", text.rstrip("\n"))
    return code, text.replace("\t", "<tab>").replace("\n", "<newline>"), usage.ru_maxrss * 1024


def main():
    program, folder = os.path.abspath(sys.argv[1]), sys.argv[2]
    slow = int(sys.argv[sys.argv.index("--slow") + 1]) if "--slow" in sys.argv else 1
    memory = "--no-memory" not in sys.argv
    update = "--update" in sys.argv
    shutil.rmtree(folder, ignore_errors=True)
    cases = make_bad.make(folder)
    os.chdir(folder)
    expected, wrong, most = told(EXPECTED), 0, 0
    lines = ["# Each bad file, the exit code of `attnscope check FILE`, and what it says behind `FILE: `."]
    for name in cases.names:
        code, text, peak = run(program, name, cases.options.get(name, []), SECONDS * slow)
        lines.append(f"{name}\t{code}\t{text}")
        most = max(most, peak)
        if update:
            continue
        if expected.get(name) != (code, text):
            print(f"{name}\n  want {expected.get(name)}\n  got  {(code, text)}")
            wrong += 1
        if memory and peak > MEMORY:
            print(f"{name}: takes {peak >> 20} MiB, at most {MEMORY >> 20}")
            wrong += 1
    for name in sorted(set(expected) - set(cases.names)):
        print(f"{name}: is expected, but not made")
        wrong += 1
    if update:
        with open(EXPECTED, "w", encoding="utf-8", newline="\n") as file:
            file.write("\n".join(lines) + "\n")
    print(f"{len(cases.names)} bad files, {wrong} wrong, at most {most >> 20} MiB")
    return 1 if wrong or len(cases.names) < 400 else 0


if __name__ == "__main__":
    sys.exit(main())
