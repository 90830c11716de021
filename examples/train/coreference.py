"""An encoder that fills in masked words, names neighbours, and says what a pronoun stands for.

Sentences come from templates. In a template `{a:animal}` is a word of the class `animal` that may
be referred to as `a`, `{animal}` is one that may not, and `it>a` is a pronoun that stands for `a`.
The encoder is asked for the referent's word at the pronoun's own position, so that something has
to carry the noun there.
"""

import random
import re
import zlib
from collections import namedtuple

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

import common
import transformer

# tokens: the words; links: (pronoun position, referent position) pairs
Sentence = namedtuple("Sentence", "tokens links")
SLOT = re.compile(r"\{(?:(\w+):)?(\w+)\}$")


def expand(template, classes, chance):
    """One random sentence of a template."""
    tokens, named, waiting = [], {}, []
    for piece in template.split():
        slot = SLOT.match(piece)
        if slot:
            name, kind = slot.groups()
            if name:
                named[name] = len(tokens)
            tokens += chance.choice(classes[kind]).split()
        elif ">" in piece:
            pronoun, name = piece.split(">")
            waiting.append((len(tokens), name))
            tokens.append(pronoun)
        else:
            tokens.append(piece)
    return Sentence(tokens, [(place, named[name]) for place, name in waiting])


class Corpus:
    """Endless sentences of the templates, a tenth of all possible ones held out."""

    def __init__(self, templates, classes, shown, seed):
        self.templates, self.classes = templates, classes
        self.shown = {" ".join(sentence.tokens) for sentence in shown}
        self.chance = random.Random(seed)

    def words(self):
        """All words that a sentence can hold."""
        plain = {piece.split(">")[0] for template in self.templates
                 for piece in template.split() if not SLOT.match(piece)}
        return plain | {w for kind in self.classes.values() for entry in kind
                        for w in entry.split()}

    def held_out(self, sentence):
        """Is it one of the tenth, or of those that the document shows?"""
        text = " ".join(sentence.tokens)
        return text in self.shown or zlib.crc32(text.encode()) % 10 == 0

    def draw(self, count, held_out=False):
        """`count` sentences of the one part or the other."""
        found = []
        while len(found) < count:
            sentence = expand(self.chance.choice(self.templates), self.classes, self.chance)
            if self.held_out(sentence) == held_out:
                found.append(sentence)
        return found


class Encoder(nn.Module):
    """Embedding, blocks, and at every position three scores over the vocabulary.

    They are for the word itself (or what it refers to), the word before and the word behind.
    """

    def __init__(self, vocabulary, layers, heads, d_model):
        super().__init__()
        self.vocabulary = vocabulary
        self.embedding = transformer.Embedding(len(vocabulary), d_model)
        self.stack = transformer.Stack(layers, d_model, heads, 2 * d_model, dropout=0.1)
        self.to_word, self.to_before, self.to_behind = (
            transformer.Linear(d_model, len(vocabulary)) for _ in range(3))

    def encode(self, ids):
        """The last hidden state of every position."""
        return self.stack(self.embedding(ids), transformer.visible(ids))

    def forward(self, ids):
        return self.to_word(self.encode(ids))


def word_loss(model, ids):
    """Cross-entropy of a fifth of the words, which the encoder does not see, and of neighbours."""
    hidden = (torch.rand(ids.shape) < 0.2) & (ids != 0)
    x = model.encode(ids.masked_fill(hidden, model.vocabulary.index["[MASK]"]))
    masked = F.cross_entropy(model.to_word(x)[hidden], ids[hidden])
    before = F.cross_entropy(model.to_before(x)[:, 1:].flatten(0, 1), ids[:, :-1].flatten(),
                             ignore_index=0)
    behind = F.cross_entropy(model.to_behind(x)[:, :-1].flatten(0, 1), ids[:, 1:].flatten(),
                             ignore_index=0)
    return masked + 0.5 * (before + behind)


def referents(sentences):
    """Batch row, pronoun position and referent position of every link."""
    links = [(row, *link) for row, s in enumerate(sentences) for link in s.links]
    return torch.tensor(links).T


def referent_loss(model, sentences):
    """Cross-entropy of the referent's word at each pronoun."""
    ids = model.vocabulary.batch([s.tokens for s in sentences])
    row, pronoun, referent = referents(sentences)
    return F.cross_entropy(model(ids)[row, pronoun], ids[row, referent], label_smoothing=0.1)


