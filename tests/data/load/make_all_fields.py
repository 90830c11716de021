#!/usr/bin/python3
"""Writes all_fields.attn.json: one document that uses every field of a head.

Four tokens attend to themselves; x has 4 columns. The numbers are small and mean nothing: they come
from a linear congruence, so that this script writes the same bytes anywhere. One weight stands in
npy/w_q.npy, one vector in base64.
"""

import base64
import json
import os
import struct

HERE = os.path.dirname(os.path.abspath(__file__))
N, D = 4, 4
state = 20


def number():
    """The next number, of two decimals, in -1 … 1."""
    global state
    state = (state * 1103515245 + 12345) % 2**31
    return round((state >> 16) % 201 / 100 - 1, 2)


def row(cols):
    return [number() for _ in range(cols)]


def m(rows, cols):
    return [row(cols) for _ in range(rows)]


def m3(heads, rows, cols):
    return [m(rows, cols) for _ in range(heads)]


def packed(values):
    data = base64.b64encode(struct.pack(f"<{len(values)}f", *values)).decode()
    return {"dtype": "f32", "shape": [len(values)], "base64": data}


def write_npy(name, rows):
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({len(rows)}, {len(rows[0])}), }}"
    head += " " * (63 - (len(head) + 10) % 64) + "\n"
    with open(os.path.join(HERE, name), "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode())
        for line in rows:
            file.write(struct.pack(f"<{len(line)}f", *line))


def rnn(cell, gates, hidden, brief=False):
    end = "" if brief else "_l0"
    return {
        "cell": cell,
        "weight_ih" + end: m(gates * hidden, D),
        "weight_hh" + end: m(gates * hidden, hidden),
        "bias_ih" + end: row(gates * hidden),
        "bias_hh" + end: row(gates * hidden),
    }


def qkv(d_q=2, d_k=2, d_v=2):
    return {"q": m(N, d_q), "k": m(N, d_k), "v": m(N, d_v)}


def scored(score, **more):
    return {"score": score, **(more or qkv())}


def kinds():
    """A head for each score function."""
    return [
        scored({"kind": "dot"}, **qkv()),
        scored({"kind": "cosine", "factor": 2.5}),
        scored(
            {"kind": "additive", "w_q": m(3, 2), "w_k": m(3, 5), "v": packed([0.5, -1, 0.25]), "b": row(3)},
            **qkv(2, 5),
        ),
        scored({"kind": "general", "w": m(2, 3)}, **qkv(2, 3)),
        scored({"kind": "bilinear", "w_e": m(3, 2), "w_a": m(3, 5)}, q=m(N, 2), k=m(N, 5)),
        scored({"kind": "concat", "w": m(3, 7), "v": [row(3)]}, **qkv(2, 5)),
        scored({"kind": "location", "w": m(N, 2)}),
        scored({"kind": "featurewise", "w_q": m(3, 2), "w_k": m(3, 2)}, **qkv(2, 2, 3)),
        scored({"kind": "elementwise"}),
        scored({"kind": "gate", "conv1": m(3, 3), "conv2": m(3, 3)}, x=m(N, 3)),
        scored({"kind": "gaussian", "sigma": 1.5}),
        scored({"kind": "auto"}),
    ]


def sources():
    """Heads whose q, k and v are made."""
    write_npy("npy/w_q.npy", m(2, D))
    return [
        {
            "x": m(N, D), "w_q": {"file": "npy/w_q.npy"}, "w_k": m(2, D), "w_v": m(3, D),
            "b_q": row(2), "b_k": row(2), "b_v": [row(3)], "rope": {},
        },
        {"x_q": m(N, 3), "x_k": m(N, D), "w_q": m(2, 3), "w_k": m(2, D), "v": m(N, 2)},
        {"x": m(N, D), "rnn": rnn("tanh", 1, 3)},
        {"x_q": m(N, D), "x_k": m(N, D), "rnn_q": rnn("gru", 3, 2), "rnn_k": rnn("lstm", 4, 2, True)},
        {"x": m(N, D), "rnn": rnn("lstm", 4, 3), "w_q": m(2, 3), "w_k": m(2, 3)},
        {"w_q": m(2, D), "w_k": m(2, D), "w_v": m(2, D)},
        {"rnn": rnn("gru", 3, 2)},
        {
            **qkv(4, 4), "rope": {"theta": 100, "layout": "interleaved", "dims": 2},
            "bias": [
                {"kind": "alibi", "slope": 0.25},
                {"kind": "t5", "table": row(8), "bidirectional": True, "max_distance": 16},
                {"kind": "matrix", "m": m(N, N)},
            ],
            "mask": [[1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1], [0, 1, 1, 1]],
        },
        {"scores": m(N, N), "d_k": 4, "bias": [{"kind": "t5", "table": row(3), "bidirectional": False}]},
    ]


def stacks():
    return [
        {
            "name": "shared keys", "q": m3(4, N, 2), "k": m3(2, N, 2), "v": m3(1, N, 3),
            "bias": [{"kind": "alibi", "slope": [0.5, 0.25, 0.125, 0.0625]},
                     {"kind": "t5", "table": m(4, 4)}],
            "score": {"kind": "cosine"},
        },
        {
            "name": "projected", "x": m(N, D), "w_q": m3(2, 2, D), "w_k": m3(1, 2, D), "w_v": m3(2, 3, D),
            "b_q": m(2, 2), "b_k": m(1, 2), "b_v": m(2, 3), "rope": {"layout": "half"},
            "mask": [[1, 0, 0, 0], [1, 1, 0, 0], [1, 1, 1, 0], [1, 1, 1, 1]],
        },
    ]


def main():
    words = ["[UNK]", "the", "cat", "sat", "down", "."]
    document = {
        "attnscope": 1,
        "title": "Every field of a head",
        "about": "Made by make_all_fields.py; the numbers mean nothing.",
        "tokens": ["the", "cat", "sat", "down"],
        "segments": [0, 0, 1, 1],
        "mask": [[1, 1, 1, 1]] * N,
        "vocab": {"tokens": words, "embedding": m(len(words), D), "position": m(8, D)},
        "layers": [{"name": "kinds", "heads": kinds()}, {"name": "sources", "heads": sources()}] + stacks(),
        "settings": {"mask.segments": False, "mask.matrix": False, "mask.global": [0, 3]},
    }
    text = json.dumps(document, ensure_ascii=False)
    # A head a line: short enough to read, and no line per number.
    for before, after in (('"layers": [', '"layers": [\n  '), ('"heads": [', '"heads": [\n    '),
                          ('}, {"score"', '},\n    {"score"'), ('}, {"x', '},\n    {"x'),
                          ('}, {"w_q"', '},\n    {"w_q"'), ('}, {"rnn"', '},\n    {"rnn"'),
                          ('}, {"q"', '},\n    {"q"'), ('}, {"name"', '},\n  {"name"'),
                          (', "layers"', ',\n"layers"'), (', "settings"', ',\n"settings"')):
        text = text.replace(before, after)
    with open(os.path.join(HERE, "all_fields.attn.json"), "w", encoding="utf-8") as file:
        file.write(text + "\n")


main()
