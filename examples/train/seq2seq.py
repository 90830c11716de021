"""An encoder-decoder that translates a phrase grammar and is measured against its alignment.

A grammar is a function of a `random.Random` that gives a `Pair`. Row i of the decoder is the
position that produces target word i, so that row i of the cross-attention belongs to word i.
"""

import zlib
from collections import namedtuple

import torch
from torch import nn
from torch.nn import functional as F

import common
import transformer

# sure and possible: sets of (source position, target position)
Pair = namedtuple("Pair", "source target sure possible")


class Phrase:
    """Words of both languages that grow together, and the links between them.

    A word is added with the positions that it translates; positions are relative to the phrase,
    so that phrases can be joined.
    """

    def __init__(self):
        self.source, self.target, self.sure, self.possible = [], [], set(), set()

    def say(self, source, target, sure=(), possible=()):
        """Add words; links are (source word, target word) pairs counted within this call."""
        s, t = len(self.source), len(self.target)
        self.source += source.split()
        self.target += target.split()
        self.sure |= {(s + i, t + j) for i, j in sure}
        self.possible |= {(s + i, t + j) for i, j in possible}
        return self

    def join(self, other):
        """Add another phrase behind this one."""
        s, t = len(self.source), len(self.target)
        self.source += other.source
        self.target += other.target
        self.sure |= {(s + i, t + j) for i, j in other.sure}
        self.possible |= {(s + i, t + j) for i, j in other.possible}
        return self

    def pair(self):
        """The finished phrase; a link is either sure or possible."""
        return Pair(self.source, self.target, self.sure, self.possible - self.sure)


class Corpus:
    """Endless pairs of a grammar, a tenth of all possible ones held out."""

    def __init__(self, grammar, shown, chance):
        self.grammar, self.chance = grammar, chance
        self.shown = {" ".join(pair.source) for pair in shown}

    def held_out(self, pair):
        """Is it one of the tenth, or of those that the document shows?"""
        text = " ".join(pair.source)
        return text in self.shown or zlib.crc32(text.encode()) % 10 == 0

    def draw(self, count, held_out=False):
        """`count` pairs of the one part or the other."""
        found = []
        while len(found) < count:
            pair = self.grammar(self.chance)
            if self.held_out(pair) == held_out:
                found.append(pair)
        return found


class Translator(nn.Module):
    """Encoder, decoder with cross-attention, and scores over the target words."""

    def __init__(self, source_words, target_words, layers, heads, d_model):
        super().__init__()
        self.source = transformer.Vocabulary(source_words)
        self.target = transformer.Vocabulary(target_words)
        self.embed_source = transformer.Embedding(len(self.source), d_model)
        self.embed_target = transformer.Embedding(len(self.target), d_model)
        self.encoder = transformer.Stack(layers, d_model, heads, 2 * d_model, dropout=0.1)
        self.decoder = transformer.Stack(layers, d_model, heads, 2 * d_model, dropout=0.1,
                                         cross=True)
        self.to_word = transformer.Linear(d_model, len(self.target))

    def encode(self, source):
        """The encoder's answer for every source word."""
        return self.encoder(self.embed_source(source), transformer.visible(source))

    def decode(self, memory, source, before):
        """Scores of the word after each of `before`, which starts with <s>."""
        x = self.decoder(self.embed_target(before), transformer.causal(before.shape[1]),
                         memory, transformer.visible(source))
        return self.to_word(x)

    def forward(self, source, before):
        return self.decode(self.encode(source), source, before)

    def inputs(self, pairs):
        """Source, decoder input (<s> first) and what the decoder must say (</s> last)."""
        return (self.source.batch([p.source for p in pairs]),
                self.target.batch([["<s>"] + p.target for p in pairs]),
                self.target.batch([p.target + ["</s>"] for p in pairs]))


def train(model, corpus, steps, batch):
    """Teacher forcing on fresh sentences; the alignment is never shown to the model."""
    def batch_loss(_step):
        source, before, after = model.inputs(corpus.draw(batch))
        logits = model(source, before)
        return F.cross_entropy(logits.flatten(0, 1), after.flatten(), ignore_index=0,
                               label_smoothing=0.05)

    transformer.fit(model, steps, batch_loss)


