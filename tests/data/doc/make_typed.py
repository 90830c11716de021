#!/usr/bin/env python3
"""Writes typed_reference.h: typed sentences through embedding, position, projections and softmax,
computed in double by numpy alone. Run it in this folder."""
import numpy

TOKENS = ["<unk>", "the", "cat", "sat", "on", "mat", ".", "##s", "北", "京"]
TEXTS = [("The cat sat on the mat.", [1, 2, 3, 4, 1, 5, 6]), ("cats zebra", [2, 7, 0]), ("北京", [8, 9])]
D_MODEL, D_K, D_V = 6, 4, 3


def sinusoidal(n, d):
    p = numpy.arange(n)[:, None]
    pair = numpy.arange(d)[None, :] // 2 * 2
    angle = p / 10000.0 ** (pair / d)
    return numpy.where(numpy.arange(d) % 2 == 0, numpy.sin(angle), numpy.cos(angle))


def array(out, name, values, ctype="double"):
    flat = [repr(v) for v in numpy.asarray(values).ravel().tolist()]
    out.append(f"static const {ctype} {name}[] = {{")
    line = "   "
    for text in flat:
        if len(line) + len(text) + 2 > 98:
            out.append(line)
            line = "   "
        line += f" {text},"
    out += [line, "};"]


def main():
    rng = numpy.random.default_rng(20260)
    embedding = rng.normal(size=(len(TOKENS), D_MODEL))
    w_q, w_k = rng.normal(size=(D_K, D_MODEL)), rng.normal(size=(D_K, D_MODEL))
    w_v, b_q = rng.normal(size=(D_V, D_MODEL)), rng.normal(size=D_K)
    out = ["/* Written by make_typed.py: do not edit. */", "/* clang-format off */",
           f"enum {{ REF_D = {D_MODEL}, REF_K = {D_K}, REF_V = {D_V}, REF_TEXTS = {len(TEXTS)} }};",
           "static const char *const REF_TOKENS[] = {",
           "    " + ", ".join(f'"{t}"' for t in TOKENS), "};"]
    for name, values in (("REF_EMBEDDING", embedding), ("REF_W_Q", w_q), ("REF_W_K", w_k),
                         ("REF_W_V", w_v), ("REF_B_Q", b_q)):
        array(out, name, values)
    for i, (text, ids) in enumerate(TEXTS):
        x = embedding[ids] + sinusoidal(len(ids), D_MODEL)
        scores = (x @ w_q.T + b_q) @ (x @ w_k.T).T / numpy.sqrt(D_K)
        weights = numpy.exp(scores - scores.max(axis=1, keepdims=True))
        weights /= weights.sum(axis=1, keepdims=True)
        array(out, f"REF_IDS{i}", ids, "int")
        array(out, f"REF_X{i}", x)
        array(out, f"REF_WEIGHTS{i}", weights)
        array(out, f"REF_OUTPUT{i}", weights @ (x @ w_v.T))
    out.append("static const struct {\n    const char *text;\n    int n;\n    const int *ids;\n"
               "    const double *x, *weights, *output;\n} REF[] = {")
    for i, (text, ids) in enumerate(TEXTS):
        out.append(f'    {{"{text}", {len(ids)}, REF_IDS{i}, REF_X{i}, REF_WEIGHTS{i}, REF_OUTPUT{i}}},')
    out.append("};")
    with open("typed_reference.h", "w", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
