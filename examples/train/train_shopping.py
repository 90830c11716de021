#!/usr/bin/env python3
"""Train the click predictors of examples/shopping: candidates ask what was looked at before."""

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import common
import recurrent
import transformer

SHELVES = {
    "camping": ["tent", "sleeping bag", "camp stove", "head torch", "rucksack"],
    "running": ["running shoes", "running socks", "sports watch", "energy bar", "wind jacket"],
    "kitchen": ["frying pan", "chef's knife", "cutting board", "kitchen scales", "apron"],
    "garden": ["watering can", "pruning shears", "tomato seeds", "flower pot", "rake"],
    "music": ["guitar", "guitar strings", "metronome", "music stand", "tuner"],
    "drawing": ["sketch book", "charcoal", "watercolours", "brush set", "easel"],
    "baby": ["nappies", "baby bottle", "pram", "cot", "rattle"],
    "travel": ["suitcase", "travel pillow", "power adapter", "guide book", "neck pouch"]}
ITEMS = [item for shelf in SHELVES.values() for item in shelf]
SHELF = np.repeat(np.arange(len(SHELVES)), 5)
SEEN, ASKED, D, H = 12, 8, 8, 8
FACTOR, SIGMA = 8, 0.6


def shopper(chance):
    """What someone with two or three interests looked at, what is offered, and what is clicked."""
    interests = chance.choice(len(SHELVES), chance.integers(2, 4), replace=False)
    shelves = np.where(chance.random(SEEN) < 0.85, chance.choice(interests, SEEN),
                       chance.integers(0, len(SHELVES), SEEN))
    seen = shelves * 5 + chance.integers(0, 5, SEEN)
    liked = np.where(chance.random(ASKED) < 0.5, chance.choice(interests, ASKED),
                     chance.integers(0, len(SHELVES), ASKED))
    asked = liked * 5 + chance.integers(0, 5, ASKED)
    # one look at the same shelf is worth something, more are worth a little more
    looks = (SHELF[seen][None] == SHELF[asked][:, None]).sum(axis=1)
    chosen = 1 / (1 + np.exp(-(2.2 * np.minimum(looks, 1) + 0.5 * np.minimum(looks, 4) - 2.4)))
    return seen, asked, chance.random(ASKED) < chosen


class Predictor(nn.Module):
    """Candidates attend to behaviour through one kind of score; a small network says click."""

    def __init__(self, kind):
        super().__init__()
        self.kind = kind
        self.embed = nn.Embedding(len(ITEMS), D)
        if kind == "featurewise":
            self.w_q, self.w_k = nn.Linear(D, H, bias=False), nn.Linear(D, H, bias=False)
        if kind == "cosine":
            self.to_q, self.to_k = nn.Linear(D, D, bias=False), nn.Linear(D, D, bias=False)
        self.to_v = nn.Linear(D, H, bias=False)
        self.click = nn.Sequential(nn.Linear(2 * H, 16), nn.ReLU(), nn.Linear(16, 1))

    def scores(self, a, b):
        """Scores of candidates a and behaviour b, [batch, asked, seen] or, featurewise, also of
        every feature."""
        if self.kind == "featurewise":
            return torch.tanh(self.w_q(a)[:, :, None] + self.w_k(b)[:, None])
        if self.kind == "cosine":
            q, k = self.to_q(a), self.to_k(b)
            norms = q.norm(dim=-1)[:, :, None] * k.norm(dim=-1)[:, None]
            return FACTOR * (q @ k.transpose(1, 2)) / norms
        return -(a[:, :, None] - b[:, None]).square().sum(dim=-1) / (2 * SIGMA ** 2)

    def forward(self, seen, asked):
        """Logits of clicks [batch, asked]; keeps the weights."""
        a, b = self.embed(asked), self.embed(seen)
        v = self.to_v(b)
        self.weights = self.scores(a, b).softmax(dim=2)
        if self.kind == "featurewise":
            context = (self.weights * v[:, None]).sum(dim=2)
        else:
            context = self.weights @ v
        offered = self.to_v(a)
        return self.click(torch.cat([offered * context, context - offered], dim=-1))[..., 0]

    @torch.no_grad()
    def head(self, seen, asked, store, prefix):
        """The head of a document for one shopper."""
        self(seen[None], asked[None])
        a, b = self.embed(asked).numpy(), self.embed(seen).numpy()

        def put(name, array):
            return store.put(prefix + name, array)

        def weight(layer):
            return put("w", layer.weight.numpy())

        recorded = self.weights[0].numpy()
        if self.kind == "cosine":
            return {"x_q": put("x_q", a), "x_k": put("x_k", b), "w_q": weight(self.to_q),
                    "w_k": weight(self.to_k), "w_v": weight(self.to_v),
                    "score": {"kind": "cosine", "factor": FACTOR},
                    "recorded": put("recorded", recorded)}
        head = {"q": put("q", a), "k": put("k", b),
                "v": put("v", self.to_v(self.embed(seen)).numpy())}
        if self.kind == "gaussian":
            return {**head, "score": {"kind": "gaussian", "sigma": SIGMA},
                    "recorded": put("recorded", recorded)}
        # weights of every query are features × keys: no matrix of them all to record
        return {**head, "score": {"kind": "featurewise", "w_q": weight(self.w_q),
                                  "w_k": weight(self.w_k)}}


