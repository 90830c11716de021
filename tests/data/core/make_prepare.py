#!/usr/bin/python3
"""Writes prepare.h: scores and outputs of every score function, hidden states, rotations, buckets, by PyTorch.

    /usr/bin/python3 make_prepare.py > prepare.h

All in torch.float64. Inputs are multiples of 1/512 (parameters: of 1/4096) from a generator that the C tests
repeat, so that only results are stored.
"""
import math

import torch

torch.set_default_dtype(torch.float64)

KINDS = ["dot", "cosine", "additive", "general", "bilinear", "concat", "location", "featurewise", "elementwise",
         "gate", "gaussian"]
# n_q, n_k, d_q, d_k, h, d_v; d_q = d_k where the kind needs it: then d_q counts
SHAPES = [(1, 1, 1, 1, 1, 1), (1, 5, 3, 3, 2, 2), (5, 1, 1, 2, 3, 1), (3, 4, 64, 3, 5, 2), (4, 2, 80, 127, 3, 4),
          (2, 3, 127, 80, 7, 3), (2, 2, 256, 64, 33, 3)]
SAME_WIDTH = {"dot", "cosine", "elementwise", "gaussian"}
FACTOR, SIGMA = 2.5, 1.75
CELLS = [(torch.nn.RNN, 1), (torch.nn.GRU, 3), (torch.nn.LSTM, 4)]
CELL_SHAPES = [(1, 1, 1), (5, 3, 2), (6, 64, 5), (3, 2, 17)]  # n, d, h
ROPES = [(1, 2, 2, 10000.0), (4, 6, 6, 10000.0), (3, 8, 4, 100.0), (5, 3, 2, 10000.0)]  # n, d, dims, theta
BUCKETS = [(32, True, 128), (32, False, 128), (8, True, 20), (16, False, 64), (2, True, 128), (6, False, 10)]
REACH = 150
PLACES = [(1, 1), (4, 6), (6, 5)]


class Generator:
    """x ← 1664525 x + 1013904223 mod 2³², value (x >> 16) mod 2049 − 1024, over 512."""

    def __init__(self, seed):
        self.x = seed

    def value(self):
        self.x = (1664525 * self.x + 1013904223) % 2**32
        return ((self.x >> 16) % 2049 - 1024) / 512

    def matrix(self, rows, cols, scale=1.0):
        return torch.tensor([[self.value() * scale for _ in range(cols)] for _ in range(rows)])


def parameters(g, kind, n_k, d_q, d_k, h):
    small = 0.125
    shapes = {
        "additive": [("w_q", h, d_q), ("w_k", h, d_k), ("v", 1, h), ("b", 1, h)],
        "general": [("w", d_q, d_k)],
        "bilinear": [("w_e", h, d_q), ("w_a", h, d_k)],
        "concat": [("w", h, d_q + d_k), ("v", 1, h)],
        "location": [("w", n_k, d_q)],
        "featurewise": [("w_q", h, d_q), ("w_k", h, d_k)],
        "gate": [("conv1", d_q, d_q), ("conv2", d_q, d_q)],
    }.get(kind, [])
    return {name: g.matrix(rows, cols, small) for name, rows, cols in shapes}


