#!/usr/bin/env python3
"""Train the recogniser of examples/spoken-words: made-up sounds, spelled letter by letter.

Two recognisers look at the frames while they spell. One scores by concat, it hears what is there;
the other by location, it only knows where it expects the next letter.
"""

from collections import namedtuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import common
import recurrent
import transformer

BANDS, LONGEST, HIDDEN, D_SCORE = 16, 80, 48, 24
VOWELS, CONSONANTS = "aeiou", "bdfgklmnprst"
WORDS = ["banana", "salami", "tomato", "domino", "potato", "limited"]
# centres of the two strongest bands of each letter, and the loudness of hiss above
VOICES = {"a": (5, 8, 0), "e": (3, 11, 0), "i": (2, 13, 0), "o": (4, 6, 0), "u": (2, 5, 0),
          "b": (0, 4, 0), "d": (0, 9, 0), "f": (13, 15, .3), "g": (0, 7, 0), "k": (7, 10, .2),
          "l": (2, 8, 0), "m": (1, 6, 0), "n": (1, 9, 0), "p": (3, 15, .2), "r": (3, 7, .1),
          "s": (14, 15, .5), "t": (10, 12, .3)}

# frames [n, BANDS]; bounds [(first frame, behind the last)] of every letter
Sound = namedtuple("Sound", "word frames bounds")


def random_word(chance):
    """Two to four syllables of a consonant and a vowel, now and then closed by a consonant."""
    word = "".join(chance.choice(list(CONSONANTS)) + chance.choice(list(VOWELS))
                   for _ in range(chance.integers(2, 5)))
    return word + (chance.choice(list(CONSONANTS)) if chance.random() < 0.3 else "")


def speak(word, chance):
    """A made-up spectrogram: letters of varying length that run into each other, and noise."""
    bands = np.arange(BANDS)
    parts, bounds = [np.zeros((chance.integers(1, 5), BANDS))], []
    at = len(parts[0])
    for letter in word:
        length = int(chance.integers(4, 9) if letter in VOWELS else chance.integers(2, 6))
        low, high, hiss = VOICES[letter]
        shift = chance.normal(0, 0.3)
        shape = np.exp(-0.5 * ((bands - low - shift) / 0.8) ** 2)
        shape += 0.8 * np.exp(-0.5 * ((bands - high - shift) / 0.9) ** 2)
        shape += hiss * (bands > 8)
        rise = np.sin(np.linspace(0.25, 1, length + 2)[1:-1] * np.pi) ** 0.5
        parts.append(chance.uniform(0.7, 1.1) * rise[:, None] * shape)
        bounds.append((at, at + length))
        at += length
    parts.append(np.zeros((chance.integers(1, 5), BANDS)))
    frames = np.concatenate(parts)
    smooth = frames.copy()
    smooth[1:] += 0.35 * frames[:-1]
    smooth[:-1] += 0.35 * frames[1:]
    frames = np.abs(smooth / 1.7 + chance.normal(0, 0.06, frames.shape))
    return Sound(word, frames.astype(np.float32), bounds)


class Recogniser(nn.Module):
    """A GRU hears the frames; a GRU that attends to its states spells.

    The second starts from nothing, so that all it knows of the sound came through attention.
    """

    def __init__(self, score):
        super().__init__()
        self.letters = transformer.Vocabulary(VOWELS + CONSONANTS)
        self.encoder = nn.GRU(BANDS, HIDDEN, batch_first=True)
        self.decoder = recurrent.Decoder(len(self.letters), 12, HIDDEN, HIDDEN, [score],
                                         early=False, from_end=False)

    def hear(self, sounds):
        """States of the encoder and how many frames each sound has."""
        lengths = torch.tensor([len(s.frames) for s in sounds])
        frames = torch.zeros(len(sounds), int(lengths.max()), BANDS,
                             dtype=self.encoder.weight_ih_l0.dtype)
        for row, sound in enumerate(sounds):
            frames[row, :len(sound.frames)] = torch.tensor(sound.frames)
        return self.encoder(frames)[0], lengths

    def forward(self, sounds):
        """Scores of the letters and </s>, by teacher forcing."""
        before = self.letters.batch([["<s>"] + list(s.word) for s in sounds])
        return self.decoder(*self.hear(sounds), before)

    def spell(self, sounds):
        """Greedy spelling."""
        index = self.letters.index
        said = self.decoder.say(*self.hear(sounds), index["<s>"], index["</s>"])
        return ["".join(self.letters.words[i] for i in row) for row in said]


