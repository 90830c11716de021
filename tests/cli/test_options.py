#!/usr/bin/env python3
"""The command line: options, exit codes, the exact line on stderr."""
import json
import os
import subprocess
import unittest

import support

THREE = support.EXAMPLES / "three-tokens" / "three-tokens.attn.json"
SENTENCE = support.EXAMPLES / "one-sentence" / "one-sentence.attn.json"


class Usage(support.Case):
    def small(self, **more):
        document = support.qk_document(support.seeded(1), 2, 3, 4, **more)
        return self.put("small.attn.json", json.dumps(document))

    def test_wrong_options_are_one_line_and_exit_1(self):
        path = self.small()
        for message, arguments in [
            ("attnscope: option: expected one of attnscope --help, found --frobnicate",
             ["--frobnicate"]),
            ("attnscope: option: expected one of attnscope info --help, found --stage",
             ["info", path, "--stage", "weights"]),
            ("attnscope: option: expected one of attnscope dump --help, found --json",
             ["dump", path, "--json"]),
            ("attnscope: option: expected one of attnscope check --help, found -o",
             ["check", path, "-o", "x"]),
            ("attnscope: --json: expected no value, found yes", ["info", path, "--json=yes"]),
            ("attnscope: --set: expected a value, found the end of the line", ["info", path, "--set"]),
            ("attnscope: --stage: expected scores, scaled, masked, weights or output, found none",
             ["dump", path]),
            ("attnscope: --stage: expected scores, scaled, masked, weights, output, embedding, position, "
             "x, x_k, q, k or v, found logits",
             ["dump", path, "--stage", "logits"]),
            ("attnscope: --format: expected csv, json or npy, found xml",
             ["dump", path, "--stage", "weights", "--format", "xml"]),
            ("attnscope: --view: expected heatmap, lines, patches, heads or window, found steps",
             ["render", path, "--view", "steps", "-o", "x.png"]),
            ("attnscope: --size: expected WxH with sides 1 … 16384, found 0x5",
             ["render", path, "--size", "0x5", "-o", "x.png"]),
            ("attnscope: --size: expected WxH with sides 1 … 16384, found 12",
             ["render", path, "--size", "12", "-o", "x.png"]),
            ("attnscope: --scale: expected 0.1 … 16, found nan",
             ["render", path, "--scale", "nan", "-o", "x.png"]),
            ("attnscope: -o: expected a file that ends in .png or .svg, found none",
             ["render", path]),
            ("attnscope: -o: expected a file that ends in .png or .svg, found x.gif",
             ["render", path, "-o", "x.gif"]),
            ("attnscope: arguments: expected a FILE for this view, found none",
             ["render", "--view", "lines", "-o", "x.png"]),
            ("attnscope: arguments: expected at least one FILE, found none (see attnscope info --help)",
             ["info"]),
            ("attnscope: arguments: expected at least one FILE, found none (see attnscope dump --help)",
             ["dump", "--stage", "weights"]),
            ("attnscope: arguments: expected a SCRIPT, found none "
             "(see attnscope play --help)", ["play"]),
            ("attnscope: arguments: expected at least one FILE, found none "
             "(see attnscope check --help)", ["check"]),
            ("attnscope: --mem: expected bytes such as 500000000, 512M or 2G, found -5",
             ["info", path, "--mem", "-5"]),
            ("attnscope: --mem: expected bytes such as 500000000, 512M or 2G, found 1.5G",
             ["info", path, "--mem", "1.5G"]),
            ("attnscope: temperature: expected 0 … 1000, found -1",
             ["info", path, "--set", "temperature=-1"]),
            ("attnscope: temperature: expected 0 … 1000, found inf",
             ["info", path, "--set", "temperature=inf"]),
            ("attnscope: temperature: expected 0 … 1000, found nan",
             ["info", path, "--set", "temperature=nan"]),
            ("attnscope: setting: expected NAME=VALUE, found temperature",
             ["info", path, "--set", "temperature"]),
            ("attnscope: unknown setting: expected a name such as temperature, found temprature",
             ["info", path, "--set", "temprature=1"]),
            ("attnscope: theme: expected light, dark or projector, found pink",
             ["render", path, "--theme", "pink", "-o", "x.png"]),
        ]:
            with self.subTest(arguments=arguments):
                self.bad(1, message, *arguments)

    def test_an_index_that_the_file_lacks_exits_1(self):
        path = self.small(layers=2, heads=3)
        dump = ["dump", path, "--stage", "weights"]
        self.bad(1, f"{path}: layer: expected 0 … 1, found 2", *dump, "--layer", "2")
        self.bad(1, f"{path}: head: expected 0 … 2, found 3", *dump, "--head", "3")
        self.bad(1, f"{path}: sentence: expected 0 … 0, found 1", *dump, "--sentence", "1")
        self.bad(1, f"{path}: query: expected 0 … 1, found 2", *dump, "--set", "query=2")
        out = self.folder / "x.png"
        self.bad(1, f"{path}: layer: expected 0 … 1, found 9", "render", path, "--layer", "9", "-o", out)
        self.bad(1, f"{path}: layer: expected 0 … 1, found 9", "render", path, "--view", "window",
                 "--layer", "9", "-o", out)
        self.assertFalse(out.exists())

    def test_settings_hold_from_left_to_right(self):
        path = self.small()
        dump = ["dump", path, "--stage", "weights"]
        cold = self.good(*dump, "--set", "temperature=0.5")
        self.assertNotEqual(cold, self.good(*dump))
        self.assertEqual(cold, self.good(*dump, "--set", "temperature=7", "--set", "temperature=0.5"))
        self.assertEqual(self.good(*dump), self.good(*dump, "--set=temperature=7", "--set=temperature=1"))

    def test_options_may_stand_before_the_subcommand(self):
        path = self.small()
        self.assertEqual(self.good("--mem", "64M", "--set", "temperature=2", "dump", path, "--stage", "weights"),
                         self.good("dump", "--stage", "weights", path, "--set", "temperature=2"))

    def test_a_file_may_be_called_like_an_option(self):
        self.put("--odd", json.dumps(support.qk_document(support.seeded(2), 2, 2, 2)))
        out = self.good("check", "--", "--odd", cwd=self.folder)
        self.assertEqual(out.decode(), "--odd: ok: attnscope 1, 1 layer × 1 head, 2 × 2\n")

    def test_document_settings_hold_unless_the_line_says_otherwise(self):
        plain = self.small()
        dumped = self.good("dump", plain, "--stage", "weights", "--set", "temperature=3")
        own = self.put("own.attn.json", json.dumps(support.qk_document(
            support.seeded(1), 2, 3, 4, settings={"temperature": 3})))
        self.assertEqual(self.good("dump", own, "--stage", "weights"), dumped)
        self.assertEqual(self.good("dump", own, "--stage", "weights", "--set", "temperature=1"),
                         self.good("dump", plain, "--stage", "weights"))

    def test_layer_and_head_of_the_document_do_not_move_a_dump(self):
        document = support.qk_document(support.seeded(3), 3, 3, 4, layers=2, heads=2,
                                       settings={"layer": 1, "head": 1})
        path = self.put("place.attn.json", json.dumps(document))
        plain = self.good("dump", path, "--stage", "weights")
        self.assertEqual(plain, self.good("dump", path, "--stage", "weights", "--layer", "0", "--head", "0"))
        self.assertNotEqual(plain, self.good("dump", path, "--stage", "weights", "--layer", "1"))

    def test_settings_of_a_document_out_of_range_are_clamped_with_a_warning(self):
        document = support.qk_document(support.seeded(1), 2, 3, 4, settings={"temperature": 5000, "odd": 1})
        path = self.put("warm.attn.json", json.dumps(document))
        code, out, err = support.run("dump", path, "--stage", "weights")
        self.assertEqual(code, 0)
        self.assertEqual(err.splitlines(), [
            f"{path}: warning: settings: temperature: expected 0 … 1000, found 5000; 1000 is used",
            f"{path}: warning: settings: unknown setting: expected a name such as head, found odd; "
            "it is left out"])
        self.assertEqual(out, self.good("dump", self.small(), "--stage", "weights", "--set", "temperature=1000"))