def scores_of(kind, q, k, p):
    """Raw scores as they are shown; featurewise: of the last query."""
    n_q, n_k = len(q), len(k)
    if kind == "dot":
        return q @ k.T
    if kind == "cosine":
        return FACTOR * torch.stack([torch.stack([torch.dot(a, b) / (a.norm() * b.norm()) for b in k]) for a in q])
    if kind == "additive":
        wide = torch.tanh(q.matmul(p["w_q"].T)[:, None, :] + k.matmul(p["w_k"].T)[None, :, :] + p["b"][0])
        return (wide * p["v"][0]).sum(-1)
    if kind == "general":
        return torch.einsum("is,st,jt->ij", q, p["w"], k)
    if kind == "bilinear":
        return torch.nn.functional.linear(q, p["w_e"]) @ torch.nn.functional.linear(k, p["w_a"]).T
    if kind == "concat":
        pairs = torch.cat([q[:, None, :].expand(n_q, n_k, -1), k[None, :, :].expand(n_q, n_k, -1)], dim=-1)
        return torch.tanh(torch.nn.functional.linear(pairs, p["w"])) @ p["v"][0]
    if kind == "location":
        return q @ p["w"].T
    if kind == "featurewise":
        return torch.tanh((p["w_q"] @ q[-1])[:, None] + p["w_k"] @ k.T)
    if kind == "elementwise":
        return (q * k).sum(-1)[None, :]
    if kind == "gate":
        image = q.T[None, :, :, None]  # one picture of n_q × 1 pixels
        first = torch.nn.functional.conv2d(image, p["conv1"][:, :, None, None])
        second = torch.nn.functional.conv2d(first, p["conv2"][:, :, None, None])
        return (first * second)[0, :, :, 0].T
    return torch.stack([torch.stack([-((a - b) ** 2).sum() / (2 * SIGMA**2) for b in k]) for a in q])


def output_of(kind, q, k, v, p):
    if kind == "gate":
        return torch.sigmoid(scores_of(kind, q, k, p)) * q
    if kind == "featurewise":  # v: n_k × h
        rows = []
        for i in range(len(q)):
            weights = torch.softmax(scores_of(kind, q[: i + 1], k, p), dim=1)
            rows.append((weights * v.T).sum(1))
        return torch.stack(rows)
    if kind == "bilinear":
        v = k @ p["w_a"].T
    output = torch.softmax(scores_of(kind, q, k, p), dim=1) @ v
    return output.expand(len(q), -1) if kind == "elementwise" else output


def case(kind, shape, seed):
    n_q, n_k, d_q, d_k, h, d_v = shape
    d_k = d_q if kind in SAME_WIDTH else d_k
    n_k = n_q if kind == "elementwise" else n_k
    d_v = h if kind == "featurewise" else d_v
    g = Generator(seed)
    q, k, v = g.matrix(n_q, d_q), g.matrix(n_k, d_k), g.matrix(n_k, d_v)
    p = parameters(g, kind, n_k, d_q, d_k, h)
    return (n_q, n_k, d_q, d_k, h, d_v), scores_of(kind, q, k, p), output_of(kind, q, k, v, p)


def recurrent(cell, gates, n, d, h, seed, bias):
    g = Generator(seed)
    x = g.matrix(n, d)
    net = cell(d, h, bias=bias)
    with torch.no_grad():
        net.weight_ih_l0.copy_(g.matrix(gates * h, d, 0.25))
        net.weight_hh_l0.copy_(g.matrix(gates * h, h, 0.25))
        if bias:
            net.bias_ih_l0.copy_(g.matrix(1, gates * h, 0.25)[0])
            net.bias_hh_l0.copy_(g.matrix(1, gates * h, 0.25)[0])
        return net(x[:, None, :])[0][:, 0, :]


