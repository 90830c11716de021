#!/usr/bin/env python3
"""Writes data/small.attn.json, on which the scripts play, and prints the numbers that they expect.

Standard library only, double precision: the numbers do not come from the program."""
import json
import math
import pathlib
import random

rng = random.Random(20)
WORDS = "the cat sat on the mat".split()


def matrix(rows, cols):
    return [[round(rng.gauss(0, 1.5), 3) for _ in range(cols)] for _ in range(rows)]


def head(n_q, n_k):
    return {"q": matrix(n_q, 4), "k": matrix(n_k, 4), "v": matrix(n_k, 3)}


def layers(n_q, n_k):
    return [{"name": f"block {i}", "heads": [head(n_q, n_k) for _ in range(3)]} for i in range(2)]


first = {"attnscope": 1, "title": "cat", "tokens": WORDS, "layers": layers(6, 6)}
second = {"attnscope": 1, "title": "chat", "queries": {"tokens": ["le", "chat", "dort", "."], "lang": "fr"},
          "keys": {"tokens": ["the", "cat", "sleeps", ".", "<pad>"], "lang": "en", "padding": [0, 0, 0, 0, 1]},
          "layers": layers(4, 5),
          "alignment": {"sure": [[0, 0], [1, 1], [2, 2]], "possible": [[3, 3]]}}
folder = pathlib.Path(__file__).parent / "data"
text = json.dumps({"attnscope": 1, "title": "Small", "sentences": [first, second]}, ensure_ascii=False)
(folder / "small.attn.json").write_text(text + "\n", "utf-8")


def weights(doc, layer, h, i, temperature=1.0, divisor=2.0, allowed=lambda j: True):
    one = doc["layers"][layer]["heads"][h]
    scores = [sum(a * b for a, b in zip(one["q"][i], k)) / divisor / temperature for k in one["k"]]
    keys = [j for j in range(len(scores)) if allowed(j)]
    top = max(scores[j] for j in keys)
    parts = [math.exp(s - top) if j in keys else 0.0 for j, s in enumerate(scores)]
    return [p / sum(parts) for p in parts]


def tell(name, row):
    entropy = -sum(w * math.log2(w) for w in row if w > 0)
    cells = " ".join(f"{w:.9f}" for w in row)
    print(f"{name:34} entropy {entropy:.6f} effective {2 ** entropy:.6f} max {max(row):.6f}  {cells}")


for t in (1, 0.1, 0.5, 5, 1000):
    tell(f"query 2, temperature {t}", weights(first, 0, 0, 2, t))
for name, divisor in (("none", 1), ("d_k", 4), ("d_k slider 64", 8), ("sqrt d_model 12", math.sqrt(12)), ("custom 3", 3)):
    tell(f"query 2, scale {name}", weights(first, 0, 0, 2, divisor=divisor))
tell("query 2, causal", weights(first, 0, 0, 2, allowed=lambda j: j <= 2))
tell("query 2, window 2", weights(first, 0, 0, 2, allowed=lambda j: abs(j - 2) < 2))
tell("query 2, causal and window 2", weights(first, 0, 0, 2, allowed=lambda j: 1 <= j <= 2))
tell("query 2, key 4 hidden", weights(first, 0, 0, 2, allowed=lambda j: j != 4))
tell("layer 1 head 2 query 2", weights(first, 1, 2, 2))
tell("sentence 1 query 1, padding", weights(second, 0, 0, 1, allowed=lambda j: j != 4))
tell("sentence 1 query 1, no padding", weights(second, 0, 0, 1))
rows = [weights(first, 0, h, 2) for h in range(3)]
tell("mean over heads", [sum(r[j] for r in rows) / 3 for j in range(6)])
tell("max over heads", [max(r[j] for r in rows) for j in range(6)])
for j in range(6):
    one = first["layers"][0]["heads"][0]
    score = sum(a * b for a, b in zip(one["q"][2], one["k"][j]))
    print(f"cell 2 {j}: score {score:.6f} scaled {score / 2:.6f}")
