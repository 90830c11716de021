"""attnscope convert, its files read by Python's own zipfile and struct."""
import ast
import json
import os
import pty
import re
import signal
import struct
import subprocess
import time
import unittest
import zipfile

import support


def npy(data):
    """(type, shape, bytes) of an .npy"""
    assert data[:8] == b"\x93NUMPY\x01\x00"
    length = struct.unpack("<H", data[8:10])[0]
    assert (10 + length) % 64 == 0
    header = ast.literal_eval(data[10:10 + length].decode("latin-1"))
    assert header["fortran_order"] is False
    return header["descr"], header["shape"], data[10 + length:]


DOC = {"attnscope": 1, "title": "T", "queries": {"tokens": ["é", "two"]}, "keys": {"tokens": ["a", "b", "c"]},
       "layers": [{"weights": [[[0.1, 0.2, 0.7], [1, 0, 0]], [[0.5, 0.25, 0.25], [0, 0, 1]]]}]}
NUMBERS = struct.pack("<12f", 0.1, 0.2, 0.7, 1, 0, 0, 0.5, 0.25, 0.25, 0, 0, 1)


class ConvertTest(support.Case):
    def document(self):
        return self.put("in.attn.json", json.dumps(DOC))

    def test_npz_is_what_python_expects(self):
        out = self.folder / "out.npz"
        self.assertEqual(self.good("convert", self.document(), "-o", out), b"")
        with zipfile.ZipFile(out) as archive:
            self.assertIsNone(archive.testzip())
            self.assertEqual(archive.namelist(), ["attention.npy", "queries.npy", "keys.npy"])
            self.assertEqual(npy(archive.read("attention.npy")), ("<f4", (2, 2, 3), NUMBERS))
            kind, shape, data = npy(archive.read("queries.npy"))
            self.assertEqual((kind, shape), ("<U3", (2,)))
            self.assertEqual(data.decode("utf-32-le"), "é\0\0two")

    def test_safetensors_say_where_numbers_and_tokens_are(self):
        out = self.folder / "out.safetensors"
        self.good("convert", self.document(), "-o", out)
        data = out.read_bytes()
        length = struct.unpack("<Q", data[:8])[0]
        self.assertEqual(length % 8, 0)
        header = json.loads(data[8:8 + length])
        meta = header.pop("__metadata__")
        self.assertEqual(header, {"attention": {"dtype": "F32", "shape": [2, 2, 3], "data_offsets": [0, 48]}})
        self.assertEqual(data[8 + length:], NUMBERS)
        self.assertEqual(json.loads(meta["queries"]), ["é", "two"])
        self.assertEqual(json.loads(meta["keys"]), ["a", "b", "c"])
        self.assertEqual(meta["title"], "T")

    def test_one_head_of_many(self):
        out = self.folder / "out.csv"
        self.bad(1, f"{self.document()}: expected one head for .csv, found 2: choose one with --head",
                 "convert", self.document(), "-o", out)
        self.good("convert", self.document(), "--head", "1", "-o", out)
        self.assertEqual(out.read_text(), "0.5,0.25,0.25\n0,0,1\n")
        self.assertEqual(self.good("check", out).decode(), f"{out}: ok: table of weights (CSV), "
                         "1 layer × 1 head, 2 × 3\n")

    def test_arrays_that_look_turned_say_how_they_are_read_back(self):
        table, out = self.put("w.csv", "0.5,0.5\n0.75,0.25\n"), self.folder / "w.npz"
        code, _, err = support.run("convert", table, "--transpose", "-o", out)
        self.assertEqual((code, err.splitlines()[-1]), (0, f"{table}: warning: only the columns of attention sum to "
                                                           "1: it is read back as it was with --transpose"))
        self.assertEqual(support.run("dump", out, "--transpose", "--stage", "weights")[1], b"0.5,0.75\n0.5,0.25\n")
        self.good("convert", table, "-o", out)

    def test_no_input_is_written_over(self):
        path = self.document()
        before = path.read_bytes()
        self.bad(1, None, "convert", path, "-o", path)
        link = self.folder / "link.attn.json"
        link.symlink_to(path)
        self.bad(1, None, "convert", path, "-o", link)
        source = self.put("s.csv", "a b\n")
        self.bad(1, f"{path}: -o: expected another file than the input, found {source}",
                 "convert", path, "--source", source, "-o", source)
        self.assertEqual(path.read_bytes(), before)
        self.assertEqual(source.read_text(), "a b\n")
        self.good("convert", self.put("s.align", "0-0 1-1\n"), "--source", source, "--target",
                  self.put("t.txt", "c d\n"), "-o", self.folder / "out.attn.json")
        self.assertIn('"tokens": ["a", "b"]', (self.folder / "out.attn.json").read_text())

    def test_a_shard_or_the_file_of_a_folder_is_an_input_too(self):
        self.good("convert", self.document(), "-o", self.folder / "a.safetensors")
        index = self.put("m.safetensors.index.json",
                         json.dumps({"weight_map": {"attention": "a.safetensors"}}))
        (self.folder / "parts").mkdir()
        self.good("convert", self.folder / "a.safetensors", "-o", self.folder / "parts" / "m.npz")
        for given, out in ((index, self.folder / "a.safetensors"),
                           (self.folder / "parts", self.folder / "parts" / "m.npz")):
            before = out.read_bytes()
            self.bad(1, f"{given}: -o: expected another file than the input, found {out}",
                     "convert", given, "-o", out)
            self.assertEqual(out.read_bytes(), before)

    def test_ctrl_c_leaves_no_half_file(self):
        path = self.put("s.align", "0-0 1-1 2-2 3-1\n" * 60000)
        with subprocess.Popen([support.PROGRAM, "convert", path, "-o", self.folder / "s.attn.json"],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL) as running:
            while len(list(self.folder.iterdir())) == 1 and running.poll() is None:
                time.sleep(0.001)  # until it begins to write
            running.send_signal(signal.SIGINT)
        self.assertEqual(running.returncode, -signal.SIGINT)
        self.assertEqual([p.name for p in self.folder.iterdir()], ["s.align"])

    def test_a_terminal_sees_how_far_it_is(self):
        heads = ", ".join('{"weights": [[1]]}' for _ in range(100))
        path = self.put("heads.attn.json", '{"attnscope": 1, "tokens": ["a"], "layers": [{"heads": [%s]}]}' % heads)
        above, below = pty.openpty()
        done = subprocess.run([support.PROGRAM, "convert", path, "-o", self.folder / "out.npz"], stderr=below,
                              stdin=subprocess.DEVNULL, timeout=60)
        os.close(below)
        text = os.read(above, 65536).decode()
        os.close(above)
        self.assertEqual(done.returncode, 0)
        self.assertRegex(text, r"\rwriting +[0-9]+ %")
        self.assertIn("\r" + " " * 16 + "\r", text)

    def test_a_terminal_sees_a_large_file_being_read(self):
        path = self.folder / "zeros.npy"
        header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (4096, 4096), }".ljust(117) + b"\n"
        with path.open("wb") as file:
            file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header)
            file.truncate(128 + 4 * 4096 * 4096)  # all zeros, none of them on the disk
        above, below = pty.openpty()
        done = subprocess.run([support.PROGRAM, "convert", path, "--head", "1", "-o", self.folder / "out.csv"],
                              stderr=below, stdin=subprocess.DEVNULL, timeout=60)
        os.close(below)
        text = os.read(above, 65536).decode()
        os.close(above)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(text, r"\rreading +[0-9]+ %")
        told = re.findall(r"[0-9]+ %", text)
        self.assertEqual(len(told), len(set(told)))
        self.assertIn("head: expected 0 … 0, found 1", text)

    def test_wrong_uses(self):
        path = self.document()
        self.bad(1, "attnscope: -o: expected a file that ends in .attn.json, .npz, .safetensors or .csv, found none",
                 "convert", path)
        self.bad(1, 'attnscope: name: expected one that ends in .attn.json, .npz, .safetensors or .csv, found "x.zip"',
                 "convert", path, "-o", self.folder / "x.zip")
        self.bad(1, None, "convert", path, "--set", "temperature=2", "-o", self.folder / "x.npz")
        self.bad(1, "attnscope: --head: expected a whole number from 0 on, found mean",
                 "convert", path, "--head", "mean", "-o", self.folder / "x.npz")
        for places in ("--head", "-1"), ("--head", "3000000000"), ("--set", "head="), ("--set", "layer"), \
                ("--set", "layxr=1"), ("--set", "theme=dark"):
            self.bad(1, None, "convert", path, *places, "-o", self.folder / "x.npz")
        self.bad(4, None, "convert", path, "-o", self.folder / "none" / "x.npz")

    def test_every_example_becomes_a_document_that_opens(self):
        for path in support.example_documents():
            out = self.folder / path.name
            code, _, err = support.run("convert", path, "-o", out)
            self.assertEqual(code, 0, (path, err))
            self.assertEqual(support.run("check", out)[0], 0, path)


if __name__ == "__main__":
    unittest.main()
