#!/usr/bin/env python3
"""The manual page: clean, and complete against what the program itself says."""
import re
import shutil
import subprocess
import unittest

import support

PAGE = support.ROOT / "assets" / "man" / "attnscope.1"


class Man(support.Case):
    def plain(self):
        return PAGE.read_text("utf-8").replace("\\-", "-")

    def test_it_is_clean(self):
        if not shutil.which("groff"):
            self.skipTest("SKIPPED: needs groff")
        done = subprocess.run(["groff", "-ww", "-man", "-Tutf8", "-z", PAGE], stderr=subprocess.PIPE)
        self.assertEqual((done.returncode, done.stderr.decode()), (0, ""))

    def test_it_lists_every_setting_of_help(self):
        settings = self.good("--help").decode().split("Settings (")[1]
        names = re.findall(r"(?m)^  ([a-z][a-z0-9_.]*) ", settings)
        self.assertGreater(len(names), 40)
        for name in names:
            self.assertIn(f"\n.B {name}\n", self.plain(), name)

    def test_it_names_every_option(self):
        for command in ([], ["info"], ["check"], ["dump"], ["render"], ["play"], ["convert"]):
            for option in re.findall(r"(?<![\w-])(--?[a-z][a-z-]*)", self.good(*command, "--help").decode()):
                self.assertRegex(self.plain(), rf"(?<![\w-]){re.escape(option)}(?![\w-])", option)

    def test_it_lists_every_stage_of_help(self):
        code, _, err = support.run("dump", "x", "--stage", "?")
        self.assertEqual(code, 1)
        stages = err.split("expected ")[1].split(", found")[0].replace(" or ", ", ").split(", ")
        self.assertGreaterEqual(len(stages), 12)
        part = self.plain().split(".SS Stages")[1].split(".SS Details")[0]
        for stage in stages:
            self.assertRegex(part, rf'(?m)^\.BR? (.*" )?{stage}( "|$)', stage)

    def test_it_says_what_rows_do_not_sum_to_1(self):
        part = self.plain().split("\n.B weights\n")[1].split("\n.TP")[0]
        for name in ("softmax1", "sigmoid", "relu", "gate"):
            self.assertIn(name, part)

    def test_it_names_every_event_of_scripts(self):
        source = (support.ROOT / "src" / "app" / "script.c").read_text("utf-8")
        events = re.findall(r'\{"([a-z-]+)", (?:do|script)_\w+\}', source)
        self.assertGreater(len(events), 20)
        for event in events:
            self.assertRegex(self.plain(), rf"(?<![\w-]){event}(?![\w-])", event)

    def test_its_version_is_that_of_the_program(self):
        self.assertIn(self.good("--version").decode().strip(), self.plain())


if __name__ == "__main__":
    unittest.main()
