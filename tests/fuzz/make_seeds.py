#!/usr/bin/env python3
"""Seeds of every fuzz target from our own samples: make_seeds.py OUT writes OUT/TARGET/NAME.

Standard library only; the same folder each time.
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path.insert(0, os.path.join(TESTS, "bad"))
import samples as s  # noqa: E402

LONGEST = 40000
BOMB = "zeros.npz"  # unpacks to millions of numbers: seconds for each run


def put(out, target, name, data):
    folder = os.path.join(out, target)
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, name), "wb") as file:
        file.write(data)


def files(folder, ends):
    for at, _, names in os.walk(folder):
        for name in sorted(names):
            path = os.path.join(at, name)
            if name != BOMB and name.endswith(ends) and os.path.getsize(path) <= LONGEST:
                with open(path, "rb") as file:
                    yield name, file.read()


def tables(name):
    """The documents of a table of `== name`, text, `-- message`."""
    with open(os.path.join(TESTS, "data/load", name), encoding="utf-8") as file:
        for i, case in enumerate(re.findall(r"^== .*?\n(.*?)\n-- ", file.read(), re.S | re.M)):
            if len(case) < 4000:
                yield f"{name}-{i}", case.encode()


def text_seeds(out):
    load = os.path.join(TESTS, "data/load")
    for name, data in files(load, (".attn.json", ".jsonl")):
        put(out, "json", name, data)
    for name, data in files(os.path.join(TESTS, "..", "examples"), ".attn.json"):
        put(out, "json", name, data)
    for table in ("bad_documents.txt", "bad_specs.txt"):
        for name, data in tables(table):
            put(out, "json", name, data)
    for name, data in files(os.path.join(load, "foreign"), ".json"):
        put(out, "foreign_json", name, data)
    for name, data in files(load, ".index.json"):
        put(out, "foreign_json", name, data)
    for name, data in files(os.path.join(load, "foreign"), ".html"):
        put(out, "html", name, data)


def binary_seeds(out):
    load = os.path.join(TESTS, "data/load")
    for kind in ("npy", "npz", "safetensors"):
        for name, data in files(load, "." + kind):
            put(out, kind, name, data)
    put(out, "npz", "deflated", s.good_npz(8))
    put(out, "npz", "stored", s.good_npz())
    for depth, colour, interlace in s.PNG_KINDS:
        put(out, "png", f"{depth}-{colour}-{interlace}", s.png(9, 10, depth, colour, interlace))
    put(out, "png", "extras", s.png(before=s.chunk(b"tRNS", b"\0\1\0\2\0\3") + s.chunk(b"gAMA", b"\0\0\xb1\x8f")
                                    + s.chunk(b"tEXt", b"Title\0x") + s.chunk(b"bKGD", b"\0\1\0\2\0\3")))
    for name in ("GREY", "COLOUR", "PROGRESSIVE", "CMYK"):
        jpeg = getattr(s, "JPEG_" + name)
        put(out, "jpeg", name.lower(), jpeg)
        put(out, "jpeg", name.lower() + "-exif", s.exif(jpeg, 5, b"MM"))
        put(out, "jpeg", name.lower() + "-cut", jpeg[:len(jpeg) * 2 // 3])


def line_seeds(out):
    for target, dumps in (("dump", s.DUMPS), ("links", s.LINKS)):
        for number, (name, text) in enumerate(dumps.items()):
            for dialect in (0, number + 1, number):
                for way in (0, 1, 6, 16):
                    put(out, target, f"{name}-{dialect}-{way}", bytes([dialect, way]) + text.encode())


WORDS = ["", "a", "the animal", "\u2581street", "\u0120x", "##ing", "un@@", "e\u0301\u0302", "\u202eevil\u202c",
         "a\tb\nc", "<&>'\"]]>", "\ufeff", "\u200b", "\U0001F469\u200D\U0001F4BB", "\U0010FFFF", "\ufffe",
         "\u0e01\u0e33", "\u0915\u094d\u0937\u093f", "\u05e9\u05dc\u05d5\u05dd abc", "\x01\x1f\x7f\x85",
         "\u0627\u0644", "\u65e5\u672c", "long " * 60, "</text><script>", "\\u0000\\", "\u2028\u2029"]


def main():
    if len(sys.argv) != 2:
        raise SystemExit("usage: make_seeds.py OUT")
    out = sys.argv[1]
    text_seeds(out)
    binary_seeds(out)
    line_seeds(out)
    for i, word in enumerate(WORDS):
        put(out, "text", f"{i}", bytes([i * 9]) + word.encode())


if __name__ == "__main__":
    main()