def batch(count, chance):
    """Behaviour, candidates and clicks of new shoppers."""
    rows = [shopper(chance) for _ in range(count)]
    return [torch.tensor(np.stack(part)) for part in zip(*rows)]


def area_under_curve(logits, clicked):
    """Chance that a clicked candidate is scored above one that was not."""
    yes, no = logits[clicked], logits[~clicked]
    return float((yes[:, None] > no[None]).double().mean())


def write(models, chance):
    """Shoppers with every model as a layer; the record is in double."""
    store, parts = common.InlineBase64(), []
    for model in models:
        model.double()
    for _ in range(3):
        seen, asked, _ = shopper(chance)
        asked = np.array(sorted(set(asked)))
        seen_t, asked_t = torch.tensor(seen), torch.tensor(asked)
        layers = [{"name": m.kind, "heads": [m.head(seen_t, asked_t, store, "")]} for m in models]
        for model in models:
            clicks = model(seen_t[None], asked_t[None])[0].sigmoid().tolist()
            print(f"  {model.kind}: " + ", ".join(f"{ITEMS[i]} {p:.2f}"
                                                  for i, p in zip(asked, clicks)))
        parts.append({
            "attnscope": 1, "queries": {"tokens": [ITEMS[i] for i in asked]},
            "keys": {"tokens": [ITEMS[i] for i in seen]}, "layers": layers})
    common.write_document("shopping", {
        "attnscope": 1,
        "title": "Shopping",
        "about": "Rows are things a shop may offer, columns what a shopper looked at, oldest "
                 "first. Each layer scores them otherwise: cosine, gaussian, featurewise.",
        "d_model": D,
        "settings": {"view": "heatmap", "view2": "none"},
        "sentences": parts})


def main():
    watch = common.Stopwatch()
    recurrent.start(61)
    models = []
    for kind in ("cosine", "gaussian", "featurewise"):
        chance = np.random.default_rng(61)
        tested = batch(1000, chance)
        model = Predictor(kind)

        def batch_loss(_step):
            seen, asked, clicked = batch(64, chance)
            return F.binary_cross_entropy_with_logits(model(seen, asked), clicked.float())

        transformer.fit(model, 1000, batch_loss, rate=1e-2, report=500)
        with torch.no_grad():
            area = area_under_curve(model(*tested[:2]), tested[2])
        print(f"{kind}: AUC {area:.3f} on 1000 held-out shoppers")
        assert area >= 0.80
        models.append(model)
    write(models, chance)
    print(f"shopping: {watch}")


if __name__ == "__main__":
    main()
