"""JSON and pages of other programs, and files that are not what they are called."""
import samples as s

FOREIGN = {
    "matrix_ragged": '{"matrix": [[1, 0], [1]], "source": ["a", "b"], "target": ["c", "d"]}',
    "matrix_text": '{"matrix": "x"}', "matrix_empty": '{"matrix": []}', "matrix_number": '{"matrix": 7}',
    "matrix_words": '{"matrix": [["x", "y"]]}', "matrix_null": '{"matrix": null}', "matrix_flat": '{"matrix": [1, 2, 3]}',
    "tokens_unlike": '{"attention": [[1, 0, 0], [1, 0, 0]], "source": ["a"], "target": ["b", "c", "d", "e", "f"]}',
    "tokens_number": '{"attention": [[1, 0]], "source": 3, "target": ["b"]}', "tokens_numbers": '{"attention": [[1, 0]], "source": [{}, {}], "target": ["b"]}',
    "attention_deep": '{"attention": [[[[[[1]]]]]], "tokens": ["a"]}', "attention_twice": '{"attention": [[1]], "attention": [[1]], "tokens": ["a"]}',
    "attention_object": '{"attention": {"a": 1}}', "attention_ragged_heads": '{"attention": [[[1, 0], [1, 0]], [[1]]], "tokens": ["a", "b"]}',
    "lines_second": '{"attention": [[1]], "tokens": ["a"]}\n{"attention": [[1]], "tokens": \n',
    "hypotheses_empty": '{"hypotheses": []}', "cut": '{"attention": [[1, 0', "text_root": '"hello"', "null_root": "null",
    "control": '{"attention": [[1]], "tokens": ["a\x01"]}', "nul_escape": '{"attention": [[1]], "tokens": ["\\u0000"]}',
    "tokens_none": '{"matrix": [[1]], "tokens": []}', "source_none": '{"matrix": [[1]], "source": [], "target": ["a"]}',
    "overflow": '{"attention": [[1e999]], "tokens": ["a"]}', "deep": '{"attention": ' + "[" * 80 + "]" * 80 + "}",
}
PAGE = "<!DOCTYPE html>\n<html><body><script>\n%s\n</script></body></html>\n"
PAGES = {
    "empty": "<!DOCTYPE html>", "no_script": "<!DOCTYPE html><html><body>hello</body></html>", "login": "<html><head><title>Sign in</title></head></html>",
    "script_open": "<html><script>var x = 1;", "script_empty": PAGE % "", "other_script": PAGE % "console.log('hello');",
    "params_cut": PAGE % 'var params = {"attention": [{"name": null, "attn": [[[[1', "params_number": PAGE % "var params = 7; // HTML",
    "params_empty": PAGE % "const params = {};\nconst config = {};", "params_text": PAGE % 'var params = "x";',
    "params_single": PAGE % "var params = {'attention': []};", "params_call": PAGE % "var params = load();",
    "head_view_empty": PAGE % "require(['x'], function() { const params = {\"attention\": [], \"default_filter\": \"0\", \"root_div_id\": \"b\"};",
    "head_view_ragged": PAGE % 'const params = {"attention": [{"name": null, "attn": [[[[1, 0], [1]]]], "left_text": ["a", "b"], "right_text": ["a", "b"]}], "default_filter": "0", "root_div_id": "b", "layer": null, "heads": null, "include_layers": [0]};',
    "latin": (PAGE % "x").encode().replace(b"x", b"caf\xe9"),
}
WHAT = {
    "empty.attn.json": b"", "empty.npy": b"", "empty.txt": b"", "empty.safetensors": b"", "blank.json": b" \n ", "blank.txt": b"\n\n \n", "nul.txt": b"\0" * 100, "one_byte": b"x",
    "prose.txt": b"This is a letter to a friend.\nNothing else is in it.\n", "prose.json": b"hello\n", "readme.md": b"# Title\n\nSome text.\n",
    "code.py": b"import os\nprint(os.name)\n", "xml.xml": b"<?xml version='1.0'?><a/>", "picture.png": s.png(), "picture.jpg": s.JPEG_GREY, "picture_named.npy": s.png(),
    "picture.gif": b"GIF89a" + bytes(30), "drawing.svg": b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "paper.pdf": b"%PDF-1.7\n%\xe2\xe3\n", "archive.gz": b"\x1f\x8b\x08\0" + bytes(30),
    "zip_named.npy": s.npz([s.Member("readme.txt", b"x")]), "pickle.bin": b"\x80\x04\x95\x10\0\0\0", "pickle.pt": b"\x80\x02}q\0.", "pickle.npy": b"\x80\x02}q\0.", "pickle_old.pkl": b"(dp0\nS'a'\np1\nI1\ns.",
    "torch.pt": s.npz([s.Member("archive/data.pkl", b"\x80\x02}q\0."), s.Member("archive/version", b"3\n")]),
    "pointer.safetensors": b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12345\n",
    "pointer.npy": b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12345\n",
    "page.safetensors": b"<!DOCTYPE html><html><body>404</body></html>", "page.npy": b"<html><body>Not found</body></html>", "hdf5.h5": b"\x89HDF\r\n\x1a\n" + bytes(30),
    "gguf.gguf": b"GGUF\3\0\0\0" + bytes(30), "program": b"\x7fELF\2\1\1" + bytes(60), "npy_named.json": s.npy()[:40], "json_named.npy": s.text(s.document())[:40], "safetensors_named.json": s.safetensors()[:60],
    "webp.webp": b"RIFF\x24\0\0\0WEBPVP8 " + bytes(20), "tiff.tif": b"MM\0*" + bytes(20), "bmp.bmp": b"BM" + bytes(60), "noise.bin": bytes((i * i * 7 + i * 31 + 5) % 256 for i in range(999)),
    "utf16.txt": "hello\n".encode("utf-16"), "utf16_no_mark.txt": "0-0 1-1\n".encode("utf-16-le"), "utf16_big_no_mark.talp": "0-0 1-1\n".encode("utf-16-be"), "xz.xz": b"\xfd7zXZ\0" + bytes(20), "bzip.bz2": b"BZh91AY&SY" + bytes(20), "tar.tar": b"a.txt".ljust(257, b"\0") + b"ustar\x0000" + bytes(247),
    "sqlite.db": b"SQLite format 3\0" + bytes(40), "onnx.onnx": b"\x08\x07\x12\x07pytorch" + bytes(30), "mark_only.txt": b"\xef\xbb\xbf",
}


def add(cases):
    for name, text in FOREIGN.items():
        cases.put(f"foreign/{name}.json", text)
    for name, text in PAGES.items():
        cases.put(f"html/{name}.html", text)
    for name, data in WHAT.items():
        cases.put(f"other/{name}", data)
