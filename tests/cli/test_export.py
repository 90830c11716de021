#!/usr/bin/env python3
"""examples/export against small random modules of PyTorch that are built as the models of Hugging Face are:
the weights that attnscope computes must be those that the modules computed."""
import json
import math
import os
import sys
import types
import unittest

import support

try:
    import numpy
    import torch
    from torch import nn
except ImportError:
    torch = None

sys.path.insert(0, str(support.EXAMPLES / "export"))
HEADS, WIDTH, LAYERS = 2, 6, 2


def attend(q, k, v, causal=False):
    """[1, n, d_model] each → (output, weights [1, heads, n_q, n_k])"""
    q, k, v = (x.view(1, x.shape[1], HEADS, -1).transpose(1, 2) for x in (q, k, v))
    scores = q @ k.transpose(2, 3) / math.sqrt(q.shape[-1])
    if causal:
        scores = scores.masked_fill(torch.triu(torch.ones(scores.shape[2:]), 1).bool(), -math.inf)
    weights = scores.softmax(-1)
    return (weights @ v).transpose(1, 2).reshape(1, -1, WIDTH), weights


if torch:
    class Projections(nn.Module):
        """The self-attention of BERT and of ViT."""

        def __init__(self):
            super().__init__()
            self.num_attention_heads = HEADS
            self.query, self.key, self.value = (nn.Linear(WIDTH, WIDTH) for _ in range(3))

        def forward(self, x):
            return attend(self.query(x), self.key(x), self.value(x))

    class Wrapped(nn.Module):
        """`attention.self` of BERT, `attention.attention` of ViT."""

        def __init__(self, name):
            super().__init__()
            self.attention = nn.Module()
            self.attention.add_module(name, Projections())
            self.name = name

        def forward(self, x):
            return getattr(self.attention, self.name)(x)

    class Gpt2Block(nn.Module):
        def __init__(self):
            super().__init__()
            self.attn = nn.Module()
            self.attn.num_heads = HEADS
            self.attn.c_attn = nn.Linear(WIDTH, 3 * WIDTH)

        def forward(self, x):
            return attend(*self.attn.c_attn(x).split(WIDTH, 2), causal=True)

    class Encoder(nn.Module):
        """A chain of layers that hand on x and keep their weights."""

        def __init__(self, layers):
            super().__init__()
            self.layer = nn.ModuleList(layers)

        def forward(self, x):
            weights = []
            for layer in self.layer:
                more, w = layer(x)
                x = x + more
                weights.append(w)
            return weights

    class MarianAttention(nn.Module):
        def __init__(self):
            super().__init__()
            self.num_heads = HEADS
            self.q_proj, self.k_proj, self.v_proj = (nn.Linear(WIDTH, WIDTH) for _ in range(3))

        def forward(self, x, y, causal=False):
            return attend(self.q_proj(x), self.k_proj(y), self.v_proj(y), causal)

    class Marian(nn.Module):
        def __init__(self):
            super().__init__()
            self.model = nn.Module()
            for side in ("encoder", "decoder"):
                layers = nn.ModuleList()
                for _ in range(LAYERS):
                    layer = nn.Module()
                    layer.self_attn = MarianAttention()
                    if side == "decoder":
                        layer.encoder_attn = MarianAttention()
                    layers.append(layer)
                self.model.add_module(side, nn.Module())
                getattr(self.model, side).layers = layers

        def forward(self, x, y):
            weights = {"encoder": [], "decoder": [], "cross": []}
            for layer in self.model.encoder.layers:
                more, w = layer.self_attn(x, x)
                x = x + more
                weights["encoder"].append(w)
            for layer in self.model.decoder.layers:
                more, w = layer.self_attn(y, y, causal=True)
                y = y + more
                weights["decoder"].append(w)
                more, w = layer.encoder_attn(y, x)
                y = y + more
                weights["cross"].append(w)
            return weights


