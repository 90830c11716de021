#!/usr/bin/env python3
"""check --syntax over the public suite of JSON parser tests: by the names of its files."""
import os
import pathlib
import unittest

import support

SUITE = pathlib.Path(os.environ.get("ATTNSCOPE_SHARED", support.ROOT.parent / "shared" / "data"),
                     "json", "JSONTestSuite")
# Refused on purpose: U+0000 cannot be part of a token.
NUL = {"y_object_escaped_null_in_key.json", "y_string_null_escape.json"}


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
        self.assertEqual((counts["y"], counts["n"]), (93, 0))


if __name__ == "__main__":
    unittest.main()
