#!/usr/bin/env python3
"""Train the vision transformer of examples/shapes: which paint has the largest shape?"""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import common
import scenes
import transformer

SPECIAL = ["[CLS]", "reg 0", "reg 1"]
HALF = 2  # the transformer sees the pictures at half size


class VisionTransformer(nn.Module):
    """Patches and special tokens; [CLS] names the paint, each patch says "I am of that shape"."""

    def __init__(self, layers, heads, d_model):
        super().__init__()
        pixels = scenes.PATCH // HALF
        self.to_token = transformer.Linear(3 * pixels * pixels, d_model)
        self.special = nn.Parameter(0.1 * torch.randn(1, len(SPECIAL), d_model))
        self.places = nn.Parameter(0.1 * torch.randn(1, scenes.ROWS * scenes.COLS, d_model))
        self.stack = transformer.Stack(layers, d_model, heads, 2 * d_model)
        self.to_paint = nn.Linear(d_model, len(scenes.NAMES))
        self.to_cover = nn.Linear(d_model, 1)

    def forward(self, patches):
        """Scores of the paints [batch, paints] and of cover [batch, patches]."""
        x = self.to_token(patches) + self.places
        x = self.stack(torch.cat([self.special.expand(len(x), -1, -1), x], dim=1))
        return self.to_paint(x[:, 0]), self.to_cover(x[:, len(SPECIAL):])[..., 0]


def as_input(picture):
    """Pictures at half size to patches centred on zero."""
    return torch.tensor(4 * scenes.patches(picture - 0.5), dtype=torch.float32)


def batch(count, chance):
    """Patches, the paint of the largest shape, and how much of each patch that shape covers."""
    what = scenes.random_scenes(count, chance)
    picture, cover = scenes.draw(what, HALF, chance)
    share = torch.tensor(scenes.patches(cover).mean(axis=-1), dtype=torch.float32)
    return as_input(picture), torch.tensor(what.paint[:, 0]), share


@torch.no_grad()
def measure(model, count, chance):
    """Share of pictures whose paint is right, and of patches whose cover is (half or more)."""
    right = patch_right = 0
    for _ in range(count // 50):
        patches, paint, share = batch(50, chance)
        named, covered = model(patches)
        right += int((named.argmax(dim=-1) == paint).sum())
        patch_right += float(((covered > 0) == (share > 0.5)).float().mean()) * 50
    return right / count, patch_right / count


def half_size(picture):
    """Mean of 2 × 2 pixels."""
    count, height, width, _ = picture.shape
    return picture.reshape(count, height // 2, 2, width // 2, 2, 3).mean(axis=(2, 4))


@torch.no_grad()
def record(model, picture):
    """Attention of every layer on one picture of full size, and the paint it names."""
    named, _ = model(as_input(half_size(picture[None])))
    return model.stack.records(), scenes.NAMES[int(named.argmax())]


def head_on_shape(recorded, covers):
    """The head in which [CLS] puts most weight on the patches of the largest shape."""
    weights = np.array([[r["weights"][:, 0, len(SPECIAL):] for r in records]
                        for records in recorded])
    shares = np.array([scenes.patches(c[None]).mean(axis=-1)[0] > 0.5 for c in covers])
    mean = np.einsum("slhp,sp->lh", weights, shares) / len(recorded)
    layer, head = divmod(int(mean.argmax()), mean.shape[1])
    return layer, head, mean[layer, head]


def varied_scenes(chance):
    """Three scenes, one of each landscape, whose largest shapes differ in kind and paint."""
    while True:
        what = scenes.random_scenes(3, chance)._replace(land=np.arange(3))
        if len(set(what.kind[:, 0])) == len(set(what.paint[:, 0])) == 3:
            return what


def write(model, chance):
    """Write three new pictures, all of which the model must name rightly.

    To save space, only the first has the recorded weights of every layer, the others of the last.
    """
    what = varied_scenes(chance)
    pictures, covers = scenes.draw(what, 1, chance)
    pictures = (255 * pictures).round().astype(np.uint8)
    store, parts, recorded, worst = common.TensorFile("shapes"), [], [], 0.0
    for index, picture in enumerate(pictures):
        records, named = record(model, picture / 255)
        assert named == scenes.NAMES[what.paint[index, 0]], "the model misreads a shown picture"
        names = [f"layer {i}" for i in range(len(records))]
        keep = None if index == 0 else [len(records) - 1]
        layers, error = common.stacked_layers(store, f"s{index}.", records, names, keep=keep)
        worst = max(worst, error)
        recorded.append(records)
        file = f"scene-{index}.png"
        common.write_png(common.example_path("shapes", file), picture)
        parts.append({
            "attnscope": 1,
            "title": f"the largest is {named}",
            "image": {"file": file, "rows": scenes.ROWS, "cols": scenes.COLS, "special": SPECIAL,
                      "axis": "both"},
            "layers": layers,
        })
    layer, head, weight = head_on_shape(recorded, covers)
    print(f"head on the largest shape: layer {layer} head {head}, [CLS] gives it {weight:.3f}")
    print(f"largest |recorded - float64 softmax| {worst:.2g}")
    common.write_document("shapes", {
        "attnscope": 1,
        "title": "A picture",
        "about": "A vision transformer that names the colour of the largest shape and marks its "
                 "patches. Ask [CLS], or any patch, where it looks.",
        "d_model": 64,
        "settings": {"view": "patches", "layer": layer, "head": head, "query": 0,
                     "color.range": "row"},
        "sentences": parts,
    }, store)


def main():
    watch = common.Stopwatch()
    transformer.start(8)
    chance = np.random.default_rng(8)
    model = VisionTransformer(layers=3, heads=4, d_model=64)

    def batch_loss(_step):
        patches, paint, share = batch(32, chance)
        named, covered = model(patches)
        mark = F.binary_cross_entropy_with_logits(covered, share)
        return F.cross_entropy(named, paint) + 2 * mark + 0.02 * model.stack.pressure()

    transformer.fit(model, steps=400, batch_loss=batch_loss, report=100)

    right, marked = measure(model, 500, chance)
    print(f"largest shape's colour on 500 held-out pictures: {100 * right:.1f} %, "
          f"patches marked rightly {100 * marked:.1f} %")
    assert right >= 0.90
    write(model, chance)
    print(f"shapes: {watch}")


if __name__ == "__main__":
    main()
