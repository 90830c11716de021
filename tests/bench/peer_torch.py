#!/usr/bin/env python3
"""peer_torch.py THREADS: the same work in PyTorch, asked for by lines, so that it can be interleaved.

First says what it is; then for every line `n N` (make room), `full`, `slider` or `causal` does that once,
into tensors that are there already, and answers with the milliseconds: processor time on one thread.
"""
import sys
import time

try:
    import torch
except ImportError:
    sys.exit(1)

threads = int(sys.argv[1])
clock = time.process_time if threads == 1 else time.perf_counter
torch.set_num_threads(threads)
torch.manual_seed(5)


def blas():
    """The file that answers for BLAS: on Debian an alternative, /etc/alternatives/libblas.so.3-*."""
    with open("/proc/self/maps", encoding="utf-8") as maps:
        files = {line.split()[-1] for line in maps if "blas" in line or "mkl" in line}
    return ", ".join(sorted(files)) or "its own"


class Work:
    def __init__(self, n):
        self.q, self.k, self.v = (torch.randn(n, 64) for _ in range(3))
        self.q *= 0.125  # so that the scores need no pass for the scale
        self.scores, self.weights = torch.zeros(n, n), torch.zeros(n, n)
        self.output = torch.zeros(n, 64)
        self.hidden = torch.ones(n, n, dtype=torch.bool).triu_(1)

    def full(self):
        torch.mm(self.q, self.k.T, out=self.scores)
        torch.softmax(self.scores, dim=1, out=self.weights)
        torch.mm(self.weights, self.v, out=self.output)

    def slider(self):
        torch.mul(self.scores, 0.9, out=self.weights)
        torch.softmax(self.weights, dim=1, out=self.weights)

    def causal(self):
        torch.mm(self.q, self.k.T, out=self.scores)
        self.scores.masked_fill_(self.hidden, float("-inf"))
        torch.softmax(self.scores, dim=1, out=self.weights)
        torch.mm(self.weights, self.v, out=self.output)


torch.mm(torch.ones(64, 64), torch.ones(64, 64))
print(f"PyTorch {torch.__version__}, BLAS {blas()}", flush=True)
work = None
for line in sys.stdin:
    word = line.split()
    start = clock()
    if word[0] == "n":
        del work
        work = Work(int(word[1]))
    else:
        getattr(work, word[0])()
    print(f"{(clock() - start) * 1e3:.6f}", flush=True)
