#!/usr/bin/env python3
"""Writes data/picture.png and data/picture.attn.json: the smallest document with patches, 3 rows × 4 columns
and one special token, for the goldens. Standard library only; the same bytes in every run of one zlib."""
import json
import pathlib
import random
import struct
import zlib

WIDTH, HEIGHT, ROWS, COLS, D = 32, 24, 3, 4, 4
folder = pathlib.Path(__file__).parent / "data"
rng = random.Random(7)


def pixel(x, y):
    """A red disc on a sky that gets lighter to the right, over a green field."""
    if (x - 20) ** 2 + (y - 8) ** 2 <= 30:
        return 200, 40, 40
    return (60 + 4 * x, 120 + 2 * x, 220) if y < 16 else (40, 140 - 3 * (y - 16), 60)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def matrix(count):
    return [[round(rng.gauss(0, 1.2), 2) for _ in range(D)] for _ in range(count)]


raw = b"".join(b"\0" + bytes(c for x in range(WIDTH) for c in pixel(x, y)) for y in range(HEIGHT))
png = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)) +
       chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b""))
(folder / "picture.png").write_bytes(png)

count = ROWS * COLS + 1
heads = [{"q": matrix(count), "k": matrix(count)} for _ in range(2)]
document = {"attnscope": 1, "title": "A small picture",
            "image": {"file": "picture.png", "rows": ROWS, "cols": COLS, "special": ["[CLS]"], "axis": "both"},
            "layers": [{"heads": heads}]}
(folder / "picture.attn.json").write_text(json.dumps(document) + "\n", "utf-8")
