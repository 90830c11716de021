"""A small transformer that remembers its attention: encoder, decoder and the training loop.

Every `Attention` keeps the q, k, v and weights of its last forward pass in `last`, per head and
after projection and bias, exactly as they entered the softmax.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

import common


def start(seed, threads=2):
    """Make the run repeatable and polite: fixed seed, few threads, deterministic kernels."""
    torch.manual_seed(seed)
    torch.set_num_threads(threads)
    torch.use_deterministic_algorithms(True)


# Debian's torch multiplies matrices with the reference BLAS but convolves with oneDNN, which is ten
# times faster; so matrix products are written as convolutions of width 1.


class Linear(nn.Linear):
    """x Wᵀ + b for x of shape [batch, n, ·]."""

    def forward(self, x):
        return F.conv1d(x.transpose(1, 2), self.weight[:, :, None], self.bias).transpose(1, 2)


def products(a, b):
    """a bᵀ per sentence and head: [batch, heads, n, d] and [batch, heads, m, d] to [·, ·, n, m]."""
    batch, heads, n, d = a.shape
    m, groups = b.shape[2], batch * heads
    rows = F.conv1d(a.transpose(2, 3).reshape(1, groups * d, n),
                    b.reshape(groups * m, d, 1), groups=groups)
    return rows.view(batch, heads, m, n).transpose(2, 3)


class Attention(nn.Module):
    """Scaled dot-product attention of several heads."""

    def __init__(self, d_model, heads):
        super().__init__()
        self.heads = heads
        self.to_q = Linear(d_model, d_model)
        self.to_k = Linear(d_model, d_model)
        self.to_v = Linear(d_model, d_model)
        self.to_out = Linear(d_model, d_model)
        self.last = {}

    def split(self, x):
        """[batch, n, d_model] to [batch, heads, n, d]."""
        batch, n, _ = x.shape
        return x.view(batch, n, self.heads, -1).transpose(1, 2)

    def forward(self, x, memory, allowed=None):
        """Queries from x, keys and values from memory; `allowed` false masks a key."""
        q, k = self.split(self.to_q(x)), self.split(self.to_k(memory))
        v = self.split(self.to_v(memory))
        scores = products(q, k) / math.sqrt(q.shape[-1])
        if allowed is not None:
            scores = scores.masked_fill(~allowed, -math.inf)
        weights = scores.softmax(dim=-1)
        self.last = {"q": q, "k": k, "v": v, "weights": weights}
        self.pressure = q.square().mean() * k.square().mean()
        mixed = products(weights, v.transpose(2, 3)).transpose(1, 2).flatten(2)
        return self.to_out(mixed)

    def record(self):
        """The last forward pass of its first (and only) sentence as NumPy arrays."""
        return {name: tensor[0].detach().numpy() for name, tensor in self.last.items()}


class Block(nn.Module):
    """Self-attention, cross-attention if asked for, and a feed-forward part; norm comes first."""

    def __init__(self, d_model, heads, d_hidden, dropout, cross=False):
        super().__init__()
        self.self_norm, self.attention = nn.LayerNorm(d_model), Attention(d_model, heads)
        self.cross_norm = nn.LayerNorm(d_model) if cross else None
        self.cross = Attention(d_model, heads) if cross else None
        self.forward_norm = nn.LayerNorm(d_model)
        self.feed_forward = nn.Sequential(
            Linear(d_model, d_hidden), nn.GELU(), Linear(d_hidden, d_model))
        self.dropout = nn.Dropout(dropout)

    def forward(self, x, allowed=None, memory=None, memory_allowed=None):
        y = self.self_norm(x)
        x = x + self.dropout(self.attention(y, y, allowed))
        if self.cross is not None:
            x = x + self.dropout(self.cross(self.cross_norm(x), memory, memory_allowed))
        return x + self.dropout(self.feed_forward(self.forward_norm(x)))


class Stack(nn.Module):
    """Several blocks and a last norm."""

    def __init__(self, layers, d_model, heads, d_hidden, dropout=0.0, cross=False):
        super().__init__()
        self.blocks = nn.ModuleList(
            Block(d_model, heads, d_hidden, dropout, cross) for _ in range(layers))
        self.norm = nn.LayerNorm(d_model)

    def forward(self, x, allowed=None, memory=None, memory_allowed=None):
        for block in self.blocks:
            x = block(x, allowed, memory, memory_allowed)
        return self.norm(x)

    def pressure(self):
        """Mean over layers of E[q²]·E[k²], the variance of a scaled score of random vectors.

        A little of it in the loss keeps heads from turning into hard switches.
        """
        return sum(b.attention.pressure for b in self.blocks) / len(self.blocks)

    def records(self, cross=False):
        """What every layer's (cross-)attention did in the last forward pass."""
        return [(b.cross if cross else b.attention).record() for b in self.blocks]


def sinusoids(count, d_model):
    """Waves of lengths from 2π to about 600 positions, [count, d_model], as a start for learning.

    A shift by one place is a rotation of each pair of columns, which a head can learn quickly.
    """
    rate = 100.0 ** (-torch.arange(0, d_model, 2) / d_model)
    turn = torch.arange(count)[:, None] * rate
    return torch.stack([turn.sin(), turn.cos()], dim=-1).flatten(1)


class Embedding(nn.Module):
    """Word vectors plus learned positions; in training every batch starts at a random position.

    The random start makes absolute positions useless, so that heads learn "the word before".
    """

    def __init__(self, words, d_model, longest=40, shift=8):
        super().__init__()
        self.words = nn.Embedding(words, d_model)
        self.places = nn.Parameter(0.3 * sinusoids(longest + shift, d_model))
        self.shift = shift
        nn.init.normal_(self.words.weight, std=0.3)

    def forward(self, ids):
        first = 0
        if self.training and self.shift:
            first = int(torch.randint(self.shift + 1, (1,)))
        return self.words(ids) + self.places[first:first + ids.shape[1]]


def causal(n):
    """allowed[i, j]: position i may see j ≤ i."""
    return torch.ones(n, n, dtype=torch.bool).tril()


def fit(model, steps, batch_loss, rate=2e-3, warmup=100, report=200):
    """Minimise `batch_loss(step)` with AdamW, a warm-up and a cosine decay to zero."""
    watch = common.Stopwatch()
    optimiser = torch.optim.AdamW(model.parameters(), lr=rate, betas=(0.9, 0.98),
                                  weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimiser, lambda s: min(1, (s + 1) / warmup) * 0.5 * (1 + math.cos(math.pi * s / steps)))
    model.train()
    for step in range(steps):
        loss = batch_loss(step)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if (step + 1) % report == 0 or step + 1 == steps:
            print(f"  step {step + 1:5} loss {loss.item():.4f}  {watch}", flush=True)
    model.eval()


class Vocabulary:
    """Words to numbers and back; the special words come first and [PAD] is 0."""

    def __init__(self, words, special=("[PAD]", "[MASK]", "<s>", "</s>")):
        self.words = list(special) + sorted(set(words) - set(special))
        self.index = {word: i for i, word in enumerate(self.words)}

    def __len__(self):
        return len(self.words)

    def ids(self, tokens):
        return [self.index[token] for token in tokens]

    def batch(self, sentences):
        """Sentences as one padded tensor [batch, longest]."""
        longest = max(map(len, sentences))
        rows = [self.ids(s) + [0] * (longest - len(s)) for s in sentences]
        return torch.tensor(rows)


def visible(ids):
    """Mask of the keys that are not padding, [batch, 1, 1, n]."""
    return (ids != 0)[:, None, None, :]
