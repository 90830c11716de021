#!/usr/bin/env python3
"""Kept links and cell colours, computed a second time.

Random Q/K documents go through `dump`; the rules of lines.mass, lines.threshold and of the colour
map are applied here to the dumped weights, and must give exactly the links and pixels of `render`."""
import base64
import json
import math
import re
import unittest
import xml.etree.ElementTree as ElementTree

import support
from support import f32

SVG = "{http://www.w3.org/2000/svg}"
# Nine stops of 256 each, as the design system prints them.
VIRIDIS = "440154 472D7B 3B528B 2C728E 21918C 28AE80 5EC962 ADDC30 FDE725"


def keep(row, mass, threshold):
    """Fewest keys, heaviest first, ties by lower index, whose sum >= mass of the row's sum; then
    those < threshold go."""
    order = sorted((k for k in range(len(row)) if row[k] > 0), key=lambda k: (-row[k], k))
    total, kept, so_far = math.fsum(row[k] for k in order), [], 0.0
    for k in order:
        if so_far >= mass * total:
            break
        kept.append(k)
        so_far = math.fsum(row[j] for j in kept)
    return [k for k in kept if row[k] >= threshold]


class Links(support.Case):
    def links(self, path, *options):
        out = self.folder / "lines.svg"
        self.good("render", path, "--view", "lines", "-o", out, *options)
        found = []
        for element in ElementTree.parse(out).iter(SVG + "path"):
            if element.get("class") == "link":
                found.append((int(element.get("data-q")), int(element.get("data-k")),
                              element.get("data-w")))
        return found

    def check(self, seed, n_q, n_k, mass, threshold, *options):
        rng = support.seeded(seed)
        document = support.qk_document(rng, n_q, n_k, 8)
        path = self.put("random.attn.json", json.dumps(document))
        settings = ["--set", f"lines.mass={mass}", "--set", f"lines.threshold={threshold}", *options]
        weights = support.read_csv(self.good("dump", path, "--stage", "weights", *options))
        want = {(q, k): weights[q][k] for q in range(n_q)
                for k in keep(weights[q], mass, threshold)}
        found = self.links(path, *settings)
        self.assertEqual(len(found), len(set((q, k) for q, k, _ in found)), "a link twice")
        self.assertEqual({(q, k) for q, k, _ in found}, set(want), (seed, mass, threshold))
        for q, k, w in found:
            self.assertEqual(support.bits(float(w)), support.bits(want[q, k]), (q, k))

    def test_kept_links_follow_mass_and_threshold(self):
        for seed, (n_q, n_k, mass, threshold) in enumerate([
                (5, 5, 0.9, 0), (7, 4, 0.5, 0), (4, 9, 0.99, 0.05), (12, 12, 0.3, 0.2),
                (6, 6, 1, 0), (6, 6, 0, 0), (8, 3, 0.75, 0.4), (1, 6, 0.6, 0), (6, 1, 0.9, 0)]):
            with self.subTest(seed=seed):
                self.check(seed, n_q, n_k, mass, threshold)

    def test_kept_links_follow_masks_and_temperature(self):
        for seed, option in enumerate(["temperature=0.2", "temperature=5", "mask.causal=true",
                                       "mask.window=2", "mask.hidden=1,3", "normaliser=sparsemax",
                                       "temperature=0", "scale.mode=none"]):
            with self.subTest(option=option):
                self.check(100 + seed, 7, 7, 0.8, 0.01, "--set", option)

    def test_hidden_mass_is_lost_not_shared_when_rows_do_not_resum(self):
        self.check(7, 6, 6, 0.9, 0, "--set", "mask.hidden=0,2", "--set", "mask.renormalise=false")

    def test_ties_are_kept_by_lower_index(self):
        document = {"attnscope": 1, "queries": {"tokens": ["a"]}, "keys": {"tokens": list("bcde")},
                    "layers": [{"heads": [{"weights": [[0.25, 0.25, 0.25, 0.25]]}]}]}
        path = self.put("ties.attn.json", json.dumps(document))
        found = self.links(path, "--set", "lines.mass=0.5")
        self.assertEqual(sorted((q, k) for q, k, _ in found), [(0, 0), (0, 1)])


