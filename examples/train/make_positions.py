#!/usr/bin/env python3
"""The same two words twelve times over, and six ways to know the place; examples/positions."""

import math

import numpy as np
import torch

import common

TOKENS = ["tick", "tock"] * 6
WORDS = {"tick": [1, 1, .5, 1, 1, 0, .5, 1], "tock": [1, 0, .5, 1, -.5, 1, .5, 0]}
D, THETA, SLOPE, FAR = 8, 100, 0.4, 12
# Of T5: for keys before the query at distance 0, 1, 2 … and 5 or more, then for keys behind it.
TABLE = [0.5, 2.0, 0.5, -1.0, 0.0, 1.0, -0.5, -2.0]


def rotated(x, interleaved):
    """RoPE over all columns: pair t turns by place · theta^(−2t/d)."""
    angle = torch.arange(len(x))[:, None] * THETA ** (-torch.arange(0, D, 2) / D)
    sin, cos = angle.double().sin(), angle.double().cos()
    if interleaved:
        a, b = x[:, 0::2], x[:, 1::2]
        return torch.stack([a * cos - b * sin, a * sin + b * cos], dim=-1).flatten(1)
    a, b = x[:, :D // 2], x[:, D // 2:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)


def bucket(distance):
    """The bucket of a distance j − i, of len(TABLE), half of them for keys behind the query."""
    half = len(TABLE) // 2
    exact, n = half // 2, abs(distance)
    behind = half if distance > 0 else 0
    if n < exact:
        return behind + n
    log = exact + int(math.log(n / exact) / math.log(FAR / exact) * (half - exact))
    return behind + min(log, half - 1)


def weights(q, k, bias=0):
    """What the head should show."""
    return (q @ k.T / math.sqrt(D) + bias).softmax(dim=-1)


def sinusoidal(count):
    """Vaswani et al. 2017, 3.5."""
    rate = 10000.0 ** (-torch.arange(0, D, 2).double() / D)
    turn = torch.arange(count)[:, None] * rate
    return torch.stack([turn.sin(), turn.cos()], dim=-1).flatten(1)


def main():
    torch.set_default_dtype(torch.float64)
    e = torch.tensor([WORDS[token] for token in TOKENS])
    place = torch.arange(len(TOKENS))
    away = place[None] - place[:, None]
    t5 = torch.tensor([[TABLE[bucket(int(d))] for d in row] for row in away])
    moved = e + sinusoidal(len(TOKENS))
    alibi = -SLOPE * away.abs()
    plain = {"q": e.tolist(), "k": e.tolist(), "v": e.tolist()}
    same = np.eye(D).tolist()
    heads = {
        "no position": (weights(e, e), plain),
        "sinusoidal, added to x": (weights(moved, moved), {
            "x": moved.tolist(), "w_q": same, "w_k": same, "w_v": same}),
        "RoPE, half": (weights(rotated(e, False), rotated(e, False)), {
            **plain, "rope": {"theta": THETA, "layout": "half", "dims": D}}),
        "RoPE, interleaved": (weights(rotated(e, True), rotated(e, True)), {
            **plain, "rope": {"theta": THETA, "layout": "interleaved", "dims": D}}),
        "ALiBi": (weights(e, e, alibi), {
            **plain, "bias": [{"kind": "alibi", "slope": SLOPE}]}),
        "T5 buckets": (weights(e, e, t5), {
            **plain, "bias": [{"kind": "t5", "table": TABLE, "bidirectional": True,
                               "max_distance": FAR}]}),
    }
    for name, (due, _) in heads.items():
        print(f"{name:24}", *(f"{w:.3f}" for w in due[4]))
    none = heads["no position"][0]
    assert torch.allclose(none[0], none[10]) and not torch.allclose(none[0], none[1])
    # RoPE and the biases know distances only: what row 4 gives to 2 and 6 is as row 6 to 4 and 8
    turned = torch.log(heads["RoPE, half"][0])
    assert math.isclose(turned[4, 2] - turned[4, 6], turned[6, 4] - turned[6, 8], abs_tol=1e-12)
    common.write_document("positions", {
        "attnscope": 1,
        "title": "Where am I?",
        "about": "The same two words, six times in turn. Without positions every tick is the same "
                 "tick; each layer tells attention the place in another way.",
        "d_model": D,
        "tokens": TOKENS,
        "layers": [{"name": name, "heads": [{**head, "recorded": due.tolist()}]}
                   for name, (due, head) in heads.items()],
        "settings": {"view": "heatmap", "layer": 2},
    })


if __name__ == "__main__":
    main()
