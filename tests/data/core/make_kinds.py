#!/usr/bin/env python3
"""Writes kinds.bin: attention of every score kind under every normaliser and mask, in double.

Needs NumPy and PyTorch. Nothing of the program is used: scores by torch.nn.functional and einsum,
recurrent cells by torch.nn.RNN, GRU and LSTM, rotation by complex numbers, sparsemax by sorting,
entmax by bisection, top k by torch.topk, masks by one predicate per cell.

The inputs are not stored: both sides draw them from the same generator (see `draw`), as numbers
that float32 holds exactly. tests/core/test_kinds.c reads the file; a record is ten int32, three
float64 (temperature, tolerance, worst |score|), rows × cols float32 weights, out_rows × out_cols
float32 outputs.

    /usr/bin/python3 tests/data/core/make_kinds.py
"""
import math
import os
import struct

import numpy as np
import torch

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)

KINDS = ["dot", "cosine", "additive", "general", "bilinear", "concat", "location", "featurewise",
         "elementwise", "gate", "gaussian"]
NORMS = ["softmax", "sparsemax", "entmax15", "entmax", "softmax1", "sigmoid", "sigmoid_bias", "relu",
         "hardmax", "topk", "topp"]
MASKS = ["none", "causal", "causal_bottom", "window", "padding", "hidden", "dilated", "stride_global",
         "block", "prefix", "segments", "matrix"]
EXTRAS = ["none", "alibi", "t5", "matrix", "rope_half", "rope_interleaved", "x", "tanh", "gru",
          "lstm", "t5_one_way"]
# n_q, n_k, d_q, d_v; d_k and h follow.
SHAPES = [(1, 1, 1, 2), (5, 7, 3, 4), (7, 5, 64, 80), (6, 6, 80, 3), (3, 9, 127, 16), (9, 3, 256, 5),
          (1, 8, 16, 1), (8, 1, 2, 7), (8, 8, 12, 12)]
TEMPERATURES = [1.0, 0.5, 2.0, 0.1, 10.0]
(Q, K, V, W, W_Q, W_K, W_E, W_A, P_V, P_B, CONV1, CONV2, X_Q, X_K, PW_Q, PW_K, PW_V, PB_Q, PB_K, PB_V,
 RNN_Q, _1, _2, _3, RNN_K, _4, _5, _6, BIAS, TABLE, MASK) = range(31)
ALPHA, TOP_K, TOP_P, SIGMA, FACTOR, SLOPE, D_MODEL = 1.3, 3, 0.8, 1.5, 4.0, 0.25, 10


def draw(seed, index, rows, cols, exponent=0):
    """rows × cols numbers in [−2, 2) · 2^exponent, multiples of 2^(exponent − 22)."""
    state = (seed * 1000003 + index * 7919 + 12345) & (2**64 - 1)
    out = np.empty(rows * cols)
    for i in range(rows * cols):
        state = (state * 6364136223846793005 + 1442695040888963407) & (2**64 - 1)
        out[i] = ((state >> 40) / 2**23 - 1) * 2 * 2.0**exponent
    return torch.from_numpy(out.reshape(rows, cols))


def shrink(columns):
    """A power of two near 1/√columns, so that products of matrices stay of order one."""
    return -round(math.log2(math.sqrt(columns)))


def rnn(cell, seed, index, x, hidden):
    gates = {"tanh": 1, "gru": 3, "lstm": 4}[cell]
    layer = {"tanh": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}[cell](
        x.shape[1], hidden, batch_first=True)
    with torch.no_grad():
        layer.weight_ih_l0.copy_(draw(seed, index, gates * hidden, x.shape[1], shrink(x.shape[1])))
        layer.weight_hh_l0.copy_(draw(seed, index + 1, gates * hidden, hidden, shrink(hidden)))
        layer.bias_ih_l0.copy_(draw(seed, index + 2, 1, gates * hidden, -1)[0])
        layer.bias_hh_l0.copy_(draw(seed, index + 3, 1, gates * hidden, -1)[0])
        return layer(x[None])[0][0]


