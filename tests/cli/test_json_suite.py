#!/usr/bin/env python3
"""Public suites of texts: JSON parser tests under check --syntax by the names of their files; strings that break
programs, and strings of combining characters, as tokens."""
import json
import os
import pathlib
import re
import unittest
import xml.etree.ElementTree as ElementTree

import support

SHARED = pathlib.Path(os.environ.get("ATTNSCOPE_SHARED", support.ROOT.parent / "shared" / "data"))
SUITE = SHARED / "json" / "JSONTestSuite"
# Refused on purpose: U+0000 cannot be part of a token.
NUL = {"y_object_escaped_null_in_key.json", "y_string_null_escape.json"}
# Where the standard leaves it open: what is accepted, and why the others are not.
ACCEPTED = {"i_number_double_huge_neg_exp", "i_number_real_underflow", "i_number_too_big_neg_int",
            "i_number_too_big_pos_int", "i_number_very_big_negative_int", "i_structure_UTF-8_BOM_empty_object"}
REFUSED = [
    (r"i_number_(huge_exp|neg_int_huge_exp|pos_double_huge_exp|real_(neg|pos)_overflow)",
     r"line 1, column 2 \(\[0\]\): number: expected at most 1\.7976931348623157e308 in size, found "),
    (r"i_(object_key_lone_2nd_surrogate|string_.*surrogate(?!_U\+D800).*)",
     r"line 1, column 3( \(\[0\]\))?: escape: expected a pair of surrogates, found \\u[0-9a-f]{4} alone$"),
    (r"i_string_(UTF-16LE_with_BOM|utf16LE_no_BOM)",
     r"byte 0: encoding: expected UTF-8, found UTF-16 \(little-endian\)$"),
    (r"i_string_utf16BE_no_BOM", r"byte 0: encoding: expected UTF-8, found UTF-16 \(big-endian\)$"),
    (r"i_structure_500_nested_arrays",
     r"line 1, column 65 \(.*\): nesting: expected at most 64 levels, found more \(limit 64\)$"),
    (r"i_string_.*", r"line 1, column [35] \(\[0\]\): string: expected UTF-8, found byte 0x[8-F][0-9A-F] "
                     r"\(byte \d+ of the file\)( \(Latin-1\? .*\))?$"),
]


class Suite(support.Case):
    def test_all_files_are_judged_by_name_in_one_run(self):
        files = sorted(SUITE.rglob("*.json"))
        if not files:
            self.skipTest("SKIPPED: needs json/JSONTestSuite")
        code, out, err = support.run("check", "--syntax", *files)
        good = {line.rsplit(": ok: ", 1)[0] for line in out.decode("utf-8").splitlines()}
        self.assertEqual(len(good) + len(err.splitlines()), len(files), "one line a file")
        self.assertEqual(code, 3, "the deepest files are over a limit")
        counts = {"y": 0, "n": 0, "i": 0}
        for path in files:
            kind, accepted = path.name[0], str(path) in good
            counts[kind] += accepted
            if kind == "y":
                self.assertEqual(accepted, path.name not in NUL, path.name)
            elif kind == "n":
                self.assertFalse(accepted, path.name)
        self.assertEqual((counts["y"], counts["n"], counts["i"]), (93, 0, 6))
        names = [path.name[0] for path in files]
        self.assertEqual([names.count(kind) for kind in "yni"], [95, 188, 35])
        why = dict(line.split(".json: ", 1) for line in err.splitlines())
        for path in files:
            if path.name in NUL:
                self.assertRegex(why[str(path)[:-5]], r"expected a character that can be part of a token, found U\+0000$")
            elif path.name[0] == "i":
                self.judge(path.stem, why.get(str(path)[:-5]))

    def judge(self, name, found):
        if name in ACCEPTED:
            self.assertIsNone(found, name)
            return
        expected = next(text for pattern, text in REFUSED if re.fullmatch(pattern, name))
        self.assertIsNotNone(found, name)
        self.assertRegex(found, "^" + expected, name)

    def test_what_becomes_0_or_is_rounded_in_a_document_is_told(self):
        for number, count in (("123.456e-789", "too small for a double"), ("-123123123123123123123", "beyond 2^53")):
            path = self.put("x.attn.json", '{"attnscope": 1, "tokens": ["a"], "note": %s, "layers": [{"heads": '
                                           '[{"weights": [[1]]}]}]}' % number)
            code, _, err = support.run("check", path)
            self.assertEqual(code, 0, err)
            self.assertIn(count, err)


class Tokens(support.Case):
    def draw(self, tokens):
        """Opens, dumps and draws a document of these tokens; its drawings must be XML."""
        n = len(tokens)
        weights = [[1 / (i + 1) if j <= i else 0 for j in range(n)] for i in range(n)]
        path = self.put("t.attn.json", json.dumps(
            {"attnscope": 1, "title": tokens[0], "tokens": tokens, "layers": [{"heads": [{"weights": weights}]}]}))
        self.assertIn("ok", self.good("check", path).decode())
        rows = support.read_csv(self.good("dump", path, "--stage", "weights"))
        self.assertEqual([len(row) for row in rows], [n] * n)
        told = json.loads(self.good("info", path, "--json"))
        self.assertIsInstance(told, dict)
        for view in ("heatmap", "lines", "window"):
            out = self.folder / f"{view}.svg"
            code, _, err = support.run("render", path, "--view", view, "--size", "900x700", "--set", "query=0",
                                       "-o", out)
            self.assertEqual(code, 0, err)
            ElementTree.parse(out)
            again = self.folder / "again.svg"
            support.run("render", path, "--view", view, "--size", "900x700", "--set", "query=0", "-o", again)
            self.assertEqual(out.read_bytes(), again.read_bytes())

    def test_strings_that_break_programs_are_tokens_like_others(self):
        path = SHARED / "unicode" / "blns" / "blns.json"
        if not path.exists():
            self.skipTest("SKIPPED: needs unicode/blns")
        strings = json.loads(path.read_text("utf-8"))
        self.assertGreater(len(strings), 500)
        for at in range(0, len(strings), 64):
            with self.subTest(at=at):
                self.draw(strings[at:at + 64])

    def test_every_combination_of_combining_characters_is_a_token(self):
        path = SHARED / "unicode" / "ucd" / "GraphemeBreakTest.txt"
        if not path.exists():
            self.skipTest("SKIPPED: needs unicode/ucd")
        strings = []
        for line in path.read_text("utf-8").splitlines():
            codes = [int(word, 16) for word in re.findall(r"\b[0-9A-F]{4,6}\b", line.split("#")[0])]
            if codes and not any(0xD800 <= code < 0xE000 for code in codes):
                strings.append("".join(map(chr, codes)))
        self.assertGreater(len(strings), 500)
        for at in range(0, len(strings), 128):
            with self.subTest(at=at):
                self.draw(strings[at:at + 128])

    def test_u_0000_is_no_part_of_a_token(self):
        path = self.put("n.attn.json", '{"attnscope": 1, "tokens": ["a\\u0000b"], "layers": [{"heads": '
                                       '[{"weights": [[1]]}]}]}')
        self.bad(2, f"{path}: line 1, column 31 (tokens[0]): expected a character that can be part of a token, "
                    "found U+0000", "check", path)


if __name__ == "__main__":
    unittest.main()
