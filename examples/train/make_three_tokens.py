#!/usr/bin/env python3
"""Three tokens whose attention can be worked out on paper; see examples/three-tokens/README.md."""

import math

import common

TOKENS = ["I", "am", "here"]
Q = [[2, 2, 0, 0], [-1, 1, 1, -1], [0, 0, 2, 2]]
K = [[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]]
V = [[1, 0], [0, 1], [1, 1]]


def dot(a, b):
    return sum(x * y for x, y in zip(a, b))


def softmax(row):
    powers = [math.exp(x) for x in row]
    return [p / sum(powers) for p in powers]


def main():
    scores = [[dot(q, k) for k in K] for q in Q]
    scaled = [[s / math.sqrt(len(Q[0])) for s in row] for row in scores]
    weights = [softmax(row) for row in scaled]
    outputs = [[dot(row, column) for column in zip(*V)] for row in weights]

    assert scores == [[4, 2, 0], [0, 2, 0], [0, 2, 4]]
    e = math.e
    by_hand = [[e * e, e, 1], [1, e, 1], [1, e, e * e]]
    for row, powers in zip(weights, by_hand):
        assert all(abs(w - p / sum(powers)) < 1e-15 for w, p in zip(row, powers))
    for token, row, mixed in zip(TOKENS, weights, outputs):
        print(f"{token:5}", *(f"{w:.5f}" for w in row), "->", *(f"{x:.5f}" for x in mixed))

    common.write_document("three-tokens", {
        "attnscope": 1,
        "title": "Three tokens by hand",
        "about": "Three tokens with whole numbers in q, k and v: every score, weight and output "
                 "can be checked on paper.",
        "d_model": 4,
        "tokens": TOKENS,
        "layers": [{"name": "by hand", "heads": [{"q": Q, "k": K, "v": V, "recorded": weights}]}],
        "settings": {"view": "heatmap"},
    })


if __name__ == "__main__":
    main()
