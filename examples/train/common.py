"""Writing what attnscope reads: documents, safetensors files and pictures.

Nothing here needs more than NumPy and the standard library, so that a script
of your own can borrow a function without the rest.
"""

import base64
import json
import os
import struct
import time
import zlib

import numpy as np

EXAMPLES = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
RECORDED_TOLERANCE = 1e-5

# Read by OpenMP when torch is loaded, which every script does after this module: threads that wait
# do not spin, several times faster on a machine that has other work too.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")


def example_path(example, name=""):
    """Path of a file in the folder of one example, which is created if missing."""
    folder = os.path.join(EXAMPLES, example)
    os.makedirs(folder, exist_ok=True)
    return os.path.join(folder, name)


# --- reference softmax ---------------------------------------------------------------------------


def attention_weights(q, k, allowed=None):
    """softmax(q kᵀ / √d_k) in float64; `allowed[i, j]` false masks key j for query i.

    Leading axes (heads) are carried along. A fully masked row is zero.
    """
    q, k = np.asarray(q, np.float64), np.asarray(k, np.float64)
    logits = q @ np.swapaxes(k, -1, -2) / np.sqrt(q.shape[-1])
    if allowed is not None:
        logits = np.where(allowed, logits, -np.inf)
    top = logits.max(axis=-1, keepdims=True)
    powers = np.exp(logits - np.where(np.isfinite(top), top, 0.0))
    total = powers.sum(axis=-1, keepdims=True)
    return powers / np.where(total > 0, total, 1.0)


def check_recorded(q, k, recorded, allowed=None):
    """Largest |recorded − reference| of one stacked layer; fails above the tolerance."""
    error = float(np.abs(recorded - attention_weights(q, k, allowed)).max())
    assert error <= RECORDED_TOLERANCE, f"recorded weights differ by {error:.3g}"
    return error


# --- safetensors ---------------------------------------------------------------------------------


def write_safetensors(path, tensors):
    """Write float32 tensors: 8 bytes little-endian header length, JSON header, then the data."""
    header, offset = {}, 0
    for name, array in tensors.items():
        end = offset + 4 * array.size
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [offset, end]}
        offset = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)))
        out.write(text)
        for array in tensors.values():
            out.write(np.ascontiguousarray(array, "<f4").tobytes())


class TensorFile:
    """Tensors that go to one safetensors file beside a document."""

    def __init__(self, example):
        self.name = example + ".safetensors"
        self.path = example_path(example, self.name)
        self.tensors = {}

    def put(self, name, array):
        """Store an array; the answer is the reference that a document holds in its place."""
        assert name not in self.tensors, name
        self.tensors[name] = np.asarray(array, np.float32)
        return {"file": self.name, "tensor": name}

    def write(self):
        """Write the file, once every tensor is there."""
        write_safetensors(self.path, self.tensors)


class InlineBase64:
    """The same interface as TensorFile, but the bytes stand in the document itself."""

    def put(self, _name, array):
        """The array itself, as a document holds it."""
        array = np.ascontiguousarray(array, "<f4")
        text = base64.b64encode(array.tobytes()).decode()
        return {"dtype": "f32", "shape": list(array.shape), "base64": text}

    def write(self):
        """Nothing to do: there is no second file."""


# --- documents -----------------------------------------------------------------------------------


def stacked_layers(store, prefix, records, names, allowed=None, keep=None):
    """The "layers" of a document from recorded attention, and the largest error of any head.

    `records` holds one dict per layer with "q", "k", "v", "weights" of shape [heads, n, ·]. All
    weights are checked; `keep` are the layers that store them, by default all.
    """
    layers, worst = [], 0.0
    for index, (record, name) in enumerate(zip(records, names)):
        worst = max(worst, check_recorded(record["q"], record["k"], record["weights"], allowed))
        layer = {"name": name}
        for part, key in (("q", "q"), ("k", "k"), ("v", "v"), ("recorded", "weights")):
            if part != "recorded" or keep is None or index in keep:
                layer[part] = store.put(f"{prefix}l{index}.{part}", record[key])
        layers.append(layer)
    return layers, worst


def format_json(value, indent=0, width=100):
    """JSON that people can read: what fits on a line stays on one line."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent <= width or not isinstance(value, (dict, list)) or not value:
        return flat
    pad = " " * (indent + 2)
    if isinstance(value, dict):
        if "base64" in value:
            return flat
        inner = [f"{json.dumps(k, ensure_ascii=False)}: {format_json(v, indent + 2, width)}"
                 for k, v in value.items()]
        return "{\n" + ",\n".join(pad + text for text in inner) + "\n" + " " * indent + "}"
    inner = [format_json(v, indent + 2, width) for v in value]
    return "[\n" + ",\n".join(pad + text for text in inner) + "\n" + " " * indent + "]"


def write_document(example, document, store=None):
    """Write NAME/NAME.attn.json and the tensors that it refers to; prints both sizes."""
    path = example_path(example, example + ".attn.json")
    with open(path, "w", encoding="utf-8", newline="\n") as out:
        out.write(format_json(document) + "\n")
    sizes = [f"{os.path.basename(path)} {os.path.getsize(path)} bytes"]
    if store is not None:
        store.write()
    if isinstance(store, TensorFile):
        sizes.append(f"{store.name} {os.path.getsize(store.path)} bytes")
    print("wrote " + ", ".join(sizes))


# --- pictures ------------------------------------------------------------------------------------


def png_chunk(kind, data):
    """One chunk of a PNG file: length, kind, data, CRC."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write_png(path, rgb):
    """Write a uint8 array [height, width, 3]; every row uses the Sub filter."""
    height, width, _ = rgb.shape
    left = np.zeros_like(rgb)
    left[:, 1:] = rgb[:, :-1]
    rows = (rgb.astype(np.int16) - left).astype(np.uint8).reshape(height, -1)
    raw = b"".join(b"\x01" + row.tobytes() for row in rows)
    with open(path, "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n")
        out.write(png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)))
        out.write(png_chunk(b"IDAT", zlib.compress(raw, 9)))
        out.write(png_chunk(b"IEND", b""))


# --- reports -------------------------------------------------------------------------------------


class Stopwatch:
    """Seconds since it was made, for the one line that each script ends with."""

    def __init__(self):
        self.start = time.monotonic()

    def __str__(self):
        return f"{time.monotonic() - self.start:.0f} s"
