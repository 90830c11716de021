#!/usr/bin/env python3
"""Large files made to cost more than they are worth: each refused in time and in memory.

  run_heavy.py PROGRAM FOLDER [--slow FACTOR] [--no-memory]

One after the other, made and removed again; 64 MiB where nothing less is said.
"""
import os
import struct
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import run_bad  # noqa: E402
import samples as s  # noqa: E402

SIZE = 64 << 20
DOCUMENT = b'{"attnscope":1,"tokens":["a"],"layers":[{"heads":[{"weights":[[1]]}]}],"x":'
WEIGHTS = b'{"attnscope":1,"tokens":["a"],"layers":[{"heads":[{"weights":[['
TENSOR = b'"%x":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},'


def full(begin, unit, end):
    """begin, the unit as often as there is room, end: together at most SIZE bytes"""
    return begin + unit * ((SIZE - len(begin) - len(end)) // len(unit)) + end


def counted(begin, unit, end, count):
    return begin + b"".join(unit % i for i in range(count)) + end


def st(header, data=b""):
    return struct.pack("<Q", len(header)) + header + data


def wide_header():
    """A .npy whose header has as many blanks as it may."""
    header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1), }"
    return s.npy_of(header.ljust(65535), bytes(4), pad=False)


# name: (exit code, content)
CASES = {
    "empty_objects.json": (3, lambda: full(DOCUMENT + b"[", b"{},", b"{}]}")),
    "empty_objects_wrong_end.json": (3, lambda: full(DOCUMENT + b"[", b"{},", b"]}")),
    "brackets.json": (3, lambda: full(b"", b"[", b"")),
    "lists.json": (3, lambda: full(DOCUMENT + b"[", b"[1],", b"}")),
    "zeros_wrong_end.json": (2, lambda: full(DOCUMENT + b"[", b"0,", b"}")),
    "keys.json": (3, lambda: counted(DOCUMENT + b"{", b'"%07x":1,', b'"a":1}}', 5500000)),
    "long_text.json": (2, lambda: full(DOCUMENT + b'"', b"a", b"")),
    "escapes_wrong_end.json": (2, lambda: full(DOCUMENT + b'"', b"\\u00e9", b'\\x"}')),
    "tokens.json": (3, lambda: full(b'{"attnscope":1,"tokens":[', b'"a",', b'"b"]}')),
    "numbers_wrong_end.json": (2, lambda: full(WEIGHTS, b"0.12345678901234567,", b"0.1]x")),
    "hard_numbers_wrong_end.json": (
        2, lambda: full(WEIGHTS, b"1.7976931348623157081e308,2.2250738585072011e-308,", b"1]x")),
    "sentences.jsonl": (3, lambda: full(b"", b'{"matrix":[[1]],"tokens":["a"]}\n', b"{}")),
    "objects.json": (3, lambda: full(b"[", b'{"matrix":[[1]],"tokens":["a"]},', b"x]")),
    "page.html": (2, lambda: full(b"<html><script>params = {\"attention\":[{\"attn\":[[[",
                                  b"[0.5,0.5],", b"x</script>")),
    "tensors.safetensors": (3, lambda: st(counted(b"{", TENSOR, b'"x":0}', 1000000))),
    "name.safetensors": (2, lambda: st(full(b'{"', b"a", b'":{"dtype":"U8","shape":[1],'
                                            b'"data_offsets":[0,1]}}' + b" " * 20))),
    "texts.safetensors": (3, lambda: st(counted(b'{"__metadata__":{', b'"%x":"",', b'"x":""}}',
                                                4000000))),
    "index.safetensors.index.json": (
        3, lambda: counted(b'{"weight_map":{', b'"%x":"a",', b'"x":"a"}}', 2200000)),
    "shards.safetensors.index.json": (
        4, lambda: b'{"weight_map":{' + b",".join(b'"%x":"m%d"' % (i, i % 4000)
                                                  for i in range(190000)) + b"}}"),
    "headers.npz": (1, lambda: s.npz([s.Member("%d.npy" % i, wide_header(), 8)
                                      for i in range(4096)])),
    "bomb.npz": (2, lambda: s.npz([s.Member("attention.npy", s.npy((1, 1)) + bytes(1 << 28), 8)])),
    "texts.npz": (2, lambda: s.npz([
        s.Member("attention.npy", s.npy((1, 1))),
        s.Member("tokens.npy", s.npy_of("{'descr': '|S1', 'fortran_order': False, 'shape': "
                                        "(16777216,), }", b"a" * (1 << 24)), 8)])),
}


def main():
    program, folder = sys.argv[1:3]
    slow = int(sys.argv[sys.argv.index("--slow") + 1]) if "--slow" in sys.argv else 1
    os.makedirs(folder, exist_ok=True)
    wrong, most = 0, 0
    for name, (want, make) in CASES.items():
        path = os.path.join(folder, name)
        with open(path, "wb") as file:
            file.write(make())
        code, message, memory = run_bad.run(program, path, [], run_bad.SECONDS * slow)
        os.remove(path)
        most = max(most, memory)
        bad = code != want or ("--no-memory" not in sys.argv and memory > run_bad.MEMORY)
        wrong += bad
        if bad:
            print(f"{name}: expected exit code {want} in {run_bad.MEMORY >> 20} MiB, found {code} "
                  f"in {memory >> 20} MiB: {message[:200]}")
    print(f"{len(CASES)} large files, {wrong} wrong, at most {most >> 20} MiB")
    sys.exit(wrong > 0)


if __name__ == "__main__":
    main()
