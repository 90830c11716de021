#!/usr/bin/env python3
"""hardening.py PROGRAM: is the built program protected as cmake/Options.cmake asks?  Reads it with readelf."""
import os
import subprocess
import sys
import tempfile


def readelf(option, program):
    env = dict(os.environ, LC_ALL="C")
    return subprocess.run(["readelf", "-W", option, program], capture_output=True, text=True, check=True, env=env).stdout


def breaches(program):
    header, segments = readelf("-h", program), readelf("-l", program)
    dynamic, symbols = readelf("-d", program), readelf("-s", program)
    found = []
    if "DYN" not in header:
        found.append("not a PIE: expected ELF type DYN")
    if "GNU_RELRO" not in segments:
        found.append("no RELRO segment")
    if "BIND_NOW" not in dynamic and "NOW" not in dynamic:
        found.append("no BIND_NOW: expected all symbols bound at start")
    stack = [line for line in segments.split("\n") if "GNU_STACK" in line]
    if not stack or "RWE" in stack[0]:
        found.append("the stack is executable")
    if "__stack_chk_fail" not in symbols:
        found.append("no stack protector: expected __stack_chk_fail")
    if "_chk@" not in symbols.replace("__stack_chk_fail@", ""):
        found.append("no fortified call: expected one such as __snprintf_chk")
    if "TEXTREL" in dynamic:
        found.append("TEXTREL: code is relocated at start")
    if "RPATH" in dynamic:
        found.append("RPATH: libraries are searched beside the build")
    return found


def breaches_of_flags(flags):
    """What a two-line program built with these flags lacks; FileNotFoundError when a tool is missing."""
    with tempfile.TemporaryDirectory() as folder:
        source, program = os.path.join(folder, "a.c"), os.path.join(folder, "a")
        with open(source, "w", encoding="ascii") as file:
            file.write("#include <stdio.h>\nint main(int c, char **v) { char b[64]; snprintf(b, c, \"%s\", v[0]); return b[0]; }\n")
        subprocess.run(["cc", *flags, "-o", program, source], check=True, capture_output=True)
        return breaches(program)


def main():
    if len(sys.argv) != 2:
        raise SystemExit("usage: hardening.py PROGRAM")
    try:
        found = breaches(sys.argv[1])
    except FileNotFoundError:
        print("SKIPPED: readelf (package binutils) is not installed")
        return 77
    for line in found:
        print(f"{sys.argv[1]}: {line}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