class Told(support.Case):
    def test_version_is_one_line(self):
        self.assertRegex(self.good("--version").decode(), r"\Aattnscope \d+\.\d+\.\d+\n\Z")

    def test_help_lists_every_setting(self):
        text = self.good("--help").decode()
        for name in ("temperature", "mask.causal", "mask.hidden", "scale.mode", "lines.mass",
                     "color.range", "theme", "ui.scale", "normaliser", "sentence"):
            self.assertRegex(text, rf"(?m)^  {name} ")
        for option in ("--mem", "--allow-nan", "--allow-trailing", "--strict", "--font-dir", "--limits"):
            self.assertIn(option, text)

    def test_every_subcommand_has_help(self):
        for name in ("info", "check", "dump", "render", "play"):
            text = self.good(name, "--help").decode()
            self.assertTrue(text.startswith(f"attnscope {name} "), text)

    def limits(self, *arguments):
        """{name: (value, how to raise it)} as the program prints them."""
        lines = self.good("--limits", *arguments).decode().splitlines()
        self.assertRegex(lines[0], r"^NAME +VALUE +UNIT +RAISE WITH +OF$")
        return {words[0]: (int(words[1]), " ".join(words[3:5]).split(" of ")[0])
                for words in map(str.split, lines[1:])}

    def test_limits_follow_mem(self):
        self.assertEqual(self.limits("--mem", "3M")["memory"][0], 3 << 20)
        self.assertEqual(self.limits("--limit-memory", "3M")["memory"][0], 3 << 20)

    def test_every_limit_that_can_be_raised_is_raised_by_its_name(self):
        table = self.limits()
        self.assertGreaterEqual(len(table), 28)
        raised = 0
        for name, (value, how) in table.items():
            option = f"--limit-{name}"
            if how.startswith(option):
                raised += 1
                for text, want in (("7", 7), ("2K", 2048), ("900K", 900 << 10)):
                    self.assertEqual(self.limits(option, text)[name][0], want)
                self.assertEqual(self.limits(f"{option}=3")[name][0], 3)
                self.assertTrue(self.bad(1, None, option, "0").startswith(f"attnscope: {option}: expected 1 … "))
                self.bad(1, None, option, "99999T")
            else:
                self.assertTrue(how.startswith("fixed"), how)
                self.bad(1, f"attnscope: {option}: expected a limit that can be raised, found one that is fixed",
                         option, str(value + 1))
        self.assertGreaterEqual(raised, 10)

    def test_what_is_over_a_limit_opens_when_it_is_raised(self):
        path = self.put("small.attn.json", json.dumps(support.qk_document(support.seeded(1), 2, 3, 4)))
        size = path.stat().st_size
        for command in (["check"], ["info"], ["check", "--syntax"]):
            self.bad(3, f"{path}: file is too large: expected at most {size - 1} bytes, found {size} "
                        f"(limit {size - 1}, raise with --limit-file-bytes)",
                     *command, path, "--limit-file-bytes", str(size - 1))
            self.good(*command, path, "--limit-file-bytes", str(size))
        line = "#" * 4094 + "\n\n"
        script = self.put("long.txt", line * 1024)
        self.assertEqual(script.stat().st_size, 4 << 20)
        self.good("play", script)
        self.put("long.txt", line * 1024 + "\n")
        self.bad(3, f"{script}: file is too large: expected at most 4194304 bytes, found 4194305 (limit 4194304)",
                 "play", script)
        deep = self.put("deep.json", "[" * 65 + "null" + "]" * 65)
        self.assertRegex(self.bad(3, None, "check", "--syntax", deep), r"found more \(limit 64\)$")


