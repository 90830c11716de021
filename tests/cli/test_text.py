#!/usr/bin/env python3
"""--text: a typed sentence through every subcommand, against plain Python in double."""
import json
import math
import unittest

import support

EXAMPLE = support.ROOT / "examples" / "type-a-sentence" / "type-a-sentence.attn.json"


def sinusoidal(p, d):
    return [(math.sin, math.cos)[c % 2](p / 10000 ** (c // 2 * 2 / d)) for c in range(d)]


def times(w, x):
    return [math.fsum(a * b for a, b in zip(row, x)) for row in w]


class Text(support.Case):
    def setUp(self):
        super().setUp()
        self.document = json.loads(EXAMPLE.read_text("utf-8"))

    def dump(self, stage, text, *options):
        return support.read_csv(self.good("dump", str(EXAMPLE), "--stage", stage, "--text", text, *options))

    def close(self, got, want, tolerance):
        self.assertEqual((len(got), len(got[0])), (len(want), len(want[0])))
        for row, right in zip(got, want):
            for a, b in zip(row, right):
                self.assertLessEqual(abs(a - b), tolerance * max(1, abs(b)))

    def test_every_stage_follows_the_definition(self):
        words = ["the", "old", "dogs", "see", "it", "."]
        vocab = self.document["vocab"]
        embedding = [vocab["embedding"][vocab["tokens"].index(word)] for word in words]
        position = [sinusoidal(p, 32) for p in range(len(words))]
        x = [[a + b for a, b in zip(*rows)] for rows in zip(embedding, position)]
        text = "The  old dogs see it."
        self.close(self.dump("embedding", text), embedding, 1e-7)
        self.close(self.dump("position", text), position, 1e-7)
        self.close(self.dump("x", text), x, 1e-7)
        for i, head in enumerate(self.document["layers"][0]["heads"]):
            q, k, v = ([times(head[w], row) for row in x] for w in ("w_q", "w_k", "w_v"))
            scaled = [[t / math.sqrt(len(q[0])) for t in times(k, row)] for row in q]
            parts = [[math.exp(s - max(row)) for s in row] for row in scaled]
            weights = [[p / math.fsum(row) for p in row] for row in parts]
            output = [times(list(zip(*v)), row) for row in weights]
            for stage, want in (("q", q), ("k", k), ("v", v), ("scaled", scaled), ("weights", weights),
                                ("output", output)):
                self.close(self.dump(stage, text, "--head", str(i)), want, 1e-5)

    def test_settings_say_the_same_as_the_option(self):
        a = self.good("dump", str(EXAMPLE), "--stage", "weights", "--text", "the cat")
        b = self.good("dump", str(EXAMPLE), "--stage", "weights", "--set", "text=the cat", "--set", "text.typed=true")
        self.assertEqual(a, b)

    def test_no_words_and_no_vocabulary_are_refused_in_one_line(self):
        for text in ("", "   "):
            for command in (["info"], ["dump", "--stage", "weights"], ["render", "-o", "x.png"]):
                self.bad(1, f"{EXAMPLE}: text: expected at least one word, found none",
                         *command, str(EXAMPLE), "--text", text)
        plain = support.ROOT / "examples" / "three-tokens" / "three-tokens.attn.json"
        self.bad(1, f"{plain}: text: expected a document with a vocabulary, found none in it",
                 "dump", str(plain), "--stage", "weights", "--text", "a")

    def test_unknown_words_are_a_warning(self):
        code, out, err = support.run("dump", EXAMPLE, "--stage", "weights", "--text", "the gnu sees foo")
        self.assertEqual((code, len(support.read_csv(out))), (0, 4))
        self.assertEqual(err, f"{EXAMPLE}: warning: 2 words are not in the vocabulary: gnu, foo\n")

    def test_masks_of_the_documents_own_tokens_are_told(self):
        note = "are of its own tokens and do not act on the typed text."
        for fields, said in (('"mask": [[1,0],[1,1]], "segments": [0,1]', f"The document's mask and segments {note}"),
                             ('"segments": [0,1]', f"The document's segments {note}"),
                             ('"mask": [[1,0],[1,1]]', "The document's mask is of its own tokens and does not act "
                              "on the typed text.")):
            path = self.put("m.attn.json", '{"attnscope":1,"tokens":["a","b"],' + fields + ',"vocab":{"tokens":'
                            '["a","b"],"embedding":[[1,0],[0,1]]},"layers":[{"heads":[{"w_q":[[1,0]],"w_k":[[0,1]]}]}]}')
            for text, more in (("b a a", ""), ("b a c", " 1 word is not in the vocabulary: c")):
                code, _, err = support.run("dump", path, "--stage", "weights", "--text", text)
                self.assertEqual((code, err), (0, f"{path}: warning: {said}{more}\n"))
            self.good("dump", path, "--stage", "weights")

    def test_too_few_positions_are_told_alike(self):
        path = self.put("p.attn.json", '{"attnscope":1,"tokens":["a","b","a"],"vocab":{"tokens":["a","b"],"embedding":'
                        '[[1,0],[0,1]],"position":[[1,0]]},"layers":[{"heads":[{"w_q":[[1,0]],"w_k":[[0,1]]}]}]}')
        for command in (["check", path], ["info", path], ["dump", path, "--stage", "weights"]):
            self.bad(2, f"{path}: vocab.position: expected a row for each of 3 tokens, found 1", *command)

    def test_a_line_is_a_line(self):
        code, out, err = support.run("dump", EXAMPLE, "--stage", "weights", "--text", "a\nb")
        self.assertEqual((code, out), (1, b""))
        self.assertIn("text: expected a line of at most 65536 bytes of UTF-8, found a control character", err)

    def test_long_texts_are_cut_and_told(self):
        code, out, err = support.run("dump", EXAMPLE, "--stage", "x", "--text", "the " * 5000)
        self.assertEqual((code, len(out.splitlines())), (0, 4096))
        self.assertIn("The text is cut after 4096 tokens.", err)


if __name__ == "__main__":
    unittest.main()
