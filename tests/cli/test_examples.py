"""Every example, by what the program says of it: it opens, its weights are those that another
program recorded, and where a head has kinds of its own, those that plain arithmetic gives."""
import base64
import json
import math
import struct
import sys
import unittest

import support

TOLERANCE = 1e-5
# Made by hand for typing: no other program ran it.
WITHOUT_RECORD = {"type-a-sentence"}


def dot(a, b):
    return math.fsum(x * y for x, y in zip(a, b))


def apply(matrix, x):
    return [dot(row, x) for row in matrix]


def softmax(row):
    powers = [math.exp(x - max(row)) for x in row]
    return [p / math.fsum(powers) for p in powers]


def rows_of(value):
    """A matrix that stands in the document as base64 of float32."""
    numbers = [x for (x,) in struct.iter_unpack("<f", base64.b64decode(value["base64"]))]
    columns = value["shape"][1]
    return [numbers[i:i + columns] for i in range(0, len(numbers), columns)]


def document_of(name):
    path = support.EXAMPLES / name / (name + ".attn.json")
    return path, json.loads(path.read_text("utf-8"))


class Examples(support.Case):
    def info(self, path):
        return json.loads(self.good("info", path, "--json"))

    def test_every_example_agrees_with_what_was_recorded(self):
        paths = support.example_documents()
        self.assertGreaterEqual(len(paths), 15)
        for path in paths:
            with self.subTest(path=path.name):
                info = self.info(path)
                if path.parent.name in WITHOUT_RECORD:
                    continue
                self.assertLessEqual(info["recorded_error"]["value"], TOLERANCE)
                self.assertEqual(info["nonfinite"], 0)

    def test_every_example_has_a_readme_and_stays_small(self):
        for folder in [p.parent for p in support.example_documents()]:
            with self.subTest(folder=folder.name):
                self.assertTrue((folder / "README.md").is_file())
                for path in folder.iterdir():
                    self.assertLess(path.stat().st_size, 3 << 20, path.name)

    def test_every_kind_of_score_is_shown(self):
        kinds = set()
        for path in support.example_documents():
            document = json.loads(path.read_text("utf-8"))
            for part in document.get("sentences", [document]):
                for layer in part["layers"]:
                    for head in layer.get("heads", [layer]):
                        kinds.add(head.get("score", {"kind": "dot"})["kind"])
        self.assertEqual(kinds, {"dot", "cosine", "additive", "general", "bilinear", "concat",
                                 "location", "featurewise", "elementwise", "gate", "gaussian"})

    def test_slips_alone_warn(self):
        for path in support.example_documents():
            with self.subTest(path=path.name):
                warnings = self.info(path)["warnings"]
                self.assertEqual(len(warnings), 1 if path.parent.name == "slips" else 0, warnings)

    def weights(self, path, *more):
        return support.read_csv(self.good("dump", path, "--stage", "weights", "--format", "csv",
                                          *more))

    def assert_close(self, got, due, tolerance=1e-6):
        self.assertEqual([len(row) for row in got], [len(row) for row in due])
        for a, b in zip(sum(got, []), sum(due, [])):
            self.assertLessEqual(abs(a - b), tolerance)

    def test_hidden_states_are_as_on_paper(self):
        path, document = document_of("hidden-states")
        head = document["layers"][0]["heads"][0]
        e = [apply(head["score"]["w_e"], h) for h in head["q"]]
        a = [apply(head["score"]["w_a"], x) for x in head["k"]]
        scores = [[dot(p, q) for q in a] for p in e]
        got = support.read_csv(self.good("dump", path, "--stage", "scores", "--format", "csv"))
        self.assert_close(got, scores, 1e-5)
        self.assert_close(got, [[16.01, 36.33, 56.65], [20.17, 45.77, 71.37],
                                [24.33, 55.21, 86.09]], 1e-5)
        warm = [softmax([s / 20 for s in row]) for row in scores]
        self.assert_close(self.weights(path, "--set", "temperature=20"), warm)
        output = [[dot(row, column) for column in zip(*a)] for row in warm]
        got = support.read_csv(self.good("dump", path, "--stage", "output", "--format", "csv",
                                         "--set", "temperature=20"))
        self.assert_close(got, output, 1e-5)

    def test_a_word_has_one_weight_whatever_the_others_are(self):
        path, _ = document_of("mood")
        text = "the wine was odd but the view was great"
        one = self.weights(path, "--text", text)
        other = self.weights(path, "--text", "the view was great but the wine was odd")
        self.assertEqual((len(one), len(one[0])), (1, 9))
        self.assertLess(abs(one[0][8] - other[0][3]), 1e-6)
        self.assertEqual(max(one[0]), one[0][8])

    def test_featurewise_is_softmax_of_tanh_per_feature(self):
        path, document = document_of("shopping")
        layers = document["sentences"][0]["layers"]
        layer = [entry["name"] for entry in layers].index("featurewise")
        head = layers[layer]["heads"][0]
        q, k = rows_of(head["q"]), rows_of(head["k"])
        w_q, w_k = (rows_of(head["score"][name]) for name in ("w_q", "w_k"))
        keys = [apply(w_k, row) for row in k]
        for query in (0, 3):
            asked = apply(w_q, q[query])
            due = [softmax([math.tanh(asked[f] + key[f]) for key in keys])
                   for f in range(len(w_q))]
            self.assert_close(self.weights(path, "--layer", layer, "--query", query), due)

    def test_rows_of_the_slip_over_queries_do_not_sum_to_one(self):
        path, _ = document_of("slips")
        rows = self.weights(path, "--layer", "4")
        self.assertGreater(max(abs(sum(row) - 1) for row in rows), 0.2)
        for column in zip(*rows):
            self.assertLess(abs(sum(column) - 1), 1e-6)
        right = self.weights(path)
        self.assert_close(self.weights(path, "--layer", "1", "--set", "temperature=2"), right)
        self.assert_close(self.weights(path, "--set", "scale.mode=none"),
                          self.weights(path, "--layer", "1"))
        self.assert_close(self.weights(path, "--set", "scale.mode=sqrt_dmodel"),
                          self.weights(path, "--layer", "2"))


if __name__ == "__main__":
    sys.exit(unittest.main())
