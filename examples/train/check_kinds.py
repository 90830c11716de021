"""What the weights of a head should be, in float64 NumPy, for every kind of score, bias and source.

Serves check_documents.py, and tests that ask the program the same. No code of the scripts that
wrote the documents is used.
"""

import math

import numpy as np


def sigmoid(x):
    return 0.5 * (1 + np.tanh(x / 2))


def softmax(logits, axis=-1):
    powers = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return powers / powers.sum(axis=axis, keepdims=True)


def gru_states(x, cell):
    """Hidden states of a GRU whose weights are named, and whose gates are ordered, as torch's."""
    assert cell["cell"] == "gru"
    hidden = cell["weight_hh_l0"].shape[1]
    state, states = np.zeros(hidden), []
    for row in x:
        a = cell["weight_ih_l0"] @ row + cell["bias_ih_l0"]
        b = cell["weight_hh_l0"] @ state + cell["bias_hh_l0"]
        r, z = sigmoid((a + b)[:hidden]), sigmoid((a + b)[hidden:2 * hidden])
        n = np.tanh(a[2 * hidden:] + r * b[2 * hidden:])
        state = (1 - z) * n + z * state
        states.append(state)
    return np.array(states)


def sinusoidal(count, d):
    """Positions: sin(p / 10000^(2i/d)) and cos of the same, by turns."""
    rate = np.arange(d) // 2 * 2 / d
    angle = np.arange(count)[:, None] / 10000.0 ** rate
    return np.where(np.arange(d) % 2 == 0, np.sin(angle), np.cos(angle))


def turned(x, rope):
    """Every pair of columns as a complex number, turned by its angle."""
    dims = rope.get("dims", x.shape[1])
    angle = np.arange(len(x))[:, None] * rope["theta"] ** (-np.arange(0, dims, 2) / dims)
    first, second = ((slice(0, dims, 2), slice(1, dims, 2)) if rope["layout"] == "interleaved"
                     else (slice(0, dims // 2), slice(dims // 2, dims)))
    pairs = (x[:, first] + 1j * x[:, second]) * np.exp(1j * angle)
    out = x.copy()
    out[:, first], out[:, second] = pairs.real, pairs.imag
    return out


def t5_bucket(distance, count, bidirectional, most):
    """The bucket of j − i."""
    first = 0
    if bidirectional:
        count //= 2
        first = count if distance > 0 else 0
        distance = abs(distance)
    else:
        distance = max(-distance, 0)
    if distance < count // 2:
        return first + distance
    share = math.log(distance / (count // 2)) / math.log(most / (count // 2))
    return first + min(count - 1, count // 2 + int(share * (count - count // 2)))


def bias_of(entry, queries, keys):
    """One entry of a head's "bias" as a matrix."""
    away = np.arange(keys)[None] - np.arange(queries)[:, None]
    if entry["kind"] == "alibi":
        return -entry["slope"] * abs(away)
    if entry["kind"] == "t5":
        table = np.ravel(entry["table"])
        return np.array([[table[t5_bucket(int(d), len(table), entry.get("bidirectional", True),
                                          entry.get("max_distance", 128))] for d in row]
                         for row in away])
    return entry["m"]


def side(head, name, x):
    """q or k of a head, from x where it is made of it."""
    cell = head.get("rnn_" + name, head.get("rnn"))
    made = gru_states(x, cell) if cell and name not in head else x
    if "w_" + name in head:
        return made @ head["w_" + name].T + head.get("b_" + name, 0)
    return head.get(name, made)


def logits_of(head, q, k, d_q):
    """Scores over their divisor, of the kinds whose weights are queries × keys."""
    score = head.get("score", {"kind": "dot"})
    kind, w = score["kind"], {name: np.atleast_2d(value) for name, value in score.items()
                              if isinstance(value, np.ndarray)}
    if kind == "dot":
        return q @ k.T / math.sqrt(d_q)
    if kind == "cosine":
        norms = np.outer(np.sqrt((q * q).sum(axis=1)), np.sqrt((k * k).sum(axis=1)))
        return score.get("factor", 1) * (q @ k.T) / norms
    if kind == "additive":
        inner = (q @ w["w_q"].T)[:, None] + (k @ w["w_k"].T)[None] + w.get("b", 0)
        return np.tanh(inner) @ w["v"][0]
    if kind == "general":
        return q @ w["w"] @ k.T
    if kind == "bilinear":
        return (q @ w["w_e"].T) @ (k @ w["w_a"].T).T
    if kind == "concat":
        both = np.array([[np.concatenate([a, b]) for b in k] for a in q])
        return np.tanh(both @ w["w"].T) @ w["v"][0]
    if kind == "location":
        return q @ w["w"].T
    assert kind == "gaussian", kind
    return -((q[:, None] - k[None]) ** 2).sum(axis=-1) / (2 * score["sigma"] ** 2)


def weights_of(head, x=None, query=None):
    """The weights of a head whose matrices are arrays; `x` are looked-up tokens.

    Of `featurewise` those of one query, [features, keys].
    """
    if "weights" in head:
        return head["weights"]
    if "scores" in head:
        return softmax(head["scores"] / math.sqrt(head.get("d_k", 1)))
    x_q, x_k = (head.get(name, head.get("x", x)) for name in ("x_q", "x_k"))
    score = head.get("score", {})
    kind = score.get("kind", "dot")
    if kind == "gate":
        first = x_q @ score["conv1"].T
        return sigmoid(first * (first @ score["conv2"].T))
    q, k = side(head, "q", x_q), side(head, "k", x_k)
    if "rope" in head:
        q, k = turned(q, head["rope"]), turned(k, head["rope"])
    if kind == "elementwise":
        return softmax((q * k).sum(axis=1))[None]
    if kind == "featurewise":
        return softmax(np.tanh(score["w_q"] @ q[query] + k @ score["w_k"].T).T)
    logits = logits_of(head, q, k, q.shape[1])
    return softmax(logits + sum(bias_of(b, *logits.shape) for b in head.get("bias", [])))
