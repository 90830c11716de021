#!/usr/bin/env python3
"""Train the gated classifier of examples/image-gate: what colour is the star?"""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import common
import scenes
import transformer

STAR, CHANNELS, HALF = scenes.KINDS.index("star"), 8, 2


class Gated(nn.Module):
    """Convolutions to a map of 10 × 12, a gate over it, and the sum of what it lets through."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 12, 5, stride=2, padding=2), nn.ReLU(),
            nn.Conv2d(12, 24, 3, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(24, 24, 3, stride=2, padding=1), nn.ReLU(),
            nn.Conv2d(24, 24, 3, padding=1), nn.ReLU(),
            nn.Conv2d(24, CHANNELS, 1))
        self.conv1 = nn.Conv2d(CHANNELS, CHANNELS, 1, bias=False)
        self.conv2 = nn.Conv2d(CHANNELS, CHANNELS, 1, bias=False)
        self.to_paint = nn.Linear(CHANNELS, len(scenes.NAMES))
        self.to_star = nn.Conv2d(CHANNELS, 1, 1)

    def forward(self, pictures):
        """Scores of the paints, and of "here is the star" for every place.

        Pictures are [batch, height, width, 3], of half size.
        """
        self.x = self.features(4 * (pictures.permute(0, 3, 1, 2) - 0.5))
        first = self.conv1(self.x)
        self.gate = torch.sigmoid(first * self.conv2(first))
        let_through = self.gate * self.x
        named = self.to_paint(let_through.sum(dim=(2, 3)) / 8)
        return named, self.to_star(let_through).flatten(1)


def scenes_with_a_star(count, chance):
    """Scenes of which exactly one shape is a star; the answer is (scenes, index of the star)."""
    what = scenes.random_scenes(count, chance)
    kind, there = what.kind.copy(), what.radius > 0
    kind[kind == STAR] = chance.integers(0, STAR, (kind == STAR).sum())
    star = chance.integers(0, there.sum(axis=1))
    kind[np.arange(count), star] = STAR
    return what._replace(kind=kind), star


def batch(count, chance):
    """Pictures of half size, the paint of the star, and which patch its centre is in."""
    what, star = scenes_with_a_star(count, chance)
    picture, _ = scenes.draw(what, HALF, chance)
    at = np.arange(count)
    return (torch.tensor(picture, dtype=torch.float32), torch.tensor(what.paint[at, star]),
            torch.tensor(patch_of(what.x[at, star], what.y[at, star])))


def mirrored(parts, chance):
    """Some of the pictures of a pool, half of them mirrored: drawing is what takes the time."""
    pictures, paint, place = parts
    some = torch.tensor(chance.integers(0, len(paint), 32))
    if chance.random() < 0.5:
        return pictures[some], paint[some], place[some]
    row = place[some] // scenes.COLS * scenes.COLS
    return pictures[some].flip(2), paint[some], 2 * row + scenes.COLS - 1 - place[some]


def patch_of(x, y):
    """The patch that a place lies in."""
    return (y // scenes.PATCH * scenes.COLS + x // scenes.PATCH).astype(int)


@torch.no_grad()
def measure(model, count, chance):
    """Share of new scenes whose star is named rightly."""
    right = 0
    for _ in range(count // 50):
        pictures, paint, _ = batch(50, chance)
        right += int((model(pictures)[0].argmax(dim=-1) == paint).sum())
    return right / count


def flat(plane):
    """[1, c, rows, cols] to [positions, c], row by row."""
    return plane[0].flatten(1).T.detach().numpy()


def shown_scenes(chance):
    """Three scenes, one of each landscape, with small stars of three paints and four shapes or more."""
    while True:
        what, star = scenes_with_a_star(3, chance)
        what = what._replace(land=np.arange(3))
        at = np.arange(3)
        full = (star > 0).all() and (what.radius[:, 3] > 0).all()
        if full and len(set(what.paint[at, star])) == 3:
            return what, star


@torch.no_grad()
def write(model, chance):
    """Write three new scenes, whose stars the model must name rightly."""
    what, star = shown_scenes(chance)
    pictures, _ = scenes.draw(what, 1, chance)
    pictures = (255 * pictures).round().astype(np.uint8)
    store, parts = common.InlineBase64(), []
    for index, picture in enumerate(pictures):
        half = (picture / 255).reshape(scenes.HEIGHT // 2, 2, scenes.WIDTH // 2, 2, 3)
        named, _ = model(torch.tensor(half.mean(axis=(1, 3))[None], dtype=torch.float32))
        named = scenes.NAMES[int(named.argmax())]
        assert named == scenes.NAMES[what.paint[index, star[index]]], "a shown star is misread"
        gate = flat(model.gate)
        place = patch_of(what.x[index, star[index]], what.y[index, star[index]])
        far = np.median(gate, axis=0)
        print(f"scene {index}: {named} star at {divmod(place, scenes.COLS)}; gate there "
              + " ".join(f"{g:.2f}" for g in gate[place]) + ", median of the map "
              + " ".join(f"{g:.2f}" for g in far))
        file = f"scene-{index}.png"
        common.write_png(common.example_path("image-gate", file), picture)
        parts.append({
            "attnscope": 1,
            "title": f"the star is {named}",
            "image": {"file": file, "rows": scenes.ROWS, "cols": scenes.COLS, "axis": "both"},
            "layers": [{"name": "gate", "heads": [{
                "x": store.put("x", flat(model.x)),
                "score": {"kind": "gate",
                          "conv1": store.put("conv1", model.conv1.weight[:, :, 0, 0].numpy()),
                          "conv2": store.put("conv2", model.conv2.weight[:, :, 0, 0].numpy())},
                "recorded": store.put("recorded", gate)}]}]})
    common.write_document("image-gate", {
        "attnscope": 1,
        "title": "A gate over a picture",
        "about": "A small convolutional network that names the colour of the star. A gate between "
                 "0 and 1 decides, at every place and for every channel, what is let through.",
        "sentences": parts})


def main():
    watch = common.Stopwatch()
    transformer.start(31, threads=1)
    chance = np.random.default_rng(31)
    model = Gated()
    pool = [torch.cat(part) for part in zip(*(batch(60, chance) for _ in range(40)))]

    def batch_loss(_step):
        pictures, paint, place = mirrored(pool, chance)
        named, where = model(pictures)
        # a little pressure to close: what need not pass should not
        return (F.cross_entropy(named, paint) + 0.5 * F.cross_entropy(where, place)
                + 0.4 * model.gate.mean())

    transformer.fit(model, steps=3500, batch_loss=batch_loss, rate=3e-3, report=250)
    right = measure(model, 500, chance)
    print(f"star's colour on 500 held-out pictures: {100 * right:.1f} %")
    assert right >= 0.90
    write(model, chance)
    print(f"image-gate: {watch}")


if __name__ == "__main__":
    main()
