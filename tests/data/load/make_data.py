#!/usr/bin/python3
"""Makes the files beside it: arrays of every type, a safetensors file, good documents.

Everything is written by NumPy or the standard library, so that the readers are tested against files
of others. Run it again after a change; the same bytes come out.
"""

import base64
import json
import os
import struct
import zipfile
import zlib

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))


def path(*parts):
    full = os.path.join(HERE, *parts)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    return full


def save(name, array):
    with open(path("npy", name), "wb") as out:
        np.lib.format.write_array(out, array)


def arrays():
    """2 × 3 numbers 0 … 5, less 2 where the type has a sign; bools i % 2."""
    for kind in ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"):
        numbers = np.arange(6).reshape(2, 3)
        if kind == "b1":
            numbers = numbers % 2
        elif kind[0] in "fi":
            numbers = numbers - 2
        save(kind + ".npy", numbers.astype("<" + kind))
        save(kind + "-big-fortran.npy", np.asfortranarray(numbers.astype(">" + kind)))
    save("vector.npy", np.arange(4, dtype="<f4"))
    stack = np.arange(24, dtype="<f4").reshape(2, 3, 2, 2)
    save("stack.npy", stack)
    save("stack-fortran.npy", np.asfortranarray(stack))
    save("odd.npy", np.array([[1, np.nan], [np.inf, -np.inf]], dtype="<f8"))
    save("wide.npy", np.array([[1, 2e300], [3, 4]], dtype="<f8"))
    save("rounded.npy", np.array([[2**53 + 1, 2**53], [-(2**53) - 1, 1]], dtype="<i8"))
    for version in ((1, 0), (2, 0), (3, 0)):
        with open(path("npy", f"version{version[0]}.npy"), "wb") as out:
            np.lib.format.write_array(out, np.arange(4, dtype="<f4").reshape(2, 2), version=version)
    with zipfile.ZipFile(path("npy", "zip.npy"), "w") as out:
        out.writestr(zipfile.ZipInfo("q.npy"), b"nothing")
    with open(path("npy", "words.txt"), "w") as out:
        out.write("not numbers\n")


def png(name, rgb):
    height, width, _ = rgb.shape

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    raw = b"".join(b"\0" + row.tobytes() for row in rgb)
    data = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(raw, 9)) + chunk(b"IEND", b""))
    with open(path(*name), "wb") as out:
        out.write(data)


def safetensors():
    numbers = np.arange(6).reshape(2, 3) - 2
    bf16 = (numbers.astype("<f4").view("<u4") >> 16).astype("<u2")
    tensors = [("f32", "F32", numbers.astype("<f4")), ("f16", "F16", numbers.astype("<f2")),
               ("bf16", "BF16", bf16), ("f64", "F64", numbers.astype("<f8")),
               ("ids", "I64", np.arange(2, dtype="<i8")), ("scalar", "F32", np.array(1, "<f4")),
               ("empty", "F32", np.zeros((0, 3), "<f4")),
               ("stack", "F32", np.arange(24, dtype="<f4").reshape(2, 3, 2, 2))]
    header, offset = {"__metadata__": {"made by": "make_data.py"}}, 0
    for name, dtype, array in tensors:
        header[name] = {"dtype": dtype, "shape": list(array.shape),
                        "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path("st", "all.safetensors"), "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for _, _, array in tensors:
            out.write(array.tobytes())


def block(array, dtype):
    return {"dtype": dtype, "shape": list(array.shape), "base64": base64.b64encode(array.tobytes()).decode()}


def documents():
    two = {"attnscope": 1, "tokens": ["a", "b"]}
    three = {"attnscope": 1, "queries": {"tokens": ["a", "b"]}, "keys": {"tokens": ["c", "d", "e"]}}
    f4, st = {"file": "npy/f4.npy"}, "st/all.safetensors"
    scores = {name: {"file": st, "tensor": name} for name in ("f32", "f16", "bf16", "f64")}
    stack = np.arange(24, dtype="<f4").reshape(3, 2, 4)
    good = {
        "rows": {**two, "title": "Rows", "about": "in the text", "d_model": 8, "layers": [
            {"name": "one", "heads": [{"q": [[1, 2.5], [3e-1, -4]], "k": [[1, 0], [0, 1]], "v": [[1], [2]],
                                       "recorded": [[0.5, 0.5], ["nan", "inf"]], "note": [1, [2]]}]}],
            "settings": {"mask.causal": True, "temperature": 0.50, "view": "lines", "mask.hidden": [0, 1]},
            "mine": {"kept": [1.10, "x", None]}},
        "padding": {**three, "keys": {"tokens": ["c", "d", "e"], "lang": "en", "padding": [0, 0, 1]},
                    "layers": [{"heads": [{"scores": [[1, 2, 3], [4, 5, 6]], "d_k": 64},
                                          {"weights": [[1, 0, 0], [0.25, 0.25, 0.25]]}]}],
                    "alignment": {"sure": [[0, 0], [2, 1]], "possible": [[1, 1]]}},
        "files": {**three, "layers": [
            {"heads": [{"scores": f4, "extra": 1}, {"scores": {**f4, "note": "kept"}},
                       {"scores": {"file": "npy/f8-big-fortran.npy"}}]},
            {"heads": [{"scores": scores[name]} for name in scores]}]},
        "base64": {**two, "layers": [
            {"q": block(stack, "f32"), "k": block(stack.astype("<f2"), "f16"), "v": block(stack.astype("<f8"), "f64")},
            {"heads": [{"weights": block(np.array([[0x3F80, 0], [0x3F00, 0x3F00]], "<u2"), "bf16")}]}]},
        "index": {**two, "layers": [
            {"scores": {"file": "npy/stack.npy", "index": [1]}},
            {"scores": {"file": st, "tensor": "stack", "index": [0]}},
            {"heads": [{"scores": {"file": "npy/stack-fortran.npy", "index": [1, 2]}}]}]},
        "picture": {"attnscope": 1, "image": {"file": "picture.png", "rows": 1, "cols": 2, "special": ["[CLS]"]},
                    "layers": [{"heads": [{"weights": np.eye(3).tolist()}]}]},
        "grid": {"attnscope": 1, "image": {"rows": 2, "cols": 1, "axis": "keys"}, "queries": {"tokens": ["a"]},
                 "layers": [{"heads": [{"scores": [[1, 2]]}]}]},
        "sentences": {"attnscope": 1, "title": "Two", "d_model": 4, "sentences": [
            {"tokens": ["a"], "layers": [{"heads": [{"scores": [[1]]}]}]},
            {"title": "second", "tokens": ["b", "c"], "d_model": 6, "layers": [{"heads": [{"scores": [[1, 2], [3, 4]]}]}]}]},
    }
    for name, document in good.items():
        with open(path(name + ".attn.json"), "w") as out:
            out.write(json.dumps(document, indent=1 if name in ("rows", "files") else None) + "\n")
    with open(path("lines.jsonl"), "w") as out:
        first = {**two, "layers": [{"heads": [{"scores": [[1, 2], [3, 4]]}]}]}
        out.write(json.dumps(first) + "\n" + json.dumps({**first, "tokens": ["c", "d"]}) + "\n")


def main():
    arrays()
    safetensors()
    documents()
    picture = np.array([[[255, 0, 0], [0, 255, 0]]], np.uint8)
    png(("picture.png",), picture)
    png(("npy", "picture.png"), picture)


main()