@unittest.skipIf(torch is None, "python3-torch is not installed")
class Export(support.Case):
    def setUp(self):
        super().setUp()
        torch.manual_seed(5)
        before = os.getcwd()
        os.chdir(self.folder)
        self.addCleanup(os.chdir, before)

    def check(self, name, weights):
        """weights: a [1, heads, n_q, n_k] for each layer"""
        for layer, expected in enumerate(weights):
            for head in range(HEADS):
                out = self.good("dump", self.folder / f"{name}.attn.json", "--stage", "weights",
                                "--layer", layer, "--head", head)
                got = [[float(x) for x in row.split(",")] for row in out.decode().split()]
                worst = (torch.tensor(got) - expected[0, head]).abs().max()
                self.assertLess(float(worst), 2e-6, (name, layer, head))

    def recorded_agrees(self, name):
        info = json.loads(self.good("info", "--json", self.folder / f"{name}.attn.json"))
        self.assertEqual(info["entry"], "qk")
        self.assertLess(info["recorded_error"]["value"], 1e-6)

    def test_bert(self):
        import bert
        model, x = Encoder(Wrapped("self") for _ in range(LAYERS)), torch.randn(1, 4, WIDTH)
        with bert.record(model) as layers:
            weights = model(x)
        bert.save("bert", layers, ["[CLS]", "un", "##done", "[SEP]"], weights)
        self.check("bert", weights)
        self.recorded_agrees("bert")

    def test_gpt2(self):
        import gpt2
        model, x = Encoder(Gpt2Block() for _ in range(LAYERS)), torch.randn(1, 5, WIDTH)
        with gpt2.record(model) as layers:
            weights = model(x)
        gpt2.save("gpt2", layers, ["A", "Ġcat", "Ġsat", "Ġdown", "."], weights)
        self.check("gpt2", weights)
        self.recorded_agrees("gpt2")

    def test_vit(self):
        import vit
        model, x = Encoder(Wrapped("attention") for _ in range(LAYERS)), torch.randn(1, 7, WIDTH)
        with vit.record(model) as layers:
            weights = model(x)
        vit.save("vit", layers, None, 2, 3, attentions=weights)
        self.check("vit", weights)
        self.recorded_agrees("vit")

    def test_marian(self):
        import marian
        model = Marian()
        with marian.record(model) as layers:
            weights = model(torch.randn(1, 3, WIDTH), torch.randn(1, 5, WIDTH))
        marian.save("marian", layers, ["▁ein", "▁Haus", "</s>"], ["<pad>", "▁a", "▁house", ".", "</s>"])
        for kind in ("encoder", "decoder", "cross"):
            self.check(f"marian.{kind}", weights[kind])

    def test_two_lines_without_these_files(self):
        model, x = Encoder(Wrapped("self") for _ in range(LAYERS)), torch.randn(1, 4, WIDTH)
        attentions = model(x)
        numpy.savez("plain.npz", attention=numpy.stack([a[0].detach().numpy() for a in attentions]),
                    tokens=numpy.array(["[CLS]", "a", "b", "[SEP]"]))
        out = self.good("dump", self.folder / "plain.npz", "--stage", "weights", "--layer", 1, "--head", 1)
        got = [[numpy.float32(x) for x in row.split(",")] for row in out.decode().split()]
        self.assertEqual(got, attentions[1][0, 1].tolist())

    def test_vit_without_hooks(self):
        import vit
        weights = Encoder(Wrapped("attention") for _ in range(LAYERS))(torch.randn(1, 7, WIDTH))
        vit.save("bare", {}, None, 2, 3, attentions=weights)
        self.check("bare", weights)
        info = json.loads(self.good("info", "--json", self.folder / "bare.attn.json"))
        self.assertEqual((info["entry"], info["layers"]), ("weights", LAYERS))

    def test_the_lines_of_the_readme_run_and_open(self):
        """As they stand there, on models whose outputs still want gradients."""
        import bert, gpt2, marian, vit

        class Named(nn.Module):
            """The arguments and the outputs of Hugging Face."""

            def __init__(self, model, kind):
                super().__init__()
                self.inner, self.kind = model, kind

            def forward(self, *inputs, output_attentions=False, **named):
                weights = self.inner(*inputs, *named.values())
                return types.SimpleNamespace(**{self.kind: weights["cross"] if isinstance(weights, dict) else weights})

        models = {"BERT": Named(Encoder(Wrapped("self") for _ in range(LAYERS)), "attentions"),
                  "GPT-2": Named(Encoder(Gpt2Block() for _ in range(LAYERS)), "attentions"),
                  "ViT": Named(Encoder(Wrapped("attention") for _ in range(LAYERS)), "attentions"),
                  "MarianMT": Named(Marian(), "cross_attentions")}
        given = {"np": numpy, "bert": bert, "gpt2": gpt2, "tokens": ["[CLS]", "a", "b", "[SEP]"],
                 "inputs": {"x": torch.randn(1, 4, WIDTH)}, "pixel_values": torch.randn(1, 197, WIDTH),
                 "source": ["x", "y", "</s>"], "target": ["<pad>", "q", "r", "s"],
                 "source_ids": torch.randn(1, 3, WIDTH), "target_ids": torch.randn(1, 4, WIDTH)}
        text = (support.ROOT / "README.md").read_text(encoding="utf-8")
        text = text[text.index("### Out of Hugging Face"):text.index("Pickled files")]
        (self.folder / "cat.png").write_bytes((support.ROOT / "tests/data/load/picture.png").read_bytes())
        blocks = [b for b in text.split("\n\n") if b.startswith("    ")]
        self.assertEqual(len(blocks), 7)
        for block in blocks:
            code = "\n".join(line.strip() for line in block.splitlines())
            kind = ("ViT" if "vit" in code else "MarianMT" if "marian" in code else
                    "GPT-2" if "gpt2" in code else "BERT")
            names = dict(given, model=models[kind], vit=vit, marian=marian, ids=given["target_ids"])
            if "with " not in code:  # here they are the models; save is that of the file
                names["marian"] = models["MarianMT"]
                names["vit"] = models["ViT"]
                names["vit"].save = vit.save
                names["inputs"] = {"x": given["source_ids"]} if kind == "MarianMT" else given["inputs"]
            exec(code, names)
        made = {p.name for p in self.folder.glob("*.attn.json")} | {"bert.npz", "mt.npz", "vit.npz"}
        self.assertEqual(made, {"bert.attn.json", "gpt2.attn.json", "cat.attn.json", "de-en.encoder.attn.json",
                                "de-en.decoder.attn.json", "de-en.cross.attn.json", "bert.npz", "mt.npz", "vit.npz"})
        for name in sorted(made):
            self.good("info", self.folder / name)

    def test_hooks_are_taken_away(self):
        import bert
        model = Encoder([Wrapped("self")])
        with bert.record(model) as layers:
            pass
        model(torch.randn(1, 2, WIDTH))
        self.assertNotIn("query", layers[0])


if __name__ == "__main__":
    unittest.main()