class Colours(support.Case):
    def picture(self, path, *options):
        """The heatmap's own image in the SVG: the one with a pixel per cell."""
        out = self.folder / "heat.svg"
        self.good("render", path, "--view", "heatmap", "-o", out, *options)
        text = out.read_text("utf-8")
        found = []
        for data in re.findall(r'href="data:image/png;base64,([^"]+)"', text):
            found.append(support.read_png(base64.b64decode(data)))
        return found

    def lut(self, *options):
        """The 256 colours, as the program itself shows them on weights 0, 1/255, … 1."""
        weights = [[f32(i / 255) for i in range(16 * j, 16 * j + 16)] for j in range(16)]
        document = {"attnscope": 1, "queries": {"tokens": support.tokens("q", 16)},
                    "keys": {"tokens": support.tokens("k", 16)},
                    "layers": [{"heads": [{"weights": weights}]}]}
        path = self.put("lut.attn.json", json.dumps(document))
        pictures = [p for p in self.picture(path, "--set", "color.range=fixed", *options)
                    if p[:2] == (16, 16)]
        self.assertEqual(len(pictures), 1)
        return [pixel for row in pictures[0][2] for pixel in row]

    def test_the_map_runs_through_the_stops_of_the_design(self):
        lut = self.lut()
        stops = [[int(stop[j:j + 2], 16) for j in (0, 2, 4)] for stop in VIRIDIS.split()]
        for i, got in enumerate(lut):
            at = i * 8 / 255
            left = min(7, int(at))
            for c in range(3): # between stops the map bends a little
                straight = stops[left][c] + (at - left) * (stops[left + 1][c] - stops[left][c])
                self.assertLessEqual(abs(got[c] - straight), 6, (i, got))
            self.assertEqual(got[3], 255)
        self.assertEqual(lut[0], (0x44, 0x01, 0x54, 255))
        self.assertEqual(lut[255], (0xFD, 0xE7, 0x25, 255))
        self.assertGreaterEqual(len(set(lut)), 250)

    def check(self, seed, n_q, n_k, scale, per_row, *options):
        rng = support.seeded(seed)
        path = self.put("heat.attn.json", json.dumps(support.qk_document(rng, n_q, n_k, 6)))
        lut = self.lut()
        weights = support.read_csv(self.good("dump", path, "--stage", "weights", *options))
        masked = json.loads(self.good("dump", path, "--stage", "masked", "--format", "json", *options))
        shown = ["--set", f"color.scale={scale}", *options]
        if per_row:
            shown += ["--set", "color.range=row"]
        pictures = [p for p in self.picture(path, *shown) if p[:2] == (n_k, n_q)]
        self.assertEqual(len(pictures), 1, "one image with a pixel per cell")
        pixels = pictures[0][2]
        tops = [max(row[k] for k in range(n_k)) for row in weights]
        for q in range(n_q):
            top = tops[q] if per_row else max(tops)
            for k in range(n_k):
                if masked["values"][q][k] is None:
                    self.assertEqual(pixels[q][k][3], 0, (q, k, "masked cells are transparent"))
                    continue
                wanted = {lut[i] for i in entries(weights[q][k], top, scale)}
                self.assertIn(pixels[q][k], wanted, (seed, q, k, weights[q][k], top))

    def test_every_cell_has_the_colour_of_its_weight(self):
        for seed in range(4):
            for scale in ("linear", "sqrt", "log"):
                for per_row in (False, True):
                    with self.subTest(seed=seed, scale=scale, per_row=per_row):
                        self.check(seed, 6 + seed, 9 - seed, scale, per_row)

    def test_signed_stages_are_symmetric_about_the_middle_of_the_map(self):
        for seed, stage in enumerate(("scores", "scaled", "output")):
            rng = support.seeded(40 + seed)
            document = support.qk_document(rng, 5, 6, 4, d_v=7)
            path = self.put("signed.attn.json", json.dumps(document))
            lut = self.lut("--set", "color.map=blue-orange")
            values = support.read_csv(self.good("dump", path, "--stage", stage))
            shape = (len(values[0]), len(values))
            pictures = [p for p in self.picture(path, "--set", f"stage={stage}") if p[:2] == shape]
            self.assertEqual(len(pictures), 1, stage)
            most = max(abs(v) for row in values for v in row)
            for i, row in enumerate(values):
                for j, value in enumerate(row):
                    wanted = {lut[n] for n in entries((value + most) / 2, most, "linear")}
                    self.assertIn(pictures[0][2][i][j], wanted, (stage, i, j, value, most))

    def test_a_fixed_range_ends_in_the_last_colours(self):
        path = self.put("fixed.attn.json", json.dumps(support.qk_document(support.seeded(50), 6, 6, 4)))
        weights = support.read_csv(self.good("dump", path, "--stage", "weights"))
        lut = self.lut()
        pictures = [p for p in self.picture(path, "--set", "color.range=fixed", "--set", "color.lo=0.1",
                                            "--set", "color.hi=0.3") if p[:2] == (6, 6)]
        for i, row in enumerate(weights):
            for j, value in enumerate(row):
                wanted = {lut[n] for n in entries(value - 0.1, 0.2, "linear")}
                self.assertIn(pictures[0][2][i][j], wanted, (i, j, value))

    def test_all_heads_may_share_one_range(self):
        document = support.qk_document(support.seeded(60), 4, 5, 3, layers=2, heads=2)
        path = self.put("heads.attn.json", json.dumps(document))
        lut = self.lut()
        every = [support.read_csv(self.good("dump", path, "--stage", "weights", "--layer", l, "--head", h))
                 for l in range(2) for h in range(2)]
        top = max(w for one in every for row in one for w in row)
        pictures = [p for p in self.picture(path, "--set", "color.range=heads", "--layer", "1", "--head", "0")
                    if p[:2] == (5, 4)]
        for i, row in enumerate(every[2]):
            for j, value in enumerate(row):
                self.assertIn(pictures[0][2][i][j], {lut[n] for n in entries(value, top, "linear")}, (i, j))

    def test_masked_cells_are_transparent(self):
        self.check(20, 7, 7, "linear", False, "--set", "mask.causal=true")
        self.check(21, 6, 8, "linear", False, "--set", "mask.hidden=0,5", "--set", "mask.window=4")


def unit(value, top, scale):
    if scale == "log":
        low = top * 1e-4
        return 0.0 if value <= low else math.log(value / low) / math.log(top / low)
    t = max(0.0, value / top)
    return math.sqrt(t) if scale == "sqrt" else t


def entries(value, top, scale):
    """LUT[floor(255 t + 0.5)]; two entries only where t lies within float rounding of the border."""
    exact = 255 * min(1.0, max(0.0, unit(value, top, scale))) + 0.5
    return {math.floor(exact), math.floor(exact - 255 * 4e-6), min(255, math.floor(exact + 255 * 4e-6))}


if __name__ == "__main__":
    unittest.main()
