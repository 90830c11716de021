#!/usr/bin/python3
"""Writes normalisers.h: weights of every normaliser and their derivative, by PyTorch in double.

    /usr/bin/python3 make_normalisers.py > normalisers.h

Sparsemax and entmax15 find their support by sorting, entmax its threshold by bisection and one more Newton step
that autograd can follow, so no formula of the program is repeated here. Derivatives are torch.autograd's, with
respect to l / T.
"""
import math

import torch

D = torch.float64
KINDS = ["softmax", "sparsemax", "entmax15", "entmax", "softmax1", "sigmoid", "relu", "hardmax", "topk", "topp"]
TEMPERATURES = [1e-3, 0.1, 0.5, 1.0, 2.0, 10.0, 1000.0]


class Generator:
    def __init__(self, seed):
        self.x = seed

    def value(self):
        self.x = (1664525 * self.x + 1013904223) % 2**32
        return ((self.x >> 16) % 2049 - 1024) / 512


def sparsemax(z):
    s = torch.sort(z, descending=True).values
    k = torch.arange(1, len(z) + 1, dtype=D)
    size = int((1 + k * s > torch.cumsum(s, 0)).sum())
    return torch.clamp(z - (s[:size].sum() - 1) / size, min=0)


def entmax15(z):
    half = z / 2
    s = torch.sort(half, descending=True).values
    best = None
    for size in range(1, len(z) + 1):
        mean = s[:size].mean()
        spread = ((s[:size] - mean) ** 2).sum()
        if spread > 1:
            break
        tau = mean - torch.sqrt((1 - spread) / size)
        if s[size - 1] > tau:
            best = tau
    return torch.clamp(half - best, min=0) ** 2


def entmax(z, alpha):
    a = alpha - 1
    x = z * a

    def mass(tau):
        return (torch.clamp(x - tau, min=0) ** (1 / a)).sum()

    lo, hi = float(x.detach().max()) - 1, float(x.detach().max())
    for _ in range(200):
        mid = (lo + hi) / 2
        if float(mass(mid).detach()) > 1:
            lo = mid
        else:
            hi = mid
    inside = [i for i in range(len(x)) if float(x[i].detach()) > lo]
    base = x[inside] - lo
    slope = -(base.detach() ** (1 / a - 1)).sum() / a
    tau = lo - ((base ** (1 / a)).sum() - 1) / slope
    out = torch.zeros_like(z)
    out[inside] = (x[inside] - tau) ** (1 / a)
    return out


def kept(z, count):
    order = sorted(range(len(z)), key=lambda j: (-float(z[j].detach()), j))[:count]
    keep = torch.zeros(len(z), dtype=torch.bool)
    keep[order] = True
    return torch.softmax(z.masked_fill(~keep, -math.inf), 0)


def normalise(z, case):
    kind, n = case["kind"], len(z)
    if kind == "softmax":
        return torch.softmax(z, 0)
    if kind == "sparsemax":
        return sparsemax(z)
    if kind == "entmax15":
        return entmax15(z)
    if kind == "entmax":
        return entmax(z, case["alpha"]) if case["alpha"] > 1 else torch.softmax(z, 0)
    if kind == "softmax1":
        return torch.softmax(torch.cat([z, torch.zeros(1, dtype=D)]), 0)[:-1]
    if kind == "sigmoid":
        return torch.sigmoid(z - math.log(n) if case["shift"] else z)
    if kind == "relu":
        return torch.relu(z) / n
    if kind == "hardmax":
        top = z.detach() == z.detach().max()
        return top.to(D) / top.sum() + 0 * z
    if kind == "topk":
        return kept(z, case["k"])
    order = torch.sort(torch.softmax(z.detach(), 0), descending=True, stable=True).values
    return kept(z, int((torch.cumsum(order, 0) < case["p"]).sum()) + 1)


def cases():
    generator, number = Generator(31), 0
    for kind in KINDS:
        for alpha in [1.0, 1.25, 1.5, 2.0, 2.5] if kind == "entmax" else [1.5]:
            for t in TEMPERATURES:
                number += 1
                n = 1 + (number * 7) % 6
                logits = [generator.value() * 2 for _ in range(n)]
                yield {"kind": kind, "alpha": alpha, "t": t, "k": 1 + number % 3, "p": [0.4, 0.75, 0.93][number % 3],
                       "shift": number % 2, "l": logits}


def main():
    table, values = [], []
    for case in cases():
        z = (torch.tensor(case["l"], dtype=D) / case["t"]).requires_grad_()
        slopes = torch.autograd.functional.jacobian(lambda x: normalise(x, case), z)
        w = normalise(z, case).detach()
        table.append(f"    {{{KINDS.index(case['kind'])}, {case['alpha']}, {case['k']}, {case['p']}, {case['shift']}, "
                     f"{case['t']}, {len(case['l'])}, {len(values)}}},")
        values += case["l"] + w.tolist() + slopes.flatten().tolist()
    print("/* Made by make_normalisers.py: do not edit. */")
    print("#ifndef ATTNSCOPE_TESTS_NORMALISERS_H\n#define ATTNSCOPE_TESTS_NORMALISERS_H\n")
    print("/* kind as NormKind; from `values` on: n logits, n weights, n × n derivatives. */")
    print("static const struct {\n    int kind;\n    double alpha;\n    int k;\n    double p;\n    int shift;")
    print("    double t;\n    int n, values;\n} NORMALISERS[] = {")
    print("\n".join(table))
    print("};\n\nstatic const double NORMALISER_VALUES[] = {")
    line = "   "
    for x in values:
        text = f" {x:.14g},"
        if len(line) + len(text) > 100:
            print(line)
            line = "   "
        line += text
    print(line)
    print("};\n\n#endif")


main()
