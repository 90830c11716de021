"""What the black-box tests share: running the program, small documents, readers of its output.

Only the standard library: the numbers that the tests compare with are computed here, not by the
program and not by a library that it might share."""
import os
import pathlib
import random
import struct
import subprocess
import tempfile
import unittest
import zlib

PROGRAM = os.environ["ATTNSCOPE_PROGRAM"]
ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"


def example_documents():
    """Those that are committed; what examples/large made on demand takes minutes."""
    return sorted(p for p in EXAMPLES.glob("*/*.attn.json") if p.parent.name != "large")



def run(*arguments, stdin=None, env=None, cwd=None):
    """(exit code, standard output as bytes, standard error as text)"""
    merged = dict(os.environ, **(env or {}))
    merged.pop("DISPLAY", None)
    done = subprocess.run([PROGRAM, *map(str, arguments)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=merged, cwd=cwd,
                          timeout=120)
    return done.returncode, done.stdout, done.stderr.decode("utf-8")


class Case(unittest.TestCase):
    """A temporary folder, and expectations about one run."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def good(self, *arguments, **named):
        code, out, err = run(*arguments, **named)
        self.assertEqual((code, err), (0, ""), arguments)
        return out

    def bad(self, code, message, *arguments, **named):
        """Exactly one line on stderr, nothing on stdout."""
        got, out, err = run(*arguments, **named)
        self.assertEqual((got, out), (code, b""), (arguments, err))
        self.assertEqual(err.count("\n"), 1, err)
        if message is not None:
            self.assertEqual(err.rstrip("\n"), message, arguments)
        return err

    def put(self, name, text):
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
        return path


def f32(value):
    """The nearest float32, as a double."""
    return struct.unpack("<f", struct.pack("<f", value))[0]


def bits(value):
    return struct.pack("<f", value)


def matrix(rng, rows, cols, spread=1.0):
    return [[f32(rng.gauss(0, spread)) for _ in range(cols)] for _ in range(rows)]


def tokens(prefix, count):
    return [f"{prefix}{i}" for i in range(count)]


def qk_document(rng, n_q, n_k, d, d_v=0, layers=1, heads=1, **more):
    def head():
        made = {"q": matrix(rng, n_q, d), "k": matrix(rng, n_k, d)}
        if d_v:
            made["v"] = matrix(rng, n_k, d_v)
        return made

    document = {"attnscope": 1,
                "queries": {"tokens": tokens("q", n_q)}, "keys": {"tokens": tokens("k", n_k)},
                "layers": [{"heads": [head() for _ in range(heads)]} for _ in range(layers)]}
    document.update(more)
    return document


def read_csv(data):
    return [[float(cell) for cell in line.split(",")] for line in data.decode("ascii").splitlines()]


def read_npy(data):
    assert data[:8] == b"\x93NUMPY\x01\x00"
    size = struct.unpack("<H", data[8:10])[0]
    assert (10 + size) % 64 == 0 and data[9 + size:10 + size] == b"\n"
    header = eval(data[10:10 + size].decode("ascii"), {"__builtins__": {}}, {})
    assert header["descr"] == "<f4" and header["fortran_order"] is False
    rows, cols = header["shape"]
    numbers = struct.unpack(f"<{rows * cols}f", data[10 + size:])
    return [list(numbers[i * cols:(i + 1) * cols]) for i in range(rows)]


def read_png(data):
    """(width, height, rows of (r, g, b, a)): 8-bit RGB and RGBA, not interlaced."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed, header = 8, b"", None
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at:at + 8])
        body = data[at + 8:at + 8 + size]
        assert struct.unpack(">I", data[at + 8 + size:at + 12 + size])[0] == zlib.crc32(kind + body)
        if kind == b"IHDR":
            header = struct.unpack(">IIBBBBB", body)
        elif kind == b"IDAT":
            packed += body
        at += 12 + size
    width, height, depth, color, _, _, interlaced = header
    assert depth == 8 and color in (2, 6) and not interlaced
    step = 4 if color == 6 else 3
    raw, rows, before = zlib.decompress(packed), [], bytes(width * step)
    for y in range(height):
        kind = raw[y * (width * step + 1)]
        line = bytearray(raw[y * (width * step + 1) + 1:(y + 1) * (width * step + 1)])
        for i in range(len(line)):
            left = line[i - step] if i >= step else 0
            corner = before[i - step] if i >= step else 0
            up = before[i]
            if kind == 1:
                line[i] = (line[i] + left) & 255
            elif kind == 2:
                line[i] = (line[i] + up) & 255
            elif kind == 3:
                line[i] = (line[i] + (left + up) // 2) & 255
            elif kind == 4:
                guess = left + up - corner
                near = min((abs(guess - left), 0, left), (abs(guess - up), 1, up),
                           (abs(guess - corner), 2, corner))
                line[i] = (line[i] + near[2]) & 255
        before = bytes(line)
        rows.append([tuple(line[x * step:x * step + 3]) + ((line[x * step + 3],) if step == 4 else (255,))
                     for x in range(width)])
    return width, height, rows


def png_size(data):
    """As read_png, without the pixels."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n" and data[-8:-4] == b"IEND"
    return struct.unpack(">II", data[16:24])


def seeded(seed):
    return random.Random(seed)