@torch.no_grad()
def translate(model, sources, longest=30):
    """Greedy decoding of a batch of sentences."""
    source = model.source.batch(sources)
    memory = model.encode(source)
    said = torch.full((len(sources), 1), model.target.index["<s>"])
    end = model.target.index["</s>"]
    while said.shape[1] < longest and not (said == end).any(dim=1).all():
        word = model.decode(memory, source, said)[:, -1].argmax(dim=-1)
        said = torch.cat([said, word[:, None]], dim=1)
    words = [[model.target.words[i] for i in row] for row in said[:, 1:].tolist()]
    return [row[:row.index("</s>")] if "</s>" in row else row for row in words]


def exact_share(model, pairs, part=100):
    """Share of sentences whose greedy translation is the grammar's, word for word."""
    right = 0
    for at in range(0, len(pairs), part):
        some = pairs[at:at + part]
        said = translate(model, [p.source for p in some])
        right += sum(a == p.target for a, p in zip(said, some))
    return right / len(pairs)


@torch.no_grad()
def aligned_share(model, pairs):
    """Per cross-attention head: share of argmax links that are sure links.

    Counted over the target words that have a sure link; rows of heads per layer.
    """
    source, before, _ = model.inputs(pairs)
    model(source, before)
    # layers x heads x sentences x target words
    best = torch.stack([b.cross.last["weights"].transpose(0, 1).argmax(dim=-1)
                        for b in model.decoder.blocks])
    right, total = torch.zeros(best.shape[:2]), 0
    for row, pair in enumerate(pairs):
        for target in {t for _, t in pair.sure}:
            sources = torch.tensor([s for s, t in pair.sure if t == target])
            right += torch.isin(best[:, :, row, target], sources)
            total += 1
    return (right / total).tolist()


def best_head(shares):
    """Layer, head and share of the head that aligns best."""
    return max((share, layer, head) for layer, row in enumerate(shares)
               for head, share in enumerate(row))


@torch.no_grad()
def record(model, pair, pads=0):
    """Cross-attention of one sentence; the row that says </s> is left out.

    `pads` appends that many <pad> keys, which the encoder and the decoder have masked.
    """
    source, before, _ = model.inputs([pair])
    source = F.pad(source, (0, pads))
    model(source, before)
    records = model.decoder.records(cross=True)
    rows = len(pair.target)
    return [{"q": r["q"][:, :rows], "k": r["k"], "v": r["v"], "weights": r["weights"][:, :rows]}
            for r in records]


def links(pairs):
    """Links in the order of the queries, as lists for JSON."""
    return [list(link) for link in sorted(pairs, key=lambda link: (link[1], link[0]))]


def document_part(model, pair, languages, store, prefix, pads=0):
    """One sentence of a document, and its largest recording error."""
    records = record(model, pair, pads)
    names = [f"decoder {i}, cross" for i in range(len(records))]
    allowed = [True] * len(pair.source) + [False] * pads
    layers, error = common.stacked_layers(store, prefix, records, names, allowed)
    keys = {"tokens": pair.source + ["<pad>"] * pads, "lang": languages[0]}
    if pads:
        keys["padding"] = [0] * len(pair.source) + [1] * pads
    return {
        "attnscope": 1,
        "queries": {"tokens": pair.target, "lang": languages[1]},
        "keys": keys,
        "alignment": {"sure": links(pair.sure), "possible": links(pair.possible)},
        "layers": layers,
    }, error


def write(example, document, model, pairs, languages, store, padded=()):
    """Record the pairs and write them as one document; `padded` get two padding keys."""
    parts, worst = [], 0.0
    for index, pair in enumerate(pairs):
        pads = 2 if index in padded else 0
        part, error = document_part(model, pair, languages, store, f"s{index}.", pads)
        parts.append(part)
        worst = max(worst, error)
    print(f"largest |recorded - float64 softmax| {worst:.2g}")
    common.write_document(example, {"attnscope": 1, **document, "sentences": parts}, store)


def report(model, held_out, shown):
    """Print and assert both held-out figures; the answer is the head that aligns best.

    The sentences of the document are printed too, marked "!" where the model errs.
    """
    exact = exact_share(model, held_out)
    shares = aligned_share(model, held_out)
    share, layer, head = best_head(shares)
    print(f"exact on {len(held_out)} held-out sentences: {100 * exact:.1f} %")
    for row in shares:
        print("  argmax links that are sure:", *(f"{100 * s:5.1f}" for s in row))
    print(f"best head: layer {layer} head {head}, {100 * share:.1f} % of its argmax links are sure")
    for pair, said in zip(shown, translate(model, [p.source for p in shown])):
        mark = "=" if said == pair.target else "!"
        print(f"  {mark} {' '.join(pair.source)} | {' '.join(said)}")
    assert exact >= 0.95
    assert share >= 0.80
    return layer, head
