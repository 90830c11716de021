#!/usr/bin/env python3
"""Train the reader of examples/mood: one weight per word, and the strongest opinion decides."""

import random
import zlib

import torch
from torch import nn
from torch.nn import functional as F

import common
import recurrent
import transformer

D_MODEL, D_K = 12, 6
# an opinion and its strength: no two of a review are equally strong
OPINIONS = {"terrible": -4, "awful": -4, "bad": -3, "poor": -3, "dull": -2, "slow": -2, "plain": -1,
            "odd": -1, "fine": 1, "decent": 1, "nice": 2, "pleasant": 2, "good": 3, "tasty": 3,
            "great": 4, "wonderful": 4}
THINGS = ["food", "soup", "staff", "music", "wine", "room", "view", "service", "bread", "garden"]
STARTS = ["", "yesterday", "to be honest", "as always", "we thought"]
ENDS = ["", "in the end", "for the price", "that evening", "i would say"]
SHOWN = ["the food was decent but the staff was terrible",
         "yesterday the room was dull , the bread was plain and the view was wonderful",
         "to be honest the soup was odd and the wine was poor but the garden was great",
         "the music was pleasant and the service was bad for the price"]


def review(chance):
    """Two to four opinions, and whether the strongest one is good."""
    count = chance.choice([2, 2, 3, 4])
    strengths = chance.sample([1, 2, 3, 4], count)
    parts = []
    for strength, thing in zip(strengths, chance.sample(THINGS, count)):
        word = chance.choice([w for w, s in OPINIONS.items() if abs(s) == strength])
        parts.append(f"the {thing} was {word}")
    text = parts[0]
    for i, part in enumerate(parts[1:], 2):
        text += (f" {chance.choice(['and', 'but'])} " if i == count else " , ") + part
    return " ".join(f"{chance.choice(STARTS)} {text} {chance.choice(ENDS)}".split())


def is_good(text):
    """What the strongest opinion says."""
    return max((OPINIONS[w] for w in text.split() if w in OPINIONS), key=abs) > 0


def held_out(text):
    """A tenth of all reviews, and those that are shown."""
    return text in SHOWN or zlib.crc32(text.encode()) % 10 == 0


class Reader(nn.Module):
    """a_i = softmax over the words of q_i · k_i; the verdict is Σ a_i v_i."""

    def __init__(self, words):
        super().__init__()
        self.words = transformer.Vocabulary(words, special=("[PAD]",))
        self.embed = nn.Embedding(len(self.words), D_MODEL)
        self.w_q, self.w_k = (nn.Linear(D_MODEL, D_K, bias=False) for _ in range(2))
        self.w_v = nn.Linear(D_MODEL, 2, bias=False)

    def forward(self, texts):
        """Verdicts [batch, 2], against and for; keeps the weights."""
        ids = self.words.batch([t.split() for t in texts])
        x = self.embed(ids)
        scores = (self.w_q(x) * self.w_k(x)).sum(dim=-1).masked_fill(ids == 0, -torch.inf)
        self.weights = scores.softmax(dim=-1)
        self.pressure = scores.masked_fill(ids == 0, 0).square().mean()
        return (self.weights[..., None] * self.w_v(x)).sum(dim=1)


@torch.no_grad()
def write(model):
    """The shown reviews over one vocabulary; the embedding is the document's, not a sentence's."""
    store = common.InlineBase64()
    vocab = {"tokens": model.words.words[1:], "position": "none",
             "embedding": store.put("embedding", model.embed.weight[1:].numpy())}
    projections = {name: store.put(name, getattr(model, name).weight.numpy())
                   for name in ("w_q", "w_k", "w_v")}
    model.double()
    parts = []
    for text in SHOWN:
        verdict = model([text])[0].softmax(dim=-1)
        pairs = sorted(zip(model.weights[0].tolist(), text.split()), reverse=True)[:3]
        print(f"  {'good' if verdict[1] > verdict[0] else 'bad'}: {text}: "
              + ", ".join(f"{word} {weight:.2f}" for weight, word in pairs))
        assert bool(verdict[1] > verdict[0]) == is_good(text)
        parts.append({
            "attnscope": 1, "tokens": text.split(),
            "layers": [{"name": "one weight per word", "heads": [{
                **projections, "score": {"kind": "elementwise"},
                "recorded": model.weights.tolist()}]}]})
    common.write_document("mood", {
        "attnscope": 1,
        "title": "One weight per word",
        "about": "Was it a good evening? The strongest opinion decides. Every word has one weight, "
                 "the softmax of its own q·k, and all words together one output.",
        "d_model": D_MODEL, "vocab": vocab, "sentences": parts})


def main():
    watch = common.Stopwatch()
    recurrent.start(51)
    chance = random.Random(51)
    words = {w for text in STARTS + ENDS for w in text.split()} | set(OPINIONS) | set(THINGS)
    model = Reader(words | {"the", "was", "and", "but", ","})

    def draw(count, held):
        found = []
        while len(found) < count:
            text = review(chance)
            if held_out(text) == held:
                found.append(text)
        return found

    def batch_loss(_step):
        texts = draw(64, False)
        due = torch.tensor([int(is_good(t)) for t in texts])
        # the pressure keeps the softmax from turning into a switch
        return F.cross_entropy(model(texts), due) + 0.004 * model.pressure

    transformer.fit(model, 1500, batch_loss, rate=1e-2, report=500)
    tested = draw(500, True)
    with torch.no_grad():
        right = sum(bool(v[1] > v[0]) == is_good(t) for v, t in zip(model(tested), tested))
    print(f"{100 * right / len(tested):.1f} % of {len(tested)} held-out reviews judged rightly")
    assert right >= 0.95 * len(tested)
    write(model)
    print(f"mood: {watch}")


if __name__ == "__main__":
    main()
