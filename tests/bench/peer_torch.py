#!/usr/bin/env python3
"""peer_torch.py OURS_MS: the same full attention in PyTorch, one thread, and how many times slower it is."""
import statistics
import sys
import time

import torch

torch.set_num_threads(1)
torch.manual_seed(5)
q, k, v = (torch.randn(2048, 64) for _ in range(3))
scores, output = torch.empty(2048, 2048), torch.empty(2048, 64)
times = []
for _ in range(12):
    start = time.process_time()
    torch.mm(q, k.T, out=scores)
    weights = torch.softmax(scores.mul_(0.125), dim=1)
    torch.mm(weights, v, out=output)
    times.append((time.process_time() - start) * 1e3)
peer = statistics.median(times[2:])
print(f"{'the same in PyTorch ' + torch.__version__ + ', one thread':58} {peer:9.2f} ms")
print(f"{'PyTorch against ours':58} {peer / float(sys.argv[1]):9.2f} x")
