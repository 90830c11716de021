#!/usr/bin/env python3
"""Right attention and five widespread slips over the same q, k and v; see examples/slips."""

import math

import torch

import common

TOKENS = ["we", "saw", "her", "duck"]
Q = [[1.2, -.4, .6, .2], [-.6, 1.4, .8, 1.0], [.4, 1.0, -1.2, .6], [1.0, .8, .2, -1.4]]
K = [[1.4, -.2, .8, -.6], [-.8, 1.2, .4, .6], [.2, 1.6, -1.0, .4], [.6, .4, 1.2, -1.8]]
V = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]]
HEADS = 8
ABOUT = {
    "right": "softmax(QKᵀ / √d_k) V. Each other layer has one slip.",
    "scale forgotten": "without √d_k the rows are too sharp, and softmax hardly learns.",
    "divided by √d_model": "d_k is the width of one head; √d_model makes every row too flat.",
    "transpose missing: QK": "features meet positions; it runs only because n = d_k.",
    "softmax over the queries": "columns sum to 1, rows do not: keys compete for nothing.",
    "Q ⊙ K, element by element": "one number per position and feature: no position sees another.",
}


def main():
    torch.set_default_dtype(torch.float64)
    q, k, v = (torch.tensor(m, dtype=torch.float64) for m in (Q, K, V))
    n, d_k = q.shape
    d_model = HEADS * d_k
    products, untransposed = q @ k.T, q @ k
    columns = (products / math.sqrt(d_k)).softmax(dim=0)
    right = (products / math.sqrt(d_k)).softmax(dim=-1)
    heads = {
        "right": (right, {"q": Q, "k": K}),
        "scale forgotten": (products.softmax(dim=-1), {"scores": products.tolist()}),
        "divided by √d_model": ((products / math.sqrt(d_model)).softmax(dim=-1),
                                {"scores": products.tolist(), "d_k": d_model}),
        "transpose missing: QK": ((untransposed / math.sqrt(d_k)).softmax(dim=-1),
                                  {"scores": untransposed.tolist(), "d_k": d_k}),
        "softmax over the queries": (columns, {"weights": columns.tolist()}),
        "Q ⊙ K, element by element": ((q * k / math.sqrt(d_k)).softmax(dim=-1),
                                      {"scores": (q * k).tolist(), "d_k": d_k}),
    }
    assert torch.allclose(columns.sum(dim=0), torch.ones(n))
    assert (columns.sum(dim=1) - 1).abs().max() > 0.2
    # q_i · k_j needs the transpose: only then does renaming the features change nothing
    order = torch.tensor([2, 0, 3, 1])
    assert torch.allclose(q[:, order] @ k[:, order].T, products)
    assert not torch.allclose(q[:, order] @ k[:, order], untransposed)
    for name, (due, _) in heads.items():
        bits = -(due * due.log2()).sum(dim=-1)
        print(name)
        for row, entropy in zip(due, bits):
            print("   ", *(f"{w:.3f}" for w in row), f" sum {row.sum():.3f}, {entropy:.2f} bits")
    common.write_document("slips", {
        "attnscope": 1,
        "title": "Slips",
        "about": "Layer 0 is attention. Each other layer has one widespread slip, over the same q, "
                 "k and v: all look like attention, none is the same.",
        "d_model": d_model,
        "tokens": TOKENS,
        "layers": [{"name": name, "about": ABOUT[name],
                    "heads": [{**head, "v": V, "recorded": due.tolist()}]}
                   for name, (due, head) in heads.items()],
        "settings": {"view": "heatmap"},
    })


if __name__ == "__main__":
    main()
