#!/usr/bin/env python3
"""Writes a document of very many tokens: a needle in a haystack.

    python3 make_haystack.py [N] [--d D] [--seed S] [--out FOLDER]

haystack.attn.json and haystack.safetensors with q, k and v, N × D each (131 072 × 64 without
arguments: 96 MiB). Needs the standard library only; with NumPy it takes seconds instead of a
minute. The same arguments give the same document.

What is in it, under the usual q·k / sqrt(d) and softmax:
  a band      tokens look at their neighbours: 16 pairs of cos and sin of the place
  chapters    eight stretches of equal length; tokens prefer their own
  a sink      every token gives key 0 a share
  the needle  one key in the middle of chapter 5 that the tokens of the last sixty-fourth, the
              question, look at with nearly all their weight, and nobody else
  noise       everywhere
"""
import argparse
import json
import math
import os
import struct
import sys
from array import array

try:
    import numpy
except ImportError:
    numpy = None

PAIRS, SINK, NEEDLE, CHAPTER, CHAPTERS, USED = 16, 32, 33, 34, 8, 42
BAND, SINK_LOGIT, NEEDLE_LOGIT, CHAPTER_LOGIT, NOISE, FAST = 15.0, 12.5, 24.0, 2.0, 0.4, 0.12
WORDS = ("hay straw grass stalk chaff dust leaf stem seed husk thread weed clover barley oats rye "
         "wheat reed rush moss").split()
MASK = (1 << 64) - 1


def mix(x):
    """splitmix64 of whole numbers (also of arrays of them)."""
    x = (x + 0x9E3779B97F4A7C15) & MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def noise(start, count, seed):
    """About normal numbers: sums of four 16-bit pieces of a hash of their index."""
    key = mix(seed * 0x2545F4914F6CDD1D & MASK)
    scale = 1 / (65535 * math.sqrt(4 / 12))
    if numpy is not None:
        with numpy.errstate(over="ignore"):
            x = numpy.arange(start, start + count, dtype=numpy.uint64) ^ numpy.uint64(key)
            x = x + numpy.uint64(0x9E3779B97F4A7C15)
            x = (x ^ (x >> numpy.uint64(30))) * numpy.uint64(0xBF58476D1CE4E5B9)
            x = (x ^ (x >> numpy.uint64(27))) * numpy.uint64(0x94D049BB133111EB)
            x = x ^ (x >> numpy.uint64(31))
        pieces = x.view(numpy.uint16).reshape(-1, 4).sum(axis=1, dtype=numpy.int64)
        return (pieces - 131070) * scale
    out = []
    for i in range(start, start + count):
        x = mix(i ^ key)
        out.append(((x & 65535) + (x >> 16 & 65535) + (x >> 32 & 65535) + (x >> 48) - 131070) * scale)
    return out


def needle_key(n):
    return n * 9 // 16


def question_start(n):
    return n - max(1, n // 64)


def signal(i, n, d, query):
    """What row i of q (or k) carries beside noise: {column: value}."""
    root = math.sqrt(d)
    side = math.sqrt(BAND * root / PAIRS)
    out = {}
    for t in range(PAIRS):
        angle = i * FAST ** (1 + t / PAIRS)
        out[2 * t], out[2 * t + 1] = side * math.cos(angle), side * math.sin(angle)
    out[CHAPTER + i * CHAPTERS // n] = math.sqrt(CHAPTER_LOGIT * root)
    if query:
        out[SINK] = 1.0
        out[NEEDLE] = 1.0 if i >= question_start(n) else 0.0
    else:
        out[SINK] = SINK_LOGIT * root if i == 0 else 0.0
        out[NEEDLE] = NEEDLE_LOGIT * root if i == needle_key(n) else 0.0
    return out


def rows(n, d, seed, query):
    """The whole of q or k as bytes of float32, a few thousand rows at a time."""
    step = 4096
    amount = math.sqrt(NOISE * math.sqrt(d) / math.sqrt(d - USED)) if d > USED else 0
    for first in range(0, n, step):
        count = min(step, n - first)
        values = noise(first * d, count * d, seed)
        if numpy is not None:
            block = values.reshape(count, d).copy()
            block[:, :USED] = 0
            block[:, USED:] *= amount
            place = numpy.arange(first, first + count, dtype=numpy.float64)
            side = math.sqrt(BAND * math.sqrt(d) / PAIRS)
            for t in range(PAIRS):
                angle = place * FAST ** (1 + t / PAIRS)
                block[:, 2 * t], block[:, 2 * t + 1] = side * numpy.cos(angle), side * numpy.sin(angle)
            for i in range(count):
                for column, value in signal(first + i, n, d, query).items():
                    if column >= 2 * PAIRS:
                        block[i, column] = value
            yield block.astype("<f4").tobytes()
            continue
        flat = array("f", bytes(4 * count * d))
        for i in range(count):
            for column in range(USED, d):
                flat[i * d + column] = values[i * d + column] * amount
            for column, value in signal(first + i, n, d, query).items():
                flat[i * d + column] = value
        if sys.byteorder == "big":
            flat.byteswap()
        yield flat.tobytes()


def plain(n, d, seed):
    for first in range(0, n, 4096):
        values = noise(first * d, min(4096, n - first) * d, seed)
        flat = array("f", values if numpy is None else values.tolist())
        if sys.byteorder == "big":
            flat.byteswap()
        yield flat.tobytes()


def write_numbers(path, n, d, seed):
    size, header = 4 * n * d, {}
    for index, name in enumerate("qkv"):
        header[name] = {"dtype": "F32", "shape": [n, d], "data_offsets": [index * size, (index + 1) * size]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 64)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for part in rows(n, d, seed, True):
            file.write(part)
        for part in rows(n, d, seed + 1, False):
            file.write(part)
        for part in plain(n, d, seed + 2):
            file.write(part)


def write_document(path, n, seed):
    tokens = [WORDS[mix(i ^ seed) % len(WORDS)] for i in range(n)]
    tokens[0] = "<start>"
    tokens[needle_key(n)] = "needle"
    for i in range(question_start(n), n):
        tokens[i] = "where?"
    document = {
        "attnscope": 1,
        "title": f"A needle in a haystack of {n} tokens",
        "tokens": tokens,
        "layers": [{"heads": [{name: {"file": "haystack.safetensors", "tensor": name} for name in "qkv"}]}],
        "settings": {"color.scale": "sqrt"},
    }
    with open(path, "w", encoding="utf-8") as file:
        json.dump(document, file)
        file.write("\n")


def main():
    parser = argparse.ArgumentParser(description="Writes a document of very many tokens.")
    parser.add_argument("n", nargs="?", type=int, default=131072)
    parser.add_argument("--d", type=int, default=64)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", default=os.path.dirname(os.path.abspath(__file__)))
    args = parser.parse_args()
    if args.n < 16 or args.d < USED:
        parser.error(f"expected at least 16 tokens and d of at least {USED}")
    os.makedirs(args.out, exist_ok=True)
    write_numbers(os.path.join(args.out, "haystack.safetensors"), args.n, args.d, args.seed)
    write_document(os.path.join(args.out, "haystack.attn.json"), args.n, args.seed)


if __name__ == "__main__":
    main()
