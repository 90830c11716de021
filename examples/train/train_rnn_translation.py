#!/usr/bin/env python3
"""Train the recurrent translators of examples/rnn-translation: additive and general attention."""

import random

import torch
from torch import nn
from torch.nn import functional as F

import common
import german
import recurrent
import seq2seq
import transformer

D_WORD, HIDDEN, D_SCORE, SHOWN = 32, 64, 32, 6


class Translator(nn.Module):
    """A GRU reads the source; a GRU that attends to its states says the target."""

    def __init__(self, score):
        super().__init__()
        english, german_words = german.words()
        self.source = transformer.Vocabulary(english)
        self.target = transformer.Vocabulary(german_words)
        self.embed = nn.Embedding(len(self.source), D_WORD)
        self.encoder = nn.GRU(D_WORD, HIDDEN, batch_first=True)
        self.decoder = recurrent.Decoder(len(self.target), D_WORD, HIDDEN, HIDDEN, [score], True)

    def read(self, sources):
        """States of the encoder and the lengths of the sources."""
        lengths = torch.tensor([len(s) for s in sources])
        return self.encoder(self.embed(self.source.batch(sources)))[0], lengths

    def forward(self, pairs):
        """Scores of the target words and </s>, by teacher forcing."""
        before = self.target.batch([["<s>"] + p.target for p in pairs])
        return self.decoder(*self.read([p.source for p in pairs]), before)

    def translate(self, sources):
        """Greedy translations."""
        index = self.target.index
        said = self.decoder.say(*self.read(sources), index["<s>"], index["</s>"])
        return [[self.target.words[i] for i in row] for row in said]


def train(model, corpus, steps):
    """Teacher forcing on fresh sentences; the alignment is never shown to the model."""
    def batch_loss(_step):
        pairs = corpus.draw(48)
        after = model.target.batch([p.target + ["</s>"] for p in pairs])
        return F.cross_entropy(model(pairs).flatten(0, 1), after.flatten(), ignore_index=0,
                               label_smoothing=0.05)

    transformer.fit(model, steps, batch_loss, rate=5e-3)


@torch.no_grad()
def measure(model, pairs):
    """Share of pairs that are translated word for word, and of argmax links that are sure."""
    right = linked = total = 0
    for at in range(0, len(pairs), 100):
        some = pairs[at:at + 100]
        said = model.translate([p.source for p in some])
        right += sum(a == p.target for a, p in zip(said, some))
        model(some)
        best = model.decoder.weights_of(0).argmax(dim=-1)
        for row, pair in enumerate(some):
            for target in {t for _, t in pair.sure}:
                total += 1
                linked += (int(best[row, target]), target) in pair.sure
    return right / len(pairs), linked / total


@torch.no_grad()
def layer(model, pair, name, score, gru, prefix, store):
    """One translator's attention on one pair, as a layer of one head."""
    model([pair])
    q, weights = model.decoder.kept(0, len(pair.target))
    x = model.embed(model.source.batch([pair.source]))[0]
    return {"name": name, "heads": [{
        "q": store.put(prefix + "q", q), "x_k": store.put(prefix + "x_k", x.numpy()),
        "rnn_k": gru, "score": score, "recorded": store.put(prefix + "recorded", weights)}]}


def write(models, pairs):
    """All pairs, each with a layer per translator, computed in double for the record."""
    store, parts, shared = common.TensorFile("rnn-translation"), [], []
    for name, model in models.items():
        kind = name.split()[0]
        score = recurrent.stored(store, kind, model.decoder.scores[0].parameters_of())
        gru = recurrent.stored(store, kind, recurrent.gru_of(model.encoder))
        shared.append((name, score, gru))
        model.double()
    for index, pair in enumerate(pairs):
        layers = [layer(model, pair, name, score, gru, f"s{index}.l{i}.", store)
                  for i, (model, (name, score, gru)) in enumerate(zip(models.values(), shared))]
        parts.append({
            "attnscope": 1,
            "queries": {"tokens": pair.target, "lang": "de"},
            "keys": {"tokens": pair.source, "lang": "en"},
            "alignment": {"sure": seq2seq.links(pair.sure),
                          "possible": seq2seq.links(pair.possible)},
            "layers": layers})
    common.write_document("rnn-translation", {
        "attnscope": 1,
        "title": "Recurrent translation",
        "about": "English to German, whose verbs go to the end. The keys are the states of a GRU "
                 "over the English words; layer 0 scores them as Bahdanau does, layer 1 as Luong.",
        "settings": {"view": "lines", "gold": True},
        "sentences": parts}, store)


def shown_pairs(chance):
    """Pairs for the document: of every order, with at least nine words."""
    found, seen = [], set()
    while len(found) < SHOWN:
        pair = german.sentence(chance)
        kind = ("that" in pair.source, "?" in pair.source, "has" in pair.source)
        if len(pair.source) >= 9 and kind not in seen:
            seen.add(kind)
            found.append(pair)
    return sorted(found, key=lambda p: ("that" not in p.source, "?" in p.source))


def main():
    watch = common.Stopwatch()
    recurrent.start(21)
    shown = shown_pairs(random.Random(21))
    corpus = seq2seq.Corpus(german.sentence, shown, random.Random(22))
    held_out = corpus.draw(500, held_out=True)
    models = {
        "additive (Bahdanau)": Translator(recurrent.Additive(HIDDEN, HIDDEN, D_SCORE)),
        "general (Luong)": Translator(recurrent.General(HIDDEN, HIDDEN))}
    for name, model in models.items():
        train(model, corpus, 1500)
        exact, share = measure(model, held_out)
        print(f"{name}: {100 * exact:.1f} % of {len(held_out)} held-out sentences exact, "
              f"{100 * share:.1f} % of the argmax links sure")
        assert exact >= 0.95
        assert model.translate([p.source for p in shown]) == [p.target for p in shown]
    for pair in shown:
        print("  " + " ".join(pair.source) + " | " + " ".join(pair.target))
    write(models, shown)
    print(f"rnn-translation: {watch}")


if __name__ == "__main__":
    main()
