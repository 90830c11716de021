#!/usr/bin/python3
"""Makes tensors/ beside it: bare arrays as NumPy and safetensors writers leave them, without a document.

q is number i / 8 at index i of [heads 2, tokens 3, 4], k the same less 1, v the same times 2. Weights of layer l
are the softmax over 3 keys of (l + 1) · (h + 1) · i · j / 4. Run it again after a change; the same bytes come out.
"""

import json
import os
import struct

import numpy as np

from make_npz import archive, npy

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "tensors")


def path(name):
    os.makedirs(HERE, exist_ok=True)
    return os.path.join(HERE, name)


def npz(name, **arrays):
    archive(os.path.join("..", "tensors", name), [(key + ".npy", npy(array)) for key, array in arrays.items()], 8)


def weights(layers=3, heads=2, n=3):
    l, h, i, j = np.indices((layers, heads, n, n))
    scores = (l + 1) * (h + 1) * i * j / 4
    out = np.exp(scores)
    return (out / out.sum(-1, keepdims=True)).astype("<f4")


def bf16(array):
    return (np.asarray(array, "<f4").view("<u4") >> 16).astype("<u2")


def safetensors(name, tensors, metadata=None):
    header, offset = {}, 0
    if metadata:
        header["__metadata__"] = metadata
    for key, dtype, array in tensors:
        header[key] = {"dtype": dtype, "shape": list(array.shape), "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path(name), "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + b"".join(array.tobytes() for _, _, array in tensors))


def text(name, value):
    with open(path(name), "w") as out:
        out.write(value)


def main():
    q = (np.arange(24) / 8).reshape(2, 3, 4).astype("<f4")
    k, v, w = q - 1, q * 2, weights()
    words = np.array(["a", "b", "c"])
    npz("qkv.npz", q=q, k=k, v=v, tokens=words)
    npz("nhd.npz", query=q.transpose(1, 0, 2), key=k.transpose(1, 0, 2), value=v.transpose(1, 0, 2), tokens=words)
    npz("recorded.npz", **{"layers.0.q": q, "layers.0.k": k, "layers.0.attn_weights": w[0]})
    hooked = (("q", q), ("k", k))
    npz("hooks.npz", **{f"blocks.0.attn.hook_{key}": array.transpose(1, 0, 2)[None] for key, array in hooked})
    npz("savez.npz", **{f"arr_{i}": w[i][None] for i in (0, 1, 2)})
    npz("five.npz", attentions=w[:, None])
    npz("four.npz", attention=np.asfortranarray(w.astype(">f8")))
    npz("series.npz", **{f"decoder.layer.{i}.attention": w[i].astype("<f2") for i in (2, 0, 1)})
    npz("batch.npz", attention=w[:2].astype("<f8"), tokens=np.array([["a", "b", "c"], ["d", "e", ""]]))
    npz("cross.npz", attn=w[0, :, :2], src_tokens=words, tgt_tokens=words[:2])
    npz("several.npz", encoder_attentions=w, cross_attentions=w)
    npz("unclear.npz", a=q[0], b=k[0, :2])
    npz("mismatch.npz", q=q, k=k[:, :, :3])
    npz("masked.npz", scores=np.where(np.tri(3) > 0, 1.0, -np.inf)[None].astype("<f4"))
    series = [(f"encoder.layer.{i}.attention.self.{name}", "BF16", bf16(array))
              for i in range(2) for name, array in (("query", q + i), ("key", k + i))]
    others = [("position_ids", "I64", np.arange(3, dtype="<i8")), ("bias", "F32", q[0, 0])]
    safetensors("model.safetensors", series + others, {"tokens": json.dumps(["α", "b\n", "c"]), "format": "pt"})
    for part in range(2):
        safetensors(f"model-0000{part + 1}-of-00002.safetensors", series[2 * part:2 * part + 2])
    names = {name: f"model-0000{i // 2 + 1}-of-00002.safetensors" for i, (name, _, _) in enumerate(series)}
    text("model.safetensors.index.json", json.dumps({"metadata": {"total_size": 1}, "weight_map": names}))
    text("missing.safetensors.index.json", json.dumps({"weight_map": {
        "q": "no-1.safetensors", "k": "model-00001-of-00002.safetensors", "v": "no-2.safetensors"}}))
    text("outside.safetensors.index.json", json.dumps({"weight_map": {"q": "../q.safetensors"}}))
    # Neural Monkey: [sentence, source, target], columns sum to 1, those of the padding too.
    align = np.zeros((2, 4, 5), "<f4")
    for s, source in enumerate((3, 2)):
        for t in range(5):
            column = np.arange(1, source + 1) + t
            align[s, :source, t] = column / column.sum()
    with open(path("alignments.npy"), "wb") as out:
        out.write(npy(align))
    text("nm.src", "das ist gut\nja bitte\n")
    text("nm.tgt", "that is fine\nyes please yes please\n")
    text("nm.three", "a\nb\nc\n")


main()
