#!/usr/bin/env python3
"""Heads that cannot be computed: the document opens, the others and the vectors of the file are there."""
import unittest

import support

QK = '"q": [[1, 2], [3, 4]], "k": [[1, 0], [0, 1]]'
KINDS = ("auto, dot, cosine, additive, general, bilinear, concat, location, featurewise, elementwise, "
         "gate or gaussian")
WARP = f'layers[0].heads[0].score.kind: expected {KINDS}, found "warp": this head has no scores'


class Unusable(support.Case):
    def document(self, *heads):
        return self.put("h.attn.json", '{"attnscope": 1, "tokens": ["a", "b"], "layers": [{"heads": [%s]}]}'
                        % ", ".join("{%s}" % head for head in heads))

    def test_a_document_of_nothing_else_opens_and_dump_says_why(self):
        path = self.document('"score": {"kind": "warp", "a": 1}')
        code, out, err = support.run("check", path)
        self.assertEqual((code, err), (0, f"{path}: warning: {WARP}\n"))
        self.assertIn(b"ok", out)
        code, out, err = support.run("dump", path, "--stage", "weights")
        self.assertEqual((code, out), (1, b""))
        self.assertEqual(err.splitlines()[-1],
                         f'{path}: score warp: expected a kind that is known, found "warp"')
        code, out, _ = support.run("info", path)
        self.assertEqual(code, 0)
        self.assertIn("warp of q and k: no scores", out.decode())
        for view in ("window", "heads"):
            code, _, err = support.run("render", path, "--view", view, "-o", self.folder / "a.png")
            self.assertEqual(code, 0, err)

    def test_the_other_heads_are_there(self):
        path = self.document('"score": {"kind": "warp"}', QK)
        code, out, _ = support.run("dump", path, "--stage", "scores", "--head", "1")
        self.assertEqual((code, out), (0, b"1,2\n3,4\n"))
        code, _, err = support.run("render", path, "--view", "heads", "-o", self.folder / "a.png")
        self.assertEqual(code, 0, err)

    def test_vectors_of_the_file_are_dumped_without_scores(self):
        for score in ('{"kind": "warp"}', '{"kind": "gate"}', '{"kind": "additive"}'):
            path = self.document(f'{QK}, "v": [[5], [6]], "score": {score}')
            for stage, want in (("q", b"1,2\n3,4\n"), ("k", b"1,0\n0,1\n"), ("v", b"5\n6\n")):
                code, out, _ = support.run("dump", path, "--stage", stage)
                self.assertEqual((code, out), (0, want), score)
            self.assertEqual(support.run("dump", path, "--stage", "scores")[0], 1)

    def test_scores_of_the_file_are_used(self):
        path = self.document('"scores": [[1, 2], [3, 4]], "score": {"kind": "warp"}')
        code, out, err = support.run("dump", path, "--stage", "scores")
        self.assertEqual((code, out, err), (0, b"1,2\n3,4\n", ""))

    def test_what_does_not_act_is_not_claimed(self):
        path = self.document(f'{QK}, "mask": [[1, 0], [1, 1]], "score": {{"kind": "elementwise"}}, '
                             '"bias": [{"kind": "alibi", "slope": 1}]')
        code, out, _ = support.run("info", path)
        self.assertEqual(code, 0)
        self.assertIn("bias does not act on elementwise scores", out.decode())
        self.assertNotIn("1 bias", out.decode())
        self.assertNotIn(", mask", out.decode())

    def test_a_factor_of_0_is_refused(self):
        self.bad(1, None, "dump", self.document(QK), "--stage", "scores", "--set", "score.factor=0")

    def test_widths_that_double_can_hold_only_once_give_weights(self):
        path = self.document(f'{QK}, "score": {{"kind": "gaussian", "sigma": 1e-160}}')
        self.assertEqual(self.good("dump", path, "--stage", "scores"), b"-inf,-inf\n-inf,-inf\n")
        self.assertEqual(self.good("dump", path, "--stage", "weights"), b"0,1\n0,1\n")


if __name__ == "__main__":
    unittest.main()
