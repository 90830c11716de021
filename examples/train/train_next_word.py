#!/usr/bin/env python3
"""Train the causal language model of examples/next-word on little stories."""

import math
import random
import zlib
from collections import Counter

import torch
from torch import nn
from torch.nn import functional as F

import common
import stories
import transformer

SHOWN = [
    "Her brother gave Mia a red kite . One evening she lost the kite in the garden . Mia was sad . "
    "Her dog found the red kite behind the bench . Mia was happy again .",
    "One morning Otto went to the market . In the market he bought three yellow hats . He gave one "
    "hat to his uncle . Then Otto counted the hats again . The uncle was proud .",
    "Leo had a small goat . Every night the goat was hungry . Leo gave the goat some rice . "
    "But the goat did not like the rice . Leo laughed , and so did his aunt .",
]
SHOWN = [text.split() for text in SHOWN]


class LanguageModel(nn.Module):
    """A causal transformer over words."""

    def __init__(self, vocabulary, layers, heads, d_model):
        super().__init__()
        self.vocabulary = vocabulary
        self.embedding = transformer.Embedding(len(vocabulary), d_model, longest=64)
        self.stack = transformer.Stack(layers, d_model, heads, 4 * d_model, dropout=0.1)
        self.to_word = transformer.Linear(d_model, len(vocabulary))

    def forward(self, ids):
        allowed = transformer.causal(ids.shape[1])
        return self.to_word(self.stack(self.embedding(ids), allowed))

    def losses(self, texts):
        """Negative log-likelihood of every word of the texts and of their ends."""
        before = self.vocabulary.batch([["<s>"] + text for text in texts])
        after = self.vocabulary.batch([text + ["</s>"] for text in texts])
        losses = F.cross_entropy(self(before).flatten(0, 1), after.flatten(), reduction="none")
        return losses[after.flatten() != 0]


def held_out(text):
    """A tenth of all stories, and those of the document, are not trained on."""
    return text in SHOWN or zlib.crc32(" ".join(text).encode()) % 10 == 0


def draw(chance, count, wanted=False):
    """`count` stories that are held out, or that are not."""
    found = []
    while len(found) < count:
        text = stories.story(chance)
        if held_out(text) == wanted:
            found.append(text)
    return found


@torch.no_grad()
def perplexity(model, texts):
    """e to the mean loss of a word."""
    return math.exp(torch.cat([model.losses(texts[i:i + 50]) for i in range(0, len(texts), 50)])
                    .mean().item())


def unigram_perplexity(training, texts, words):
    """Of the model that knows how often each word occurs, with one count added to each."""
    counts = Counter(word for text in training for word in text + ["</s>"])
    total = sum(counts.values()) + words
    losses = [-math.log((counts[word] + 1) / total) for text in texts for word in text + ["</s>"]]
    return math.exp(sum(losses) / len(losses))


@torch.no_grad()
def record(model, text):
    """Attention of every layer, and the tokens that it is over."""
    tokens = ["<s>"] + text
    model(model.vocabulary.batch([tokens]))
    return tokens, model.stack.records()


def repeat_head(recorded):
    """The head that looks most at the word behind an earlier copy of the present word.

    That is how a model says again what it has read: at the second "red", look behind the first.
    Counted where the text does repeat itself.
    """
    total, count = 0, 0
    for tokens, records in recorded:
        weights = torch.stack([torch.from_numpy(r["weights"]) for r in records])
        for i, now in enumerate(zip(tokens, tokens[1:])):
            behind = [j + 1 for j in range(i - 1) if (tokens[j], tokens[j + 1]) == now]
            if behind and now[1].isalpha():
                total, count = total + weights[:, :, i, behind].sum(dim=-1), count + 1
    mean = total / count
    layer, head = divmod(int(mean.argmax()), mean.shape[1])
    return layer, head, float(mean[layer, head])


def write(model):
    """Record the shown stories and write them as one document."""
    recorded = [record(model, text) for text in SHOWN]
    layer, head, weight = repeat_head(recorded)
    print(f"repeating head: layer {layer} head {head}, mean weight behind the earlier copy "
          f"{weight:.3f}")
    store, parts, worst = common.TensorFile("next-word"), [], 0.0
    for index, (tokens, records) in enumerate(recorded):
        names = [f"layer {i}" for i in range(len(records))]
        allowed = transformer.causal(len(tokens)).numpy()
        layers, error = common.stacked_layers(store, f"s{index}.", records, names, allowed)
        worst = max(worst, error)
        parts.append({"attnscope": 1, "tokens": tokens, "layers": layers})
    print(f"largest |recorded - float64 softmax| {worst:.2g}")
    common.write_document("next-word", {
        "attnscope": 1,
        "title": "Next word",
        "about": "A causal language model of little stories. Every word sees itself and what came "
                 "before; untick the causal mask and watch the future flow in.",
        "d_model": 64,
        "settings": {"mask.causal": True, "layer": layer, "head": head},
        "sentences": parts,
    }, store)


def main():
    watch = common.Stopwatch()
    transformer.start(5)
    chance = random.Random(5)
    training, by_hand = draw(chance, 8000), stories.by_hand()
    words = {word for text in training + by_hand + SHOWN for word in text}
    model = LanguageModel(transformer.Vocabulary(words), layers=4, heads=4, d_model=64)
    print(f"{len(model.vocabulary)} words")

    def batch_loss(_step):
        texts = chance.sample(training, 30) + chance.sample(by_hand, 2)
        return model.losses(texts).mean()

    transformer.fit(model, steps=500, batch_loss=batch_loss)

    test = draw(chance, 500, wanted=True)
    ours, unigram = perplexity(model, test), unigram_perplexity(training, test,
                                                                len(model.vocabulary))
    print(f"held-out perplexity {ours:.2f}, unigram model {unigram:.2f}")
    assert ours <= unigram / 2
    write(model)
    print(f"next-word: {watch}")


if __name__ == "__main__":
    main()