class Files(support.Case):
    def test_check_tries_every_file_and_exits_with_the_largest_code(self):
        good = self.put("good.attn.json", json.dumps(support.qk_document(support.seeded(1), 2, 3, 4)))
        bad = self.put("bad.attn.json", '{"attnscope": 1, "layers": [}')
        gone = self.folder / "gone.attn.json"
        code, out, err = support.run("check", good, bad, gone, good)
        self.assertEqual(code, 4)
        self.assertEqual(out.decode(), f"{good}: ok: attnscope 1, 1 layer × 1 head, 2 × 3\n" * 2)
        lines = err.splitlines()
        self.assertEqual(len(lines), 2)
        self.assertTrue(lines[0].startswith(f"{bad}: line 1, column 29"), lines[0])
        self.assertTrue(lines[1].startswith(f"{gone}: "), lines[1])
        self.assertEqual(support.run("check", good, bad)[0], 2)

    def test_check_syntax_looks_at_json_alone(self):
        path = self.put("any.json", '{"what": [1, 2, {"ever": null}]}')
        self.assertEqual(self.good("check", "--syntax", path).decode(), f"{path}: ok: JSON\n")
        self.assertEqual(support.run("check", path)[0], 2)
        self.bad(2, None, "check", "--syntax", self.put("bad.json", "[1, 2,]"))

    def test_over_a_limit_exits_3(self):
        path = self.put("big.attn.json", json.dumps(support.qk_document(support.seeded(1), 64, 64, 64)))
        self.bad(3, None, "check", "--mem", "1K", path)

    def test_a_fifo_and_a_missing_file_exit_4_and_a_folder_of_nothing_1(self):
        fifo = self.folder / "fifo"
        empty = self.folder / "empty"
        empty.mkdir()
        self.assertTrue(self.bad(1, None, "check", empty).startswith(f"{empty}: folder: expected "))
        os.mkfifo(fifo)
        for path in (fifo, self.folder / "missing"):
            self.assertTrue(self.bad(4, None, "check", path).startswith(f"{path}: "))
            self.bad(4, None, "dump", path, "--stage", "weights")

    def test_a_missing_referenced_file_exits_4(self):
        document = support.qk_document(support.seeded(1), 2, 2, 2)
        document["layers"][0]["heads"][0]["q"] = {"file": "gone.npy"}
        self.bad(4, None, "check", self.put("refers.attn.json", json.dumps(document)))

    def test_names_and_messages_stay_on_one_line(self):
        path = self.put("a\nb.attn.json", "nonsense")
        self.bad(2, None, "check", path)

    def test_a_full_disk_and_a_closed_pipe_exit_4(self):
        path = self.put("a.attn.json", json.dumps(support.qk_document(support.seeded(1), 40, 40, 4)))
        line = [support.PROGRAM, "dump", str(path), "--stage", "weights"]
        with open("/dev/full", "wb") as full:
            done = subprocess.run(line, stdout=full, stderr=subprocess.PIPE)
        self.assertEqual(done.returncode, 4)
        self.assertEqual(done.stderr.decode().rstrip("\n"),
                         "standard output: write: expected to write all of the output, found "
                         "No space left on device")
        read, write = os.pipe()
        os.close(read)
        done = subprocess.run(line, stdout=write, stderr=subprocess.PIPE)
        os.close(write)
        self.assertEqual((done.returncode, done.stderr.count(b"\n")), (4, 1))
        done = subprocess.run(line, stderr=subprocess.PIPE, preexec_fn=lambda: os.close(1))
        self.assertEqual(done.returncode, 4)

    def test_the_output_never_names_an_input(self):
        path = self.put("a.attn.json", json.dumps(support.qk_document(support.seeded(1), 2, 2, 2)))
        link = self.folder / "link.svg"
        link.symlink_to(path)
        before = path.read_bytes()
        self.bad(1, f"{path}: -o: expected another file than the input, found {path}",
                 "dump", path, "--stage", "weights", "-o", path)
        self.bad(1, f"{path}: -o: expected another file than the input, found {path}",
                 "render", path, "-o", link)
        self.assertEqual(path.read_bytes(), before)

    def test_an_output_that_cannot_be_written_exits_4_and_leaves_nothing(self):
        path = self.put("a.attn.json", json.dumps(support.qk_document(support.seeded(1), 2, 2, 2)))
        there = self.folder / "no" / "such" / "x.png"
        line = f'{there}: cannot be written: expected a writable place, found "No such file or directory"'
        self.bad(4, line, "render", path, "-o", there)
        self.bad(4, line, "dump", path, "--stage", "weights", "-o", there)
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()), ["a.attn.json"])


