#!/usr/bin/env python3
"""Read the written examples back from disk and check them, without any of the code that wrote them.

Every matrix is found and has the shape that its tokens ask for, links are in range, and
`recorded` is what q and k give under the document's own masks, or what any other kind of head
gives (check_kinds.py).
"""

import base64
import glob
import json
import os
import struct
import sys

import numpy as np

import check_kinds

HERE = os.path.dirname(os.path.abspath(__file__))
TOLERANCE = 1e-5


def read_safetensors(path):
    """All tensors of a float32 safetensors file."""
    with open(path, "rb") as file:
        data = file.read()
    size = struct.unpack("<Q", data[:8])[0]
    header, body = json.loads(data[8:8 + size]), data[8 + size:]
    assert max(entry["data_offsets"][1] for entry in header.values()) == len(body)
    return {name: np.frombuffer(body[slice(*entry["data_offsets"])], "<f4").reshape(entry["shape"])
            for name, entry in header.items()}


class Reader:
    """Matrices of the documents in one folder."""

    def __init__(self, folder):
        self.folder, self.files = folder, {}

    def matrix(self, value):
        """The array that a document's M stands for."""
        if isinstance(value, list):
            return np.array(value, np.float64)
        if "base64" in value:
            data = base64.b64decode(value["base64"], validate=True)
            return np.frombuffer(data, "<f4").reshape(value["shape"])
        name = value["file"]
        assert "/" not in name
        if name not in self.files:
            self.files[name] = read_safetensors(os.path.join(self.folder, name))
        return self.files[name][value["tensor"]]

    def resolved(self, value):
        """A head or a part of one, with arrays in place of matrices and of lists of numbers."""
        if isinstance(value, list) and not (value and isinstance(value[0], dict)):
            return np.array(value, np.float64)
        if isinstance(value, list):
            return [self.resolved(entry) for entry in value]
        if isinstance(value, dict) and ("base64" in value or "file" in value):
            return self.matrix(value).astype(np.float64)
        if isinstance(value, dict):
            return {name: self.resolved(entry) for name, entry in value.items()}
        return value

    def heads(self, layer):
        """q, k, v and recorded of a layer, [heads, n, ·] each; None for what it does not have."""
        names = ("q", "k", "v", "recorded")
        if "heads" in layer:
            return [np.stack([self.matrix(head[name]) for head in layer["heads"]])
                    for name in names]
        return [self.matrix(layer[name]) if name in layer else None for name in names]


def axes(part):
    """How many queries and keys a sentence has, and which keys are not padding."""
    if "image" in part:
        image = part["image"]
        count = len(image.get("special", [])) + image["rows"] * image["cols"]
        return count, count, np.ones(count, bool)
    if "tokens" in part:
        count = len(part["tokens"])
        return count, count, np.ones(count, bool)
    keys = part["keys"]
    padding = keys.get("padding", [0] * len(keys["tokens"]))
    assert len(padding) == len(keys["tokens"])
    return len(part["queries"]["tokens"]), len(keys["tokens"]), np.array(padding) == 0


def is_plain(layer):
    """Does it give q and k alone, or layers of them?"""
    heads = layer.get("heads", [layer])
    return all("q" in h and "k" in h and not {"score", "bias", "rope"} & set(h) for h in heads)


def check_special(layer, reader, x, queries, keys):
    """The largest difference of the heads of a layer that is not plain."""
    worst = 0.0
    for head in map(reader.resolved, layer["heads"]):
        if head.get("score", {}).get("kind") == "featurewise":
            for query in range(queries):
                due = check_kinds.weights_of(head, x, query)
                assert due.shape == (head["v"].shape[1], keys)
            continue
        due = check_kinds.weights_of(head, x)
        assert due.shape[0] == queries or head["score"]["kind"] == "elementwise"
        if "recorded" not in head:
            continue
        assert head["recorded"].shape == due.shape, (head["recorded"].shape, due.shape)
        worst = max(worst, float(np.abs(head["recorded"] - due).max()))
    return worst


def looked_up(part, vocab, reader):
    """The embeddings of a sentence's tokens."""
    if vocab is None:
        return None
    rows = [vocab["tokens"].index(token) for token in part["tokens"]]
    x = reader.matrix(vocab["embedding"]).astype(np.float64)[rows]
    if vocab["position"] == "none":
        return x
    assert vocab["position"] == "sinusoidal"
    return x + check_kinds.sinusoidal(*x.shape)


def check_sentence(part, reader, causal, vocab):
    """The largest difference of any head of one sentence."""
    queries, keys, visible = axes(part)
    allowed = np.tril(np.ones((queries, keys), bool)) if causal else np.ones((queries, keys), bool)
    allowed &= visible
    for key, query in (link for kind in part.get("alignment", {}).values() for link in kind):
        assert 0 <= key < keys and 0 <= query < queries
    worst = 0.0
    for layer in part["layers"]:
        if not is_plain(layer):
            x = looked_up(part, vocab, reader)
            worst = max(worst, check_special(layer, reader, x, queries, keys))
            continue
        q, k, v, recorded = reader.heads(layer)
        heads, d_k = len(q), q.shape[2]
        assert q.shape == (heads, queries, d_k) and k.shape == (heads, keys, d_k)
        assert v.shape[:2] == (heads, keys)
        if recorded is None:
            continue
        assert recorded.shape == (heads, queries, keys)
        logits = q.astype(np.float64) @ k.astype(np.float64).transpose(0, 2, 1) / np.sqrt(d_k)
        due = check_kinds.softmax(np.where(allowed, logits, -np.inf))
        worst = max(worst, float(np.abs(recorded - due).max()))
    return worst


def check_document(path):
    """Check one document and print a line about it."""
    with open(path, encoding="utf-8") as file:
        document = json.load(file)
    assert document["attnscope"] == 1
    reader = Reader(os.path.dirname(path))
    causal = document.get("settings", {}).get("mask.causal", False)
    parts = document.get("sentences", [document])
    vocab = document.get("vocab")
    worst = max(check_sentence(part, reader, causal, vocab) for part in parts)
    assert worst <= TOLERANCE, f"{path}: recorded differs by {worst:.3g}"
    heads = [len(layer["heads"]) if "heads" in layer else len(reader.heads(layer)[0])
             for layer in parts[0]["layers"]]
    print(f"{os.path.basename(path)}: ok: {len(parts)} x {len(heads)} layers x {heads[0]} heads, "
          f"|recorded - due| <= {worst:.2g}")


def main():
    paths = sys.argv[1:] or sorted(glob.glob(os.path.join(HERE, "..", "*", "*.attn.json")))
    for path in paths:
        check_document(path)


if __name__ == "__main__":
    main()
