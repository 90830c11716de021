#!/usr/bin/env python3
"""Heads whose weights are not queries × keys: the shapes that dump writes, and the numbers of their definitions."""
import json
import math
import unittest

import support


def product(matrix, vector):
    return [math.fsum(a * b for a, b in zip(row, vector)) for row in matrix]


def softmax(row):
    top = max(row)
    total = math.fsum(math.exp(x - top) for x in row)
    return [math.exp(x - top) / total for x in row]


class Forms(support.Case):
    def stage(self, path, stage, *options):
        """Rows of numbers, the same in every format."""
        base = ["dump", path, "--stage", stage, *options]
        csv = support.read_csv(self.good(*base))
        self.assertEqual(support.read_npy(self.good(*base, "--format", "npy")),
                         [[support.f32(x) for x in row] for row in csv])
        said = json.loads(self.good(*base, "--format", "json"))
        self.assertEqual((said["rows"], said["cols"]), (len(csv), len(csv[0])))
        return csv

    def close(self, got, want):
        self.assertEqual((len(got), len(got[0])), (len(want), len(want[0])))
        for i, row in enumerate(want):
            for j, value in enumerate(row):
                self.assertLessEqual(abs(got[i][j] - value), 2e-6 * max(1, abs(value)), (i, j))

    def document(self, name, head, n_q, n_k=None):
        axes = {"tokens": support.tokens("t", n_q)} if n_k is None else {
            "queries": {"tokens": support.tokens("q", n_q)}, "keys": {"tokens": support.tokens("k", n_k)}}
        return self.put(name, json.dumps({"attnscope": 1, **axes, "layers": [{"heads": [head]}]}))

    def test_a_feature_map_is_features_by_keys_of_the_query_asked_for(self):
        rng = support.seeded(3)
        n_q, n_k, h, d = 5, 7, 3, 4
        q, k = support.matrix(rng, n_q, d), support.matrix(rng, n_k, d)
        w_q, w_k, v = support.matrix(rng, h, d), support.matrix(rng, h, d), support.matrix(rng, n_k, h)
        path = self.document("f.attn.json", {"q": q, "k": k, "v": v, "score": {
            "kind": "featurewise", "w_q": w_q, "w_k": w_k}}, n_q, n_k)
        output = []
        for i in range(n_q):
            a, b = product(w_q, q[i]), [product(w_k, row) for row in k]
            scores = [[math.tanh(a[f] + b[j][f]) for j in range(n_k)] for f in range(h)]
            weights = [softmax([s / 0.5 for s in row]) for row in scores]
            options = ["--query", str(i), "--set", "temperature=0.5"]
            self.close(self.stage(path, "scores", *options), scores)
            self.close(self.stage(path, "weights", *options), weights)
            output.append([math.fsum(weights[f][j] * v[j][f] for j in range(n_k)) for f in range(h)])
        for i in range(n_q):  # the output is that of every query, whoever is asked for
            self.close(self.stage(path, "output", "--query", str(i), "--set", "temperature=0.5"), output)
        self.assertEqual(self.good("dump", path, "--stage", "weights"),
                         self.good("dump", path, "--stage", "weights", "--query", "0"))
        self.bad(1, f"{path}: query: expected 0 … 4, found 5", "dump", path, "--stage", "weights", "--query", "5")

    def test_one_weight_per_position_is_one_row(self):
        rng = support.seeded(4)
        n, d = 6, 3
        q, k, v = (support.matrix(rng, n, d) for _ in range(3))
        weights = softmax([math.fsum(a * b for a, b in zip(q[i], k[i])) for i in range(n)])
        head = {"q": q, "k": k, "v": v, "score": {"kind": "elementwise"}, "recorded": [weights]}
        path = self.document("e.attn.json", head, n)
        self.close(self.stage(path, "weights"), [weights])
        self.close(self.stage(path, "weights", "--query", "4"), [weights])
        total = [math.fsum(weights[j] * v[j][c] for j in range(n)) for c in range(d)]
        self.close(self.stage(path, "output"), [total] * n)
        said = self.good("info", path).decode()
        line = next(line for line in said.splitlines() if line.startswith("recorded"))
        error = float(line.split("| ")[1].split(",")[0])
        self.assertLess(error, 1e-6)
        head["recorded"] = [[w + (0.25 if j == 2 else 0) for j, w in enumerate(weights)]]
        said = self.good("info", self.document("wrong.attn.json", head, n)).decode()
        line = next(line for line in said.splitlines() if line.startswith("recorded"))
        self.assertAlmostEqual(float(line.split("| ")[1].split(",")[0]), 0.25, 5)
        self.assertTrue(line.endswith("key 2"), line)

    def test_a_gate_is_positions_by_channels(self):
        rng = support.seeded(5)
        for n, c in ((5, 3), (2, 6), (1, 1)):
            x, one, two = support.matrix(rng, n, c), support.matrix(rng, c, c), support.matrix(rng, c, c)
            scores = []
            for row in x:
                a = product(one, row)
                scores.append([s * t for s, t in zip(a, product(two, a))])
            weights = [[1 / (1 + math.exp(-s)) for s in row] for row in scores]
            path = self.document(f"g{c}.attn.json", {"x": x, "recorded": weights, "score": {
                "kind": "gate", "conv1": one, "conv2": two}}, n)
            self.close(self.stage(path, "scores"), scores)
            self.close(self.stage(path, "weights"), weights)
            self.close(self.stage(path, "output"), [[w * s for w, s in zip(a, b)] for a, b in zip(weights, x)])
            self.good("dump", path, "--stage", "weights", "--set", f"key={c - 1}")  # a channel
            self.bad(1, f"{path}: key: expected 0 … {c - 1}, found {c}", "dump", path, "--stage", "weights",
                     "--set", f"key={c}")

    def test_every_form_is_rendered_in_every_view_and_stage(self):
        for name, layer in (("shopping", "2"), ("mood", "0"), ("image-gate", "0")):
            path = support.EXAMPLES / name / f"{name}.attn.json"
            for view in ("heatmap", "lines", "heads", "window"):
                for stage in ("weights", "output"):
                    out = self.folder / "out.svg"
                    self.good("render", path, "--layer", layer, "--view", view, "--query", "3", "--set",
                              f"stage={stage}", "--set", "key=5", "--size", "500x400", "-o", out)
                    self.assertGreater(out.stat().st_size, 500)


if __name__ == "__main__":
    unittest.main()
