#!/usr/bin/python3
"""Writes reference.h: weights and outputs of small attention problems, computed by PyTorch.

    /usr/bin/python3 make_reference.py > reference.h

Softmax runs in torch.float64 (and once more in torch.float32, which must agree). Sparsemax and entmax15 find
their threshold by bisection in Python floats, so they share nothing with the program's own method. Inputs are
multiples of 1/512 from a generator that the C test repeats, so that only results are stored.
"""
import itertools
import math
import sys

import torch

SHAPES = [(1, 1, 1), (1, 5, 3), (5, 3, 1), (4, 7, 64), (6, 6, 80), (3, 9, 127)]
MASKS = [  # causal, bottom, window, padding
    (0, 0, 0, 0), (1, 0, 0, 0), (1, 1, 0, 0), (0, 0, 2, 0), (1, 1, 3, 1)]
NORMS = ["softmax", "sparsemax", "entmax15", "softmax1", "sigmoid"]
TEMPERATURES = [1.0, 0.5, 3.0, 0.01, 100.0]
D_V = 2


class Generator:
    """x ← 1664525 x + 1013904223 mod 2³², value (x >> 16) mod 2049 − 1024, over 512."""

    def __init__(self, seed):
        self.x = seed

    def value(self):
        self.x = (1664525 * self.x + 1013904223) % 2**32
        return ((self.x >> 16) % 2049 - 1024) / 512

    def matrix(self, rows, cols):
        return [[self.value() for _ in range(cols)] for _ in range(rows)]


def allowed(n_q, n_k, mask):
    causal, bottom, window, padding = mask
    out = torch.ones(n_q, n_k, dtype=torch.bool)
    for i, j in itertools.product(range(n_q), range(n_k)):
        p = i + (n_k - n_q if bottom else 0)
        if (causal and j > p) or (window and abs(j - p) >= window) or (padding and j == n_k - 1):
            out[i, j] = False
    return out


def bisect(z, mass):
    lo, hi = max(z) - 1, max(z)
    for _ in range(200):
        mid = (lo + hi) / 2
        if mass(mid) > 1:
            lo = mid
        else:
            hi = mid
    return (lo + hi) / 2


def sparse_row(z, norm):
    if norm == "sparsemax":
        tau = bisect(z, lambda t: sum(max(x - t, 0) for x in z))
        return [max(x - tau, 0) for x in z]
    half = [x / 2 for x in z]
    tau = bisect(half, lambda t: sum(max(x - t, 0) ** 2 for x in half))
    return [max(x - tau, 0) ** 2 for x in half]


def weights(scores, mask, norm, temperature, d):
    x = scores / math.sqrt(d) / temperature
    x = x.masked_fill(~mask, -math.inf)
    if norm == "softmax":
        out = torch.softmax(x, -1)
    elif norm == "softmax1":  # a zero column that is thrown away
        zero = torch.zeros(x.shape[0], 1, dtype=x.dtype)
        out = torch.softmax(torch.cat([x, zero], 1), -1)[:, :-1]
    elif norm == "sigmoid":
        out = torch.sigmoid(x)
    else:
        out = torch.zeros_like(x)
        for i in range(x.shape[0]):
            keys = [j for j in range(x.shape[1]) if mask[i, j]]
            if keys:
                row = sparse_row([float(x[i, j]) for j in keys], norm)
                for j, w in zip(keys, row):
                    out[i, j] = w
    return out.masked_fill(~mask, 0)  # PyTorch: NaN where a whole row is masked; here 0


def main():
    print("/* Written by make_reference.py with PyTorch %s. Do not edit. */" % torch.__version__.split("+")[0])
    values, cases, worst = [], [], 0.0
    for number, (shape, mask, norm) in enumerate(itertools.product(SHAPES, MASKS, NORMS)):
        n_q, n_k, d = shape
        temperature = TEMPERATURES[(number // len(NORMS) + number) % len(TEMPERATURES)]
        g = Generator(1000 + number)
        q, k, v = g.matrix(n_q, d), g.matrix(n_k, d), g.matrix(n_k, D_V)
        see = allowed(n_q, n_k, mask)
        results = {}
        for kind in (torch.float64, torch.float32):
            tq, tk = torch.tensor(q, dtype=kind), torch.tensor(k, dtype=kind)
            results[kind] = weights(tq @ tk.T, see, norm, temperature, d)
        w = results[torch.float64]
        if temperature >= 0.5:  # float32 must agree where scores are not blown up
            worst = max(worst, float((results[torch.float32].double() - w).abs().max()))
        out = w @ torch.tensor(v, dtype=torch.float64)
        cases.append((n_q, n_k, d) + mask + (NORMS.index(norm), temperature, len(values)))
        values += [float(x) for x in w.flatten()] + [float(x) for x in out.flatten()]
    assert worst < 3e-6, worst
    print("enum { REFERENCE_D_V = %d, REFERENCE_CASES = %d };" % (D_V, len(cases)))
    print("static const struct {")
    print("    int n_q, n_k, d, causal, bottom, window, padding, norm;")
    print("    double temperature;")
    print("    int values; /* n_q × n_k weights, then n_q × REFERENCE_D_V outputs */")
    print("} REFERENCE[] = {")
    for case in cases:
        print("    {%s}," % ", ".join(repr(x) for x in case))
    print("};")
    print("static const double REFERENCE_VALUES[] = {")
    line = "   "
    for x in values:
        text = " %s," % ("0" if x == 0 else "%.13g" % x)
        if len(line) + len(text) > 100:
            print(line)
            line = "   "
        line += text
    print(line)
    print("};")
    print("largest float32 deviation of PyTorch: %.2g" % worst, file=sys.stderr)


main()