def rope(x, interleaved):
    dims = x.shape[1] // 2 * 2
    if dims == 0:
        return x
    t = torch.arange(dims // 2)
    turn = torch.polar(torch.ones(x.shape[0], dims // 2),
                       torch.arange(x.shape[0])[:, None] * 10000.0 ** (-2.0 * t / dims))
    head = x[:, :dims]
    a, b = (head[:, 0::2], head[:, 1::2]) if interleaved else head.chunk(2, dim=1)
    z = torch.complex(a, b) * turn
    out = x.clone()
    if interleaved:
        out[:, 0:dims:2], out[:, 1:dims:2] = z.real, z.imag
    else:
        out[:, :dims // 2], out[:, dims // 2:dims] = z.real, z.imag
    return out


def bucket(distance, buckets, both, most):
    base, n = 0, max(-distance, 0)
    if both:
        buckets //= 2
        base, n = (buckets if distance > 0 else 0), abs(distance)
    exact = buckets // 2
    if n < exact:
        return base + n
    far = exact + int(math.log(n / exact) / math.log(most / exact) * (buckets - exact))
    return base + min(far, buckets - 1)


def allowed(mask, seed, i, j, n_q, n_k):
    p = i + (n_k - n_q if mask == "causal_bottom" else 0)
    if mask in ("causal", "causal_bottom"):
        return j <= p
    if mask == "window":
        return abs(j - p) < 2
    if mask == "padding":
        return j < n_k - n_k // 3
    if mask == "hidden":
        return j not in (1, 4)
    if mask == "dilated":  # window 2, dilation 2
        return abs(j - p) < 4 and abs(j - p) % 2 == 0
    if mask == "stride_global":  # window 1, stride 3, global token 1
        return abs(j - p) < 1 or (j - p) % 3 == 0 or 1 in (i, j)
    if mask == "block":
        return j // 2 == p // 2
    if mask == "prefix":  # causal, prefix 2
        return j <= p or j < 2
    if mask == "segments":
        return i // 3 == j // 3
    if mask == "matrix":
        return bool(draw(seed, MASK, n_q, n_k)[i, j] > -1)
    return True


def support_softmax(z, keep):
    return torch.softmax(z.masked_fill(~keep, -math.inf), -1)


def entmax(z, alpha):
    """Bisection on the threshold: Σ ((α−1)z − τ)₊^(1/(α−1)) = 1 (Peters et al. 2019)."""
    y = (alpha - 1) * z
    lo, hi = float(y.max()) - 1, float(y.max())
    for _ in range(200):
        mid = (lo + hi) / 2
        if torch.clamp(y - mid, min=0).pow(1 / (alpha - 1)).sum() >= 1:
            lo = mid
        else:
            hi = mid
    w = torch.clamp(y - lo, min=0).pow(1 / (alpha - 1))
    return w / w.sum()


def sparsemax(z):
    s = torch.sort(z, descending=True).values
    k = torch.arange(1, len(z) + 1)
    inside = 1 + k * s > s.cumsum(0)
    tau = (s[inside].sum() - 1) / inside.sum()
    return torch.clamp(z - tau, min=0)


def normalise(norm, l, temperature):
    """One row of logits, all of them competing. Also how far the row is from a jump."""
    z, n, gap = l / temperature, len(l), math.inf
    if norm == "softmax":
        w = torch.softmax(z, -1)
    elif norm == "sparsemax":
        w = sparsemax(z)
    elif norm == "entmax15":
        w = entmax(z, 1.5)
    elif norm == "entmax":
        w = entmax(z, ALPHA)
    elif norm == "softmax1":
        w = torch.softmax(torch.cat([z, torch.zeros(1)]), -1)[:-1]
    elif norm == "sigmoid":
        w = torch.sigmoid(z)
    elif norm == "sigmoid_bias":
        w = torch.sigmoid(z - math.log(n))
    elif norm == "relu":
        w = torch.relu(z) / n
    elif norm == "hardmax":
        order = torch.sort(z, descending=True).values
        gap = float(order[0] - order[1]) if n > 1 else math.inf
        w = (z == z.max()).double()
    elif norm == "topk":
        order = torch.sort(z, descending=True).values
        gap = float(order[TOP_K - 1] - order[TOP_K]) if n > TOP_K else math.inf
        keep = torch.zeros(n, dtype=torch.bool)
        keep[torch.topk(z, min(TOP_K, n)).indices] = True
        w = support_softmax(z, keep)
    elif norm == "topp":
        mass, order = torch.sort(torch.softmax(z, -1), descending=True)
        total = mass.cumsum(0)
        keep = torch.zeros(n, dtype=torch.bool)
        keep[order[:int((total < TOP_P).sum()) + 1]] = True
        near = torch.sort(z, descending=True).values
        gap = min([float((total - TOP_P).abs().min())]
                  + ([float((near[:-1] - near[1:]).min())] if n > 1 else []))
        w = support_softmax(z, keep)
    return w, gap


class Case:
    def __init__(self, kind, norm, mask, extra, shape, temperature, seed):
        self.kind, self.norm, self.mask, self.extra = kind, norm, mask, extra
        self.n_q, self.n_k, self.d_q, self.d_v = SHAPES[shape]
        self.shape, self.temperature, self.seed = shape, temperature, seed
        self.h = 6
        self.d_k = self.d_q if kind in ("dot", "cosine", "gaussian", "elementwise") else self.d_q + 1
        if kind == "elementwise":
            self.n_k = self.n_q

    def vectors(self):
        s, extra = self.seed, self.extra
        q, k = draw(s, Q, self.n_q, self.d_q), draw(s, K, self.n_k, self.d_k)
        v = draw(s, V, self.n_k, self.h if self.kind == "featurewise" else self.d_v)
        x_q, x_k = draw(s, X_Q, self.n_q, D_MODEL), draw(s, X_K, self.n_k, D_MODEL)
        if extra == "x":
            down = shrink(D_MODEL)
            q = x_q @ draw(s, PW_Q, self.d_q, D_MODEL, down).T + draw(s, PB_Q, 1, self.d_q)
            k = x_k @ draw(s, PW_K, self.d_k, D_MODEL, down).T + draw(s, PB_K, 1, self.d_k)
            v = x_k @ draw(s, PW_V, v.shape[1], D_MODEL, down).T + draw(s, PB_V, 1, v.shape[1])
        if extra in ("tanh", "gru", "lstm"):
            q = rnn(extra, s, RNN_Q, x_q, self.d_q)
            k = rnn(extra, s, RNN_K, x_k, self.d_k)
        if extra.startswith("rope"):
            q, k = (rope(y, extra == "rope_interleaved") for y in (q, k))
        return q, k, v

    def scores(self, q, k):
        """Raw scores and what one of them may be off by in float32 (numbers.md, bar a)."""
        s, h, unit = self.seed, self.h, 2.0**-24
        if self.kind in ("dot", "elementwise"):
            parts = q[:, None] * k[None]
            return parts.sum(-1), self.d_q * unit * parts.abs().sum(-1)
        if self.kind == "cosine":
            value = FACTOR * torch.nn.functional.cosine_similarity(q[:, None], k[None], -1, 0)
            parts = (torch.nn.functional.normalize(q, dim=1, eps=0)[:, None]
                     * torch.nn.functional.normalize(k, dim=1, eps=0)[None]).abs().sum(-1)
            return value, (self.d_q + 2) * unit * FACTOR * parts
        if self.kind in ("additive", "featurewise"):
            w_q = draw(s, W_Q, h, self.d_q, shrink(self.d_q))
            w_k = draw(s, W_K, h, self.d_k, shrink(self.d_k))
            inner = (q @ w_q.T)[:, None] + (k @ w_k.T)[None]
            if self.kind == "featurewise":
                return torch.tanh(inner), 2 * unit * (1 + inner.abs())
            inner = inner + draw(s, P_B, 1, h)[0]
            v = draw(s, P_V, 1, h)[0]
            return torch.tanh(inner) @ v, (h + 6) * unit * (v.abs() * (1 + inner.abs())).sum(-1)
        if self.kind == "concat":
            w = draw(s, W, h, self.d_q + self.d_k, shrink(self.d_q + self.d_k))
            both = torch.cat([q[:, None].expand(-1, self.n_k, -1),
                              k[None].expand(self.n_q, -1, -1)], -1)
            inner = both @ w.T
            v = draw(s, P_V, 1, h)[0]
            return torch.tanh(inner) @ v, (h + 6) * unit * (v.abs() * (1 + inner.abs())).sum(-1)
        if self.kind == "general":
            w = draw(s, W, self.d_q, self.d_k, shrink(self.d_q * self.d_k))
            parts = (q @ w)[:, None] * k[None]
            return torch.einsum("id,de,je->ij", q, w, k), (self.d_k + 1) * unit * parts.abs().sum(-1)
        if self.kind == "bilinear":
            a = q @ draw(s, W_E, h, self.d_q, shrink(self.d_q)).T
            b = k @ draw(s, W_A, h, self.d_k, shrink(self.d_k)).T
            parts = a[:, None] * b[None]
            return parts.sum(-1), (h + 2) * unit * parts.abs().sum(-1)
        if self.kind == "location":
            w = draw(s, W, self.n_k, self.d_q, shrink(self.d_q))
            return q @ w.T, (self.d_q + 1) * unit * (q[:, None] * w[None]).abs().sum(-1)
        square = torch.cdist(q, k, compute_mode="donot_use_mm_for_euclid_dist") ** 2
        value = -square / (2 * SIGMA**2)
        return value, (self.d_q + 3) * unit * value.abs()

    def bias(self, i, j):
        s, p = self.seed, i + (self.n_k - self.n_q if self.mask == "causal_bottom" else 0)
        if self.extra == "alibi":
            return -SLOPE * abs(p - j)
        if self.extra in ("t5", "t5_one_way"):
            table = draw(s, TABLE, 1, 8)[0]
            return float(table[bucket(j - p, 8, self.extra == "t5", 16)])
        if self.extra == "matrix":
            return float(draw(s, BIAS, self.n_q, self.n_k)[i, j])
        return 0.0

    def gate(self):
        x = draw(self.seed, X_Q, self.n_q, self.h)
        conv1, conv2 = (draw(self.seed, w, self.h, self.h, shrink(self.h)) for w in (CONV1, CONV2))
        first = torch.nn.functional.conv1d(x.T[None], conv1[:, :, None])
        second = torch.nn.functional.conv1d(first, conv2[:, :, None])
        scores = (first * second)[0].T
        weights = torch.sigmoid(scores / self.temperature)
        return weights, weights * x, 8 * 2.0**-24 * float(scores.abs().max()) * 4, math.inf, scores

    def run(self):
        """weights, output, tolerance, distance from a jump, largest |score|"""
        if self.kind == "gate":
            weights, output, slack, gap, scores = self.gate()
            return weights, output, 1e-6 + slack / self.temperature, gap, float(scores.abs().max())
        q, k, v = self.vectors()
        scores, eps = self.scores(q, k)
        divisor = math.sqrt(self.d_q) if self.kind == "dot" else 1.0
        mask, query = self.mask, self.n_q - 1
        rows = [(i, scores[i], i) for i in range(self.n_q)]
        if self.kind == "featurewise":
            rows = [(f, scores[query, :, f], query) for f in range(self.h)]
        if self.kind == "elementwise":
            rows = [(0, torch.diagonal(scores), None)]
        weights, nearest = torch.zeros(len(rows), self.n_k), math.inf
        for r, raw, i in rows:
            if i is None:
                seen = [j for j in range(self.n_k) if mask not in ("padding", "hidden")
                        or allowed(mask, self.seed, 0, j, self.n_q, self.n_k)]
                l = raw
            else:
                seen = [j for j in range(self.n_k)
                        if allowed(mask, self.seed, i, j, self.n_q, self.n_k)]
                l = raw / divisor + torch.tensor([self.bias(i, j) for j in range(self.n_k)])
            if seen:
                weights[r, seen], gap = normalise(self.norm, l[seen], self.temperature)
                nearest = min(nearest, gap)
        if self.kind == "featurewise":
            output = torch.zeros(0, 0)
        elif self.kind == "elementwise":
            output = (weights @ v).expand(self.n_q, -1)
        else:
            output = weights @ v
        slack = float(eps.max()) / divisor / self.temperature
        return weights, output, 1e-6 + slack, nearest, float(scores.abs().max())


def cases():
    count = 0
    for kind in KINDS:
        forms = kind in ("featurewise", "elementwise", "gate")
        for norm in ["sigmoid"] if kind == "gate" else NORMS:
            for mask in ["none"] * 45 if kind == "gate" else MASKS:
                extra = "none" if forms else EXTRAS[count % len(EXTRAS)]
                if extra.startswith("rope") and kind not in ("dot", "cosine", "gaussian"):
                    extra = "none"
                shape, t = count % len(SHAPES), TEMPERATURES[count % len(TEMPERATURES)]
                seed = 100 * count
                while True:  # away from the jumps of top k, top p and argmax
                    case = Case(kind, norm, mask, extra, shape, t, seed)
                    result = case.run()
                    if result[3] > 1e-4:
                        break
                    seed += 1
                yield case, result
                count += 1


def main():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "kinds.bin")
    written = 0
    with open(path, "wb") as out:
        for case, (weights, output, tolerance, _, most) in cases():
            out.write(struct.pack("<10i3d", KINDS.index(case.kind), NORMS.index(case.norm),
                                  MASKS.index(case.mask), EXTRAS.index(case.extra), case.shape,
                                  case.seed, *weights.shape, *output.shape, case.temperature,
                                  tolerance, most))
            out.write(weights.numpy().astype("<f4").tobytes())
            out.write(output.numpy().astype("<f4").tobytes())
            written += 1
    print(f"{written} cases, {os.path.getsize(path)} bytes, torch {torch.__version__}")


if __name__ == "__main__":
    main()
