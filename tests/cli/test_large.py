#!/usr/bin/env python3
"""The generated haystack, small: the needle is found, and rows on demand are the rows of the whole matrix."""
import json
import math
import os
import struct
import subprocess
import sys
import unittest

import support

N, D = 300, 64


def tensors(path):
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        header = json.loads(file.read(size))
        data = file.read()
    out = {}
    for name, about in header.items():
        begin, end = about["data_offsets"]
        values = struct.unpack(f"<{(end - begin) // 4}f", data[begin:end])
        out[name] = [values[i * D:(i + 1) * D] for i in range(about["shape"][0])]
    return out


class Large(support.Case):
    def make(self, n):
        folder = os.path.join(self.folder, str(n))
        script = os.path.join(support.ROOT, "examples", "large", "make_haystack.py")
        subprocess.run([sys.executable, "-B", script, str(n), "--out", folder], check=True)
        return os.path.join(folder, "haystack.attn.json")

    def test_the_question_finds_the_needle(self):
        path = self.make(N)
        x = tensors(os.path.join(os.path.dirname(path), "haystack.safetensors"))
        with open(path, encoding="utf-8") as file:
            tokens = json.load(file)["tokens"]
        needle = tokens.index("needle")
        question = [i for i, token in enumerate(tokens) if token == "where?"]
        self.assertEqual((needle, question), (N * 9 // 16, list(range(N - N // 64, N))))
        rows = support.read_npy(self.good("dump", path, "--stage", "weights", "--format", "npy"))
        for i in [0, 1, 100, needle] + question:
            scores = [math.fsum(a * b for a, b in zip(x["q"][i], key)) / 8 for key in x["k"]]
            top = max(scores)
            total = math.fsum(math.exp(s - top) for s in scores)
            for j, s in enumerate(scores):
                self.assertAlmostEqual(rows[i][j], math.exp(s - top) / total, delta=2e-6)
        for i in range(N):
            (self.assertGreater if i in question else self.assertLess)(rows[i][needle], 0.5, f"row {i}")
        self.assertEqual(max(range(N), key=lambda j: rows[question[0]][j]), needle)

    def test_rows_on_demand_are_those_of_the_whole_matrix(self):
        path = self.make(400)
        for stage in ("scores", "scaled", "masked", "weights", "output"):
            for options in ([], ["--set", "mask.causal=true", "--set", "temperature=0.7"]):
                dump = ["dump", path, "--stage", stage, "--format", "npy", *options]
                self.assertEqual(self.good(*dump), self.good(*dump, "--set", "compute.memory=1"), stage)

    def test_a_picture_of_rows_on_demand_is_the_same_every_time(self):
        path = self.make(400)
        pictures = []
        for name in ("a.png", "b.png"):
            out = os.path.join(self.folder, name)
            self.good("render", path, "--set", "compute.memory=1", "-o", out)
            with open(out, "rb") as file:
                pictures.append(file.read())
        self.assertEqual(*pictures)


if __name__ == "__main__":
    unittest.main()