class Environment(support.Case):
    def test_a_wish_that_cannot_be_met_is_refused(self):
        for name, value, line in (
                ("ATTNSCOPE_SIMD", "sse9", 'expected scalar, avx2 or avx512, as far as this processor has it, found "sse9"'),
                ("ATTNSCOPE_THREADS", "many", 'expected a whole number of at least 1, found "many"'),
                ("ATTNSCOPE_THREADS", "0", 'expected a whole number of at least 1, found "0"')):
            self.bad(1, f"attnscope: {name}: {line}", "--version", env={name: value})


class Places(support.Case):
    def test_sets_of_places_are_checked_as_single_ones(self):
        path = self.put("a.attn.json", json.dumps(support.qk_document(support.seeded(1), 2, 3, 2)))
        for name, last in (("mask.hidden", 2), ("mask.global", 2), ("queries", 1)):
            self.bad(1, f"{path}: {name}: expected 0 … {last}, found 7",
                     "dump", path, "--stage", "weights", "--set", f"{name}=0,7")
            self.good("dump", path, "--stage", "weights", "--set", f"{name}=0-{last}")

    def test_a_documents_own_wrong_places_are_warnings(self):
        document = support.qk_document(support.seeded(1), 2, 3, 2)
        document["settings"] = {"layer": 7, "mask.hidden": "1,9", "mask.global": "3", "temperature": 5000}
        path = self.put("a.attn.json", json.dumps(document))
        info = json.loads(support.run("info", path, "--json")[1])
        self.assertEqual(info["warnings"], [
            "settings: temperature: expected 0 … 1000, found 5000; 1000 is used",
            "settings: layer: expected 0 … 0, found 7; 0 is used",
            "settings: mask.hidden: expected 0 … 2, found 9; it is left out",
            "settings: mask.global: expected 0 … 2, found 3; it is left out"])


