"""Recurrent encoder-decoders that attend: the scores of Bahdanau and of Luong over GRU states.

A `Decoder` keeps the queries and weights of its last pass, step by step, in `last`.
"""

import torch
from torch import nn

import transformer


class Additive(nn.Module):
    """v·tanh(w_q q + w_k k + b) of Bahdanau et al. 2015."""

    def __init__(self, d_q, d_k, h):
        super().__init__()
        self.w_q, self.w_k = nn.Linear(d_q, h, bias=False), nn.Linear(d_k, h)
        self.v = nn.Linear(h, 1, bias=False)

    def forward(self, q, k):
        """Scores [batch, n] of queries [batch, d_q] and keys [batch, n, d_k]."""
        return self.v(torch.tanh(self.w_q(q)[:, None] + self.w_k(k)))[..., 0]

    def parameters_of(self):
        """As a document names them."""
        return {"kind": "additive", "w_q": self.w_q.weight, "w_k": self.w_k.weight,
                "v": self.v.weight[0], "b": self.w_k.bias}


class General(nn.Module):
    """qᵀ w k of Luong et al. 2015."""

    def __init__(self, d_q, d_k):
        super().__init__()
        self.w = nn.Linear(d_q, d_k, bias=False)

    def forward(self, q, k):
        return (k * self.w(q)[:, None]).sum(dim=-1)

    def parameters_of(self):
        return {"kind": "general", "w": self.w.weight.T}


class Concat(nn.Module):
    """v·tanh(w [q; k]) of Luong et al. 2015."""

    def __init__(self, d_q, d_k, h):
        super().__init__()
        self.w, self.v = nn.Linear(d_q + d_k, h, bias=False), nn.Linear(h, 1, bias=False)

    def forward(self, q, k):
        both = torch.cat([q[:, None].expand(-1, k.shape[1], -1), k], dim=-1)
        return self.v(torch.tanh(self.w(both)))[..., 0]

    def parameters_of(self):
        return {"kind": "concat", "w": self.w.weight, "v": self.v.weight[0]}


class Location(nn.Module):
    """(w q)_j of Luong et al. 2015: a query says where to look, whatever stands there."""

    def __init__(self, d_q, longest):
        super().__init__()
        self.w = nn.Linear(d_q, longest, bias=False)

    def forward(self, q, k):
        return self.w(q)[:, :k.shape[1]]

    def parameters_of(self, keys):
        """For that many keys: the rows of the first of them, as Luong cuts it."""
        return {"kind": "location", "w": self.w.weight[:keys]}


class Decoder(nn.Module):
    """A GRU that looks at the keys once a step through each of its scores, and says a word.

    With `early` it looks before it moves, with the state that it comes from (Bahdanau); else after,
    and what it found is fed to the next step (Luong).
    """

    def __init__(self, words, d_word, hidden, d_k, scores, early, from_end=True):
        super().__init__()
        contexts = d_k * len(scores)
        self.embed = nn.Embedding(words, d_word)
        self.cell = nn.GRUCell(d_word + (contexts if early else hidden), hidden)
        self.first = nn.Linear(d_k, hidden) if from_end else None
        self.mix = nn.Linear(hidden + contexts, hidden)
        self.to_word = nn.Linear(hidden, words)
        self.scores, self.early = nn.ModuleList(scores), early
        self.begin()

    def begin(self):
        """Forget what was kept."""
        self.last = {"q": [], "weights": []}

    def start(self, keys, lengths):
        """State and fed vector before the first word: from the encoder's last state, or zero."""
        if self.first is None:
            state = keys.new_zeros(len(keys), self.cell.hidden_size)
            return state, state
        end = keys[torch.arange(len(keys)), lengths - 1]
        state = torch.tanh(self.first(end))
        return state, torch.zeros_like(state)

    def look(self, q, keys, allowed):
        """The contexts of all scores; keeps q and the weights."""
        weights = [s(q, keys).masked_fill(~allowed, -torch.inf).softmax(dim=-1)
                   for s in self.scores]
        found = [(w[..., None] * keys).sum(dim=1) for w in weights]
        self.last["q"].append(q)
        self.last["weights"].append(weights)
        return torch.cat(found, dim=-1)

    def step(self, word, state, fed, keys, allowed):
        """Scores of the next word after `word`, and the state and fed vector behind it."""
        x = self.embed(word)
        if self.early:
            context = self.look(state, keys, allowed)
            state = self.cell(torch.cat([x, context], dim=-1), state)
        else:
            state = self.cell(torch.cat([x, fed], dim=-1), state)
            context = self.look(state, keys, allowed)
        fed = torch.tanh(self.mix(torch.cat([state, context], dim=-1)))
        return self.to_word(fed), state, fed

    def forward(self, keys, lengths, before):
        """Teacher forcing: scores [batch, n, words] of what follows each of `before`."""
        self.begin()
        allowed = torch.arange(keys.shape[1])[None] < lengths[:, None]
        state, fed = self.start(keys, lengths)
        logits = []
        for word in before.T:
            said, state, fed = self.step(word, state, fed, keys, allowed)
            logits.append(said)
        return torch.stack(logits, dim=1)

    @torch.no_grad()
    def say(self, keys, lengths, begin, end, longest=40):
        """Greedy decoding: the numbers of the words, without the last one, per sentence."""
        self.begin()
        allowed = torch.arange(keys.shape[1])[None] < lengths[:, None]
        state, fed = self.start(keys, lengths)
        word, said = torch.full((len(keys),), begin), []
        while len(said) < longest and not (said and (torch.stack(said) == end).any(0).all()):
            logits, state, fed = self.step(word, state, fed, keys, allowed)
            word = logits.argmax(dim=-1)
            said.append(word)
        rows = torch.stack(said, dim=1).tolist()
        return [row[:row.index(end)] if end in row else row for row in rows]

    def kept(self, head, rows):
        """q [rows, d_q] and weights [rows, n] of the only sentence of the last pass."""
        q = torch.stack([q[0] for q in self.last["q"][:rows]])
        weights = torch.stack([w[head][0] for w in self.last["weights"][:rows]])
        return q.detach().numpy(), weights.detach().numpy()

    def weights_of(self, head):
        """Weights of one score in the last pass, [batch, rows, n]."""
        return torch.stack([w[head] for w in self.last["weights"]], dim=1)


def gru_of(gru):
    """A torch GRU as a document names it."""
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    return {"cell": "gru", **{name: getattr(gru, name) for name in names}}


def stored(store, prefix, parameters):
    """Parameters with every tensor put into the store, once per document."""
    found = {}
    for name, value in parameters.items():
        if isinstance(value, torch.Tensor):
            value = store.put(f"{prefix}.{name}", value.detach().numpy())
        found[name] = value
    return found


def start(seed):
    """As transformer.start, on one thread: these models are too small for two."""
    transformer.start(seed, threads=1)
