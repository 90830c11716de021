#!/usr/bin/env python3
"""Subcommands in poor surroundings: streams, files, memory, folders and stacks that are short or missing."""
import os
import resource
import subprocess
import tempfile
import unittest

import support


def limit(kind, value):
    return lambda: resource.setrlimit(kind, (value, value))


class Surroundings(support.Case):
    def setUp(self):
        super().setUp()
        self.document = support.EXAMPLES / "one-sentence" / "one-sentence.attn.json"
        script = self.put("s.txt", "click-cell 1 2\nkey 2\n")
        self.commands = [
            ["check", self.document],
            ["info", self.document],
            ["dump", self.document, "--stage", "weights", "-o", self.folder / "o.csv"],
            ["convert", self.document, "-o", self.folder / "o.attn.json"],
            ["render", self.document, "--view", "heatmap", "-o", self.folder / "o.png"],
            ["render", self.document, "--view", "lines", "-o", self.folder / "o.svg"],
            ["render", self.document, "--view", "window", "-o", self.folder / "w.png"],
            ["play", script, self.document, "-o", self.folder / "play"],
        ]

    def start(self, command, changes=None, **options):
        environment = {k: v for k, v in dict(os.environ, **(changes or {})).items() if v is not None}
        options.setdefault("stdout", subprocess.PIPE)
        done = subprocess.run([support.PROGRAM, *map(str, command)], stdin=subprocess.DEVNULL, env=environment,
                              stderr=subprocess.PIPE, timeout=120, **options)
        return done.returncode, done.stderr.decode()

    def files(self):
        return {p.name: p.read_bytes() for p in self.folder.iterdir() if p.name[:2] in ("o.", "w.")}

    def test_what_is_poor_but_enough_gives_the_same_files(self):
        for command in self.commands:
            self.assertEqual(self.start(command), (0, ""), command)
        rich = self.files()
        self.assertEqual(len(rich), 5)
        nowhere = "/nonexistent"
        cases = [
            ({"HOME": None, "XDG_STATE_HOME": None, "XDG_CACHE_HOME": None, "XDG_RUNTIME_DIR": None}, {}),
            ({"HOME": nowhere, "TMPDIR": nowhere, "XDG_CACHE_HOME": nowhere, "XDG_CONFIG_HOME": nowhere}, {}),
            ({"PATH": None, "LC_ALL": "xx_YY", "LANG": "xx_YY"}, {}),
            ({}, {"preexec_fn": limit(resource.RLIMIT_NOFILE, 16)}),
            ({}, {"preexec_fn": limit(resource.RLIMIT_STACK, 64 << 10)}),
            ({}, {"preexec_fn": lambda: os.close(1)}),
            ({}, {"preexec_fn": lambda: os.close(0)}),
            ({}, {"preexec_fn": lambda: (os.chdir(tempfile.mkdtemp()), os.rmdir(os.getcwd()))}),
        ]
        for changes, options in cases:
            for command in self.commands[2:]:
                for path in self.folder.iterdir():
                    if path.name in rich:
                        path.unlink()
                code, err = self.start(command, changes, **options)
                self.assertEqual((code, err), (0, ""), (changes, options, command))
                for name, data in self.files().items():
                    self.assertEqual(data, rich[name], (changes, options, command))

    def test_an_output_that_does_not_take_it_is_told(self):
        for command in self.commands[:2]:
            for stdout in ("/dev/full", None):
                with open(stdout or os.devnull, "w") as out:
                    code, err = self.start(command, stdout=out,
                                           preexec_fn=None if stdout else lambda: os.close(1))
                self.assertEqual(code, 4, err)
                self.assertEqual(err.count("\n"), 1, err)

    def test_a_file_that_may_not_grow_leaves_the_old_one(self):
        for command in self.commands[2:6]:
            for size in (0, 100):
                command[-1].write_bytes(b"old")
                code, err = self.start(command, preexec_fn=limit(resource.RLIMIT_FSIZE, size))
                self.assertEqual(code, 4, err)
                self.assertIn('found "File too large"', err)
                self.assertIn(str(command[-1]), err)
                self.assertEqual(command[-1].read_bytes(), b"old")
                self.assertEqual([p.name for p in self.folder.iterdir() if ".attnscope-" in p.name], [])

    def test_what_a_killed_writer_left_goes_with_the_next_one(self):
        dead = subprocess.Popen(["true"])
        dead.wait()
        left = self.put(f".o.png.attnscope-{dead.pid}-0.tmp", "x")
        kept = self.put(f".o.png.attnscope-{os.getpid()}-0.tmp", "x")
        self.good("render", self.document, "-o", self.folder / "o.png")
        self.assertFalse(left.exists())
        self.assertTrue(kept.exists())


if __name__ == "__main__":
    unittest.main()
