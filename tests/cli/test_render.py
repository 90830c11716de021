#!/usr/bin/env python3
"""render: every view as PNG and SVG, sizes, scales, themes; well-formed for any token."""
import json
import re
import unittest
import xml.etree.ElementTree as ElementTree

import support

SVG = "{http://www.w3.org/2000/svg}"
SENTENCE = support.EXAMPLES / "one-sentence" / "one-sentence.attn.json"
SHAPES = support.EXAMPLES / "shapes" / "shapes.attn.json"
VIEWS = ("heatmap", "lines", "heads", "window")


class Render(support.Case):
    def png(self, *arguments, name="x.png"):
        out = self.folder / name
        self.good("render", *arguments, "-o", out)
        return support.read_png(out.read_bytes())

    def size(self, *arguments):
        out = self.folder / "size.png"
        self.good("render", *arguments, "-o", out)
        return support.png_size(out.read_bytes())

    def svg(self, *arguments, name="x.svg"):
        out = self.folder / name
        self.good("render", *arguments, "-o", out)
        return ElementTree.parse(out).getroot()

    def small(self, **more):
        return self.put("s.attn.json", json.dumps(support.qk_document(support.seeded(3), 6, 5, 4, **more)))

    def test_every_view_draws_something_at_the_size_asked_for(self):
        path = self.small(layers=2, heads=2)
        for view in VIEWS:
            with self.subTest(view=view):
                width, height, rows = self.png(path, "--view", view, "--size", "300x240")
                self.assertEqual((width, height), (300, 240))
                self.assertGreater(len({pixel for row in rows for pixel in row}), 20)
                root = self.svg(path, "--view", view, "--size", "300x240")
                self.assertEqual(root.get("viewBox"), "0 0 300 240")

    def test_default_size_and_scale(self):
        path = self.small()
        self.assertEqual(self.size(path), (1280, 800))
        self.assertEqual(self.size(path, "--size", "300x200", "--scale", "2.5"), (750, 500))
        root = self.svg(path, "--size", "300x200", "--scale", "2")
        self.assertEqual((root.get("width"), root.get("viewBox")), ("600", "0 0 300 200"))

    def test_the_gallery_needs_no_file(self):
        width, height, rows = self.png("--size", "640x480")
        self.assertEqual((width, height), (640, 480))
        self.assertGreater(len({pixel for row in rows for pixel in row}), 20)

    def test_themes_differ(self):
        path = self.small()
        corner = {theme: self.png(path, "--theme", theme, "--size", "300x200")[2][0][0]
                  for theme in ("light", "dark", "projector")}
        self.assertEqual(corner, {"light": (255, 255, 255, 255), "dark": (0x14, 0x17, 0x1A, 255),
                                  "projector": (255, 255, 255, 255)})
        self.assertEqual(self.png(path, "--theme", "dark", "--size", "300x200")[2],
                         self.png(path, "--set", "theme=dark", "--size", "300x200")[2])

    def test_the_same_input_gives_the_same_bytes(self):
        path = self.small()
        for name in ("a.png", "a.svg"):
            for view in VIEWS:
                found = set()
                for threads in ("1", "3"):
                    out = self.folder / name
                    self.good("render", path, "--view", view, "-o", out, env={"ATTNSCOPE_THREADS": threads})
                    found.add(out.read_bytes())
                self.assertEqual(len(found), 1, (view, name))

    def test_a_view_that_the_file_cannot_give_exits_1(self):
        path = self.small()
        out = self.folder / "x.png"
        err = self.bad(1, None, "render", path, "--view", "patches", "-o", out)
        self.assertTrue(err.startswith(f"{path}: view: expected one that the file can give, found patches: "))
        weights = {"attnscope": 1, "tokens": ["a"], "layers": [{"heads": [{"weights": [[1]]}]}]}
        path = self.put("w.attn.json", json.dumps(weights))
        err = self.bad(1, None, "render", path, "--set", "stage=scores", "--view", "heatmap", "-o", out)
        self.assertTrue(err.startswith(f"{path}: stage: expected one that the file can give, found scores: "))
        self.assertFalse(out.exists())

    def test_svg_is_well_formed_and_text_is_text_for_any_token(self):
        odd = ["<b>&amp;", "\"quoted'", "a\tb\nc", "\u202eabc", "\u0301", "", "شكرا", "नमस्ते", "日本語", "👩‍👩‍👧",
               "\u0001", "]]>", "x" * 300]
        rng = support.seeded(8)
        document = {"attnscope": 1, "tokens": odd, "title": "<&\u0007>",
                    "layers": [{"heads": [{"q": support.matrix(rng, len(odd), 3),
                                           "k": support.matrix(rng, len(odd), 3)}]}]}
        path = self.put("odd.attn.json", json.dumps(document))
        for view in VIEWS:
            root = self.svg(path, "--view", view)
            if view != "heads":
                words = {"".join(e.itertext()) for e in root.iter(SVG + "text")}
                self.assertIn("日本語", words)
                self.assertIn("<b>&amp;", words)

    def test_numbers_in_svg_are_those_of_the_c_locale(self):
        path = self.small()
        out = self.folder / "l.svg"
        self.good("render", path, "--view", "lines", "-o", out)
        before = out.read_bytes()
        self.good("render", path, "--view", "lines", "-o", out, env={"LC_ALL": "de_DE.UTF-8", "LANG": "de_DE.UTF-8"})
        self.assertEqual(out.read_bytes(), before)
        for d in re.findall(rb' d="([^"]*)"', before):
            self.assertRegex(d, rb"\A[-MLCQHVZmlcqhvz0-9.,e ]*\Z")

    def test_the_window_is_the_one_that_a_script_finds_untouched(self):
        script = self.put("s.txt", "snap untouched\n")
        for path in (self.small(layers=2, heads=3), SHAPES):
            for more in ([], ["--theme", "dark"], ["--set", "ui.scale=1.25"]):
                out = self.folder / "w.png"
                self.good("render", path, "--view", "window", "-o", out, "--size", "1100x700", "--scale", "1.5", *more)
                self.good("play", script, path, "-o", self.folder, "--size", "1100x700", "--scale", "1.5", *more)
                self.assertEqual(out.read_bytes(), (self.folder / "untouched.png").read_bytes(), more)

    def test_a_picture_over_the_limit_exits_3(self):
        self.bad(3, None, "render", self.small(), "--size", "16384x16384", "--scale", "2", "-o", self.folder / "x.png")

    def test_an_unknown_ending_and_a_bad_file_leave_nothing(self):
        path = self.put("bad.attn.json", "[")
        self.bad(2, None, "render", path, "-o", self.folder / "x.png")
        self.bad(2, None, "render", path, "--view", "window", "-o", self.folder / "x.png")
        self.assertFalse((self.folder / "x.png").exists())

    def test_the_examples_render(self):
        for path in support.example_documents():
            with self.subTest(path=path.name):
                out = self.folder / "e.png"
                code, _, _ = support.run("render", path, "--view", "window", "-o", out)
                self.assertEqual(code, 0)
                self.assertEqual(support.png_size(out.read_bytes()), (1280, 800))
        self.assertEqual(self.size(SHAPES, "--view", "patches", "--size", "700x500"), (700, 500))


if __name__ == "__main__":
    unittest.main()
