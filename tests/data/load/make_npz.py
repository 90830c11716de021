#!/usr/bin/python3
"""Makes npz/*.npz and npy/texts*.npy beside it with NumPy and zipfile, the programs whose files are to be read.

Archives that are wrong are made of these by tests/load/test_npz_directory.c, byte by byte. Run it again after a
change; the same bytes come out.
"""

import io
import os
import zipfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
WORDS = ["the", "cät", "", "猫", "😀 s"]


def path(*parts):
    full = os.path.join(HERE, *parts)
    os.makedirs(os.path.dirname(full), exist_ok=True)
    return full


def npy(array, version=(1, 0)):
    out = io.BytesIO()
    np.lib.format.write_array(out, np.asanyarray(array), version=version, allow_pickle=True)
    return out.getvalue()


def info(name, method=zipfile.ZIP_STORED):
    out = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    out.compress_type = method
    return out


def archive(name, members, method=zipfile.ZIP_STORED, zip64=False, sink=None, comment=b""):
    with zipfile.ZipFile(sink or path("npz", name), "w") as out:
        for key, data in members:
            with out.open(info(key, method), "w", force_zip64=zip64) as member:
                member.write(data)
        out.comment = comment


class Pipe(io.RawIOBase):
    """Cannot seek: zipfile writes data descriptors."""

    def __init__(self, name):
        self.file = open(name, "wb")

    def writable(self):
        return True

    def write(self, data):
        return self.file.write(data)

    def flush(self):
        if not self.file.closed:
            self.file.flush()


def numbers(kind):
    out = np.arange(6).reshape(2, 3)
    if kind[0] in "fi":
        out = out - 2
    return out % 2 if kind == "b1" else out


def types():
    """Every type × byte order × order, as in npy/."""
    members = []
    for kind in ("f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"):
        for big in (False, True):
            for fortran in (False, True):
                array = numbers(kind).astype((">" if big else "<") + kind)
                array = np.asfortranarray(array) if fortran else array
                members.append((f"{kind}{'-big' if big else ''}{'-fortran' if fortran else ''}.npy", npy(array)))
    return members


def main():
    two = [("q.npy", npy(numbers("f4").astype("<f4"))), ("k.npy", npy(numbers("f4").astype("<f4") * 2))]
    archive("two.npz", two)
    archive("two_deflated.npz", two, zipfile.ZIP_DEFLATED)
    archive("two_zip64.npz", two, zipfile.ZIP_DEFLATED, zip64=True)
    archive("two_descriptors.npz", two, zipfile.ZIP_DEFLATED, sink=Pipe(path("npz", "two_descriptors.npz")))
    archive("two_comment.npz", two, comment=b"made by hand")
    archive("types.npz", types(), zipfile.ZIP_DEFLATED)
    nested = io.BytesIO()
    archive(None, two, sink=nested)
    archive("mixed.npz", [("q.npy", two[0][1]), ("inner.npz", nested.getvalue()), ("README.txt", b"not an array\n"),
                          ("c8.npy", npy(np.zeros((2, 2), "<c8"))), ("objects.npy", npy(np.array([{}], dtype=object))),
                          ("dates.npy", npy(np.zeros(2, "<M8[s]"))), ("half.npy", npy(np.zeros((2, 2), "<V2"))),
                          ("pair.npy", npy(np.zeros(2, [("a", "<f4"), ("b", "<i4")]))),
                          ("scalar.npy", npy(np.float32(1))), ("empty.npy", npy(np.zeros((0, 3), "<f4"))),
                          ("words.npy", npy(np.array(WORDS, "<U4"))), ("sub/ids.npy", npy(np.arange(3, dtype="<i8")))],
            zipfile.ZIP_DEFLATED)
    archive("texts.npz", [("little.npy", npy(np.array(WORDS, "<U4"))), ("big.npy", npy(np.array(WORDS, ">U4"))),
                          ("bytes.npy", npy(np.array([w.encode() for w in WORDS], "S6"))),
                          ("one.npy", npy(np.array("the cat"))),
                          ("rows.npy", npy(np.array([["a", "b", "c"], ["d", "e", "f"]]))),
                          ("columns.npy", npy(np.asfortranarray(np.array([["a", "b", "c"], ["d", "e", "f"]])))),
                          ("latin.npy", npy(np.array([b"a", b"\xe4"], "S1"))),
                          ("nul.npy", npy(np.array([b"a", b"b\0c"], "S3"))),
                          ("surrogate.npy", npy(np.array([0xD800, 0x61], "<u4").view("<U1")))], zipfile.ZIP_DEFLATED)
    archive("zeros.npz", [("mask.npy", npy(np.zeros((2048, 2048), "<f4")))], zipfile.ZIP_DEFLATED)
    archive("empty.npz", [])
    plain, coded = np.array(WORDS, "<U4"), np.array([w.encode() for w in WORDS], "S6")
    for name, array in (("texts", plain), ("texts-bytes", coded)):
        with open(path("npy", name + ".npy"), "wb") as out:
            out.write(npy(array))


if __name__ == "__main__":
    main()