def rope(x, dims, theta, interleaved):
    """Interleaved by complex numbers, half by the rotated half, as the two families of code do."""
    n = len(x)
    rates = theta ** (-torch.arange(0, dims, 2) / dims)
    angles = torch.arange(n)[:, None] * rates[None, :]
    turned, rest = x[:, :dims], x[:, dims:]
    if interleaved:
        pairs = torch.view_as_complex(turned.reshape(n, -1, 2).contiguous())
        turned = torch.view_as_real(pairs * torch.polar(torch.ones_like(angles), angles)).reshape(n, dims)
    else:
        both = torch.cat([angles, angles], dim=1)
        a, b = turned[:, : dims // 2], turned[:, dims // 2:]
        turned = turned * both.cos() + torch.cat([-b, a], dim=1) * both.sin()
    return torch.cat([turned, rest], dim=1)


def bucket(relative, buckets, bidirectional, most):
    """The formula of the published T5 code, on tensors of float32 as there."""
    out = torch.zeros_like(relative)
    if bidirectional:
        buckets //= 2
        out = out + (relative > 0).long() * buckets
        relative = relative.abs()
    else:
        relative = (-relative).clamp(min=0)
    exact = buckets // 2
    if exact == 0:
        return out + (relative > 0).long() * (buckets - 1)
    far = exact + (torch.log(relative.to(torch.float32) / exact) / math.log(most / exact)
                   * (buckets - exact)).clamp(min=-exact).long()
    return out + torch.where(relative < exact, relative, far.clamp(max=buckets - 1))


def sinusoidal(n, d):
    return torch.tensor([[(math.cos if c % 2 else math.sin)(i / 10000 ** ((c - c % 2) / d)) for c in range(d)]
                         for i in range(n)])


def rows(values, per_line, text):
    for i in range(0, len(values), per_line):
        print("    " + " ".join(text(x) + "," for x in values[i: i + per_line]))


def main():
    values = []

    def keep(tensor):
        values.extend(tensor.detach().reshape(-1).tolist())
        return len(values) - tensor.numel()

    print(f"/* Written by make_prepare.py with PyTorch {torch.__version__}. Do not edit. */")
    print(f"static const double PREPARE_FACTOR = {FACTOR}, PREPARE_SIGMA = {SIGMA};")
    print("static const struct {\n    const char *kind;\n    unsigned seed;")
    print("    int n_q, n_k, d_q, d_k, h, d_v, rows, cols, scores, out_cols, output;\n} PREPARE_KINDS[] = {")
    for kind in KINDS:
        for index, shape in enumerate(SHAPES):
            seed = 1000 * KINDS.index(kind) + index + 1
            used, scores, output = case(kind, shape, seed)
            numbers = (*used, scores.shape[0], scores.shape[1], keep(scores), output.shape[1], keep(output))
            print(f'    {{"{kind}", {seed}, {", ".join(map(str, numbers))}}},')
    print("};\nstatic const struct {\n    int cell, bias, n, d, h, values;\n    unsigned seed;\n} PREPARE_CELLS[] = {")
    for number, (cell, gates) in enumerate(CELLS):
        for index, (n, d, h) in enumerate(CELL_SHAPES):
            seed, bias = 77 * number + index + 5, index != 1
            at = keep(recurrent(cell, gates, n, d, h, seed, bias))
            print(f"    {{{number + 1}, {int(bias)}, {n}, {d}, {h}, {at}, {seed}}},")
    print("};\nstatic const struct {\n    int n, d, dims, interleaved, values;\n    double theta;")
    print("    unsigned seed;\n} PREPARE_ROPES[] = {")
    for index, (n, d, dims, theta) in enumerate(ROPES):
        for interleaved in (0, 1):
            seed = 900 + index
            at = keep(rope(Generator(seed).matrix(n, d), dims, theta, interleaved))
            print(f"    {{{n}, {d}, {dims}, {interleaved}, {at}, {theta}, {seed}}},")
    print("};\nstatic const struct {\n    int n, d, values;\n} PREPARE_PLACES[] = {")
    for n, d in PLACES:
        print(f"    {{{n}, {d}, {keep(sinusoidal(n, d))}}},")
    print("};\nstatic const double PREPARE_VALUES[] = {")
    rows(values, 4, repr)
    print(f"}};\nenum {{ PREPARE_REACH = {REACH} }};")
    print("static const struct {\n    int buckets, bidirectional, most;\n    unsigned char at[301];")
    print("} PREPARE_BUCKETS[] = {")
    for buckets, bidirectional, most in BUCKETS:
        found = bucket(torch.arange(-REACH, REACH + 1), buckets, bidirectional, most).tolist()
        print(f"    {{{buckets}, {int(bidirectional)}, {most}, {{")
        rows(found, 24, str)
        print("    }},")
    print("};")


main()