def train(model, corpus, steps, batch, calm=0.03):
    """Words on one half of each batch, referents on the other."""
    def batch_loss(_step):
        sentences = corpus.draw(batch)
        half = batch // 2
        ids = model.vocabulary.batch([s.tokens for s in sentences[:half]])
        with_links = [s for s in sentences[half:] if s.links]
        loss = word_loss(model, ids) + referent_loss(model, with_links)
        return loss + calm * model.stack.pressure()

    transformer.fit(model, steps, batch_loss)


@torch.no_grad()
def accuracy(model, sentences):
    """Share of pronouns at which the likeliest word of all is the referent's."""
    right = total = 0
    for at in range(0, len(sentences), 100):
        part = [s for s in sentences[at:at + 100] if s.links]
        ids = model.vocabulary.batch([s.tokens for s in part])
        row, pronoun, referent = referents(part)
        guess = model(ids)[row, pronoun].argmax(dim=-1)
        right += int((guess == ids[row, referent]).sum())
        total += len(row)
    return right / total


@torch.no_grad()
def record(model, tokens):
    """Attention of every layer on one sentence, without padding."""
    model(model.vocabulary.batch([tokens]))
    return model.stack.records()


def mean_referent_weight(model, sentences):
    """Mean weight pronoun → referent of every head, as rows of heads per layer."""
    total, count = 0, 0
    for sentence in sentences:
        weights = np.stack([r["weights"] for r in record(model, sentence.tokens)])
        for pronoun, referent in sentence.links:
            total, count = total + weights[:, :, pronoun, referent], count + 1
    return (total / count).tolist()


def telling_head(model, pair, most=0.9):
    """Layer and head that tell two readings of one pronoun apart best without being a switch.

    `pair` is two sentences that differ in one word and hence in the referent of their pronoun. A
    head whose weight exceeds `most` in either shows nothing but the answer, so it is passed over
    unless there is no other.
    """
    records = [record(model, sentence.tokens) for sentence in pair]
    ranked = []
    for layer, both in enumerate(zip(*records)):
        for head in range(len(both[0]["weights"])):
            found = [float(r["weights"][head][s.links[0]]) for r, s in zip(both, pair)]
            ranked.append((max(found) <= most, min(found), layer, head))
            if min(found) > 0.5:
                print(f"  layer {layer} head {head}: {found[0]:.3f} and {found[1]:.3f}")
    return max(ranked)[2:]


def report(model, corpus, pair):
    """Print and assert how many held-out pronouns are resolved; the answer is the head to open at.

    `pair` is what `telling_head` takes, the two readings of one sentence.
    """
    held_out = corpus.draw(1000, held_out=True)
    share = accuracy(model, held_out)
    print(f"referents resolved on 1000 held-out sentences: {100 * share:.1f} %")
    assert share >= 0.90
    for row in mean_referent_weight(model, held_out[:200]):
        print("  mean weight pronoun -> referent:", *(f"{w:.2f}" for w in row))
    layer, head = telling_head(model, pair[:2])
    print(f"head to open at: layer {layer} head {head}")
    return layer, head


def report_links(sentences, records, layer, head):
    """Print where every pronoun of the document looks in the chosen head."""
    for sentence, record_ in zip(sentences, records):
        weights = record_[layer]["weights"][head]
        for pronoun, referent in sentence.links:
            print(f"  {sentence.tokens[pronoun]} -> {sentence.tokens[referent]} "
                  f"{weights[pronoun, referent]:.3f}   {' '.join(sentence.tokens)}")


def write(example, document, model, sentences, head_of_interest, store):
    """Record the sentences and write them as one document."""
    parts, worst, records = [], 0.0, []
    for index, sentence in enumerate(sentences):
        records.append(record(model, sentence.tokens))
        names = [f"encoder {i}" for i in range(len(records[-1]))]
        layers, error = common.stacked_layers(store, f"s{index}.", records[-1], names)
        worst = max(worst, error)
        parts.append({"attnscope": 1, "tokens": sentence.tokens, "layers": layers})
    report_links(sentences, records, *head_of_interest)
    print(f"largest |recorded - float64 softmax| {worst:.2g}")
    common.write_document(example, {"attnscope": 1, **document, "sentences": parts}, store)