class Info(support.Case):
    def test_json_has_the_keys_of_the_contract(self):
        document = support.qk_document(support.seeded(4), 3, 5, 4, layers=2, heads=3)
        document["keys"]["padding"] = [0, 0, 0, 1, 1]
        path = self.put("i.attn.json", json.dumps(document))
        info = json.loads(self.good("info", path, "--json"))
        row_error = info.pop("max_row_sum_error")
        self.assertTrue(0 <= row_error < 1e-5)
        self.assertEqual(info, {
            "file": str(path), "format": "attnscope 1", "sentences": 1, "layers": 2, "heads": [3, 3],
            "queries": 3, "keys": 5, "entry": "qk", "file_rows": "queries", "axes_by": "format",
            "eos": {"queries": False, "keys": False}, "words": {"queries": False, "keys": False},
            "parts": None, "notes": None, "padding": 2, "nonfinite": 0, "bad_sentences": None,
            "attention": [[{"score": "dot", "from": "qk", "warnings": []}] * 3] * 2,
            "about": [None, None],
            "recorded_error": None, "warnings": []})

    def test_recorded_error_is_the_largest_difference_and_its_place(self):
        weights = [[0.5, 0.25, 0.25], [0.125, 0.75, 0.125]]
        recorded = [[0.5, 0.25, 0.25], [0.125, 0.5, 0.375]]
        head = {"weights": weights, "recorded": weights}
        document = {"attnscope": 1, "queries": {"tokens": ["a", "b"]}, "keys": {"tokens": list("cde")},
                    "layers": [{"heads": [head]}, {"heads": [head, {"weights": weights, "recorded": recorded}]}]}
        path = self.put("r.attn.json", json.dumps(document))
        info = json.loads(self.good("info", path, "--json"))
        self.assertEqual(info["recorded_error"],
                         {"value": 0.25, "sentence": 0, "layer": 1, "head": 1, "query": 1, "key": 1})
        self.assertEqual((info["entry"], info["heads"]), ("weights", [1, 2]))
        self.assertIn("largest |computed − recorded| 0.25, at sentence 0, layer 1, head 1, query 1, key 1",
                      self.good("info", path).decode())

    def test_row_sums_of_given_weights_are_told(self):
        document = {"attnscope": 1, "queries": {"tokens": ["a"]}, "keys": {"tokens": ["b", "c"]},
                    "layers": [{"heads": [{"weights": [[0.5, 0.75]]}]}]}
        path = self.put("w.attn.json", json.dumps(document))
        info = json.loads(self.good("info", path, "--json"))
        self.assertEqual(info["max_row_sum_error"], 0.25)
        self.assertEqual(len(info["warnings"]), 1)

    def test_each_sentence_has_its_own_shape(self):
        rng = support.seeded(5)
        one, two = support.qk_document(rng, 2, 3, 4), support.qk_document(rng, 6, 7, 4)
        path = self.put("s.attn.json", json.dumps({"attnscope": 1, "sentences": [one, two]}))
        info = json.loads(self.good("info", path, "--json", "--sentence", "1"))
        self.assertEqual((info["sentences"], info["queries"], info["keys"]), (2, 6, 7))

    def test_odd_names_are_valid_json(self):
        path = self.put('a"b\\c\u202e.attn.json', json.dumps(support.qk_document(support.seeded(1), 1, 1, 1)))
        self.assertEqual(json.loads(self.good("info", path, "--json"))["file"], str(path))


if __name__ == "__main__":
    unittest.main()
