#!/usr/bin/env python3
"""Three inputs and three hidden states by hand; see examples/hidden-states/README.md."""

from fractions import Fraction

import numpy as np

import common

INPUTS, HIDDEN = [[1, 2], [3, 4], [5, 6]], [[7, 8], [9, 10], [11, 12]]
W_E, W_A = [[0.1, 0.3], [0.2, 0.4]], [[0.5, 0.7], [0.6, 0.8]]
# what stands in README, in tenths and hundredths
E = [[31, 46], [39, 58], [47, 70]]
A = [[19, 22], [43, 50], [67, 78]]
SCORES = [[1601, 3633, 5665], [2017, 4577, 7137], [2433, 5521, 8609]]


def apply(matrix, rows):
    """W x for every row, in exact tenths."""
    tenths = [[Fraction(round(10 * w)) for w in row] for row in matrix]
    return [[sum(w * x for w, x in zip(row, x)) for row in tenths] for x in rows]


def main():
    assert apply(W_E, HIDDEN) == E and apply(W_A, INPUTS) == A
    exact = [[sum(p * q for p, q in zip(e, a)) for a in A] for e in E]
    assert exact == SCORES
    h, x = np.array(HIDDEN, float), np.array(INPUTS, float)
    e, a = h @ np.array(W_E).T, x @ np.array(W_A).T
    scores = e @ a.T
    assert np.abs(scores - np.array(SCORES) / 100).max() < 1e-12
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = powers / powers.sum(axis=1, keepdims=True)
    # Two neighbours of a row differ by 20.32, 25.60 and 30.88.
    for row, step in zip(weights, (20.32, 25.60, 30.88)):
        by_hand = np.exp(-step * np.array([2, 1, 0]))
        assert np.abs(row - by_hand / by_hand.sum()).max() < 1e-12
    warm = np.exp((scores - scores.max(axis=1, keepdims=True)) / 20)
    warm /= warm.sum(axis=1, keepdims=True)
    for name, rows in (("weights", weights), ("at temperature 20", warm), ("output", weights @ a),
                       ("output at temperature 20", warm @ a)):
        print(name)
        for row in rows:
            print("  ", *(f"{value:.6g}" for value in row))
    common.write_document("hidden-states", {
        "attnscope": 1,
        "title": "Hidden states by hand",
        "about": "Three hidden states ask three inputs: (w_e h)·(w_a x). Every number can be "
                 "checked on paper; the values are the w_a x.",
        "queries": {"tokens": ["h1", "h2", "h3"]},
        "keys": {"tokens": ["x1", "x2", "x3"]},
        "layers": [{"name": "by hand", "heads": [{
            "q": HIDDEN, "k": INPUTS,
            "score": {"kind": "bilinear", "w_e": W_E, "w_a": W_A},
            "recorded": weights.tolist()}]}],
        "settings": {"view": "heatmap", "stage": "scores"},
    })


if __name__ == "__main__":
    main()