@torch.no_grad()
def measure(model, sounds):
    """Share of words spelled rightly, and of letters whose strongest frame is one of their own."""
    right = hit = total = 0
    for at in range(0, len(sounds), 100):
        some = sounds[at:at + 100]
        right += sum(a == s.word for a, s in zip(model.spell(some), some))
        model(some)
        best = model.decoder.weights_of(0).argmax(dim=-1)
        for row, sound in enumerate(some):
            total += len(sound.word)
            hit += sum(first <= int(best[row, i]) < end
                       for i, (first, end) in enumerate(sound.bounds))
    return right / len(sounds), hit / total


def picture(frames):
    """The spectrogram as it is drawn: a column of 12 pixels per frame, low bands below."""
    level = np.clip(frames.T[::-1] / 1.1, 0, 1)[..., None]
    dark, warm, light = (np.array(c, float) for c in ((22, 24, 38), (200, 82, 72), (253, 236, 180)))
    colour = np.where(level < 0.5, dark + 2 * level * (warm - dark),
                      warm + (2 * level - 1) * (light - warm))
    return colour.round().astype(np.uint8).repeat(12, axis=0).repeat(12, axis=1)


@torch.no_grad()
def part(models, index, sound, store, shared):
    """One word of the document, with a layer for each recogniser."""
    layers, x = [], store.put(f"s{index}.x_k", sound.frames)
    for (kind, model), (gru, score) in zip(models.items(), shared):
        model([sound])
        q, weights = model.decoder.kept(0, len(sound.word))
        prefix = f"s{index}.{kind}"
        if kind == "location":
            here = model.decoder.scores[0].parameters_of(len(sound.frames))
            score = recurrent.stored(store, prefix, here)
        layers.append({"name": kind, "heads": [{
            "q": store.put(prefix + ".q", q), "x_k": x, "rnn_k": gru, "score": score,
            "recorded": store.put(prefix + ".recorded", weights)}]})
    return {
        "attnscope": 1,
        "title": sound.word,
        "queries": {"tokens": list(sound.word)},
        "keys": {"tokens": [str(i) for i in range(len(sound.frames))]},
        "alignment": {"sure": [[frame, i] for i, (first, end) in enumerate(sound.bounds)
                               for frame in range(first, end)]},
        "layers": layers}


def write(models, sounds):
    """All shown words, in double for the record."""
    store, shared = common.TensorFile("spoken-words"), []
    for kind, model in models.items():
        gru = recurrent.stored(store, "hear." + kind, recurrent.gru_of(model.encoder))
        score = None
        if kind == "concat":
            score = recurrent.stored(store, kind, model.decoder.scores[0].parameters_of())
        shared.append((gru, score))
        model.double()
    common.write_png(common.example_path("spoken-words", f"{sounds[0].word}.png"),
                     picture(sounds[0].frames))
    parts = [part(models, i, sound, store, shared) for i, sound in enumerate(sounds)]
    common.write_document("spoken-words", {
        "attnscope": 1,
        "title": "Sounds and letters",
        "about": "Two recognisers spell made-up sounds. Layer 0 scores letter and frame by concat "
                 "and hears; layer 1 scores by location and only knows where to expect.",
        "settings": {"view": "heatmap", "view2": "none", "gold": True},
        "sentences": parts}, store)


def train(model, held, chance):
    """Teacher forcing on new words; the bounds of the letters are never shown to the model."""
    def batch_loss(_step):
        sounds = []
        while len(sounds) < 32:
            word = random_word(chance)
            if word not in held:
                sounds.append(speak(word, chance))
        after = model.letters.batch([list(s.word) + ["</s>"] for s in sounds])
        return F.cross_entropy(model(sounds).flatten(0, 1), after.flatten(), ignore_index=0)

    transformer.fit(model, 1400, batch_loss, rate=4e-3)


def main():
    watch = common.Stopwatch()
    recurrent.start(41)
    chance = np.random.default_rng(41)
    shown = [speak(word, chance) for word in WORDS]
    tested = [random_word(chance) for _ in range(500)]
    held_out = [speak(word, chance) for word in tested]
    models = {"concat": Recogniser(recurrent.Concat(HIDDEN, HIDDEN, D_SCORE)),
              "location": Recogniser(recurrent.Location(HIDDEN, LONGEST))}
    found = {}
    for kind, model in models.items():
        train(model, set(tested) | set(WORDS), chance)
        exact, found[kind] = measure(model, held_out)
        print(f"{kind}: {100 * exact:.1f} % of {len(held_out)} held-out words spelled rightly, "
              f"{100 * found[kind]:.1f} % of the strongest frames are the letter's own")
        print("  " + ", ".join(f"{s.word} {said}" for s, said in zip(shown, model.spell(shown))))
    assert found["concat"] >= 0.90
    assert models["concat"].spell(shown) == WORDS
    write(models, shown)
    print(f"spoken-words: {watch}")


if __name__ == "__main__":
    main()
