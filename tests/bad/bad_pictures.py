"""Bad pictures. A picture alone is no document, so each is the picture of one."""
import struct
import zlib

import samples as s

GOOD = s.png()
BODY = GOOD[33:]


def with_head(*args, **more):
    return s.PNG_MARK + s.ihdr(*args, **more) + BODY


def idat(data):
    return s.PNG_MARK + s.ihdr(4, 3) + s.chunk(b"IDAT", data) + s.chunk(b"IEND", b"")


def flip(data, at, bit=0x40):
    return data[:at] + bytes([data[at] ^ bit]) + data[at + 1:]


RAW = b"".join(b"\0" + bytes(12) for _ in range(3))
PNG = {
    "mark_only": s.PNG_MARK, "mark_cut": s.PNG_MARK[:5], "line_feed": GOOD.replace(b"\r\n", b"\n", 1), "head_cut": GOOD[:20],
    "head_missing": s.PNG_MARK + BODY, "head_twice": s.PNG_MARK + s.ihdr(4, 3) + s.ihdr(4, 3) + BODY, "head_crc": flip(GOOD, 30),
    "head_long": s.PNG_MARK + s.chunk(b"IHDR", bytes(20)) + BODY, "width_zero": with_head(0, 3), "height_zero": with_head(4, 0),
    "width_huge": with_head(2 ** 31 - 1, 3), "width_over": with_head(2 ** 31, 3), "side_limit": with_head(16385, 3),
    "side_limit_down": with_head(4, 16385), "pixels_limit": with_head(16384, 16384), "both_huge": with_head(2 ** 31 - 1, 2 ** 31 - 1),
    "depth_3": with_head(4, 3, 3), "depth_0": with_head(4, 3, 0), "depth_32": with_head(4, 3, 32), "colour_1": with_head(4, 3, 8, 1),
    "colour_5": with_head(4, 3, 8, 5), "colour_9": with_head(4, 3, 8, 9), "colour_2_depth_4": with_head(4, 3, 4, 2),
    "palette_depth_16": with_head(4, 3, 16, 3), "compression": with_head(4, 3, compression=1), "filtering": with_head(4, 3, filtering=3),
    "interlace": with_head(4, 3, interlace=2), "no_palette": s.PNG_MARK + s.ihdr(4, 3, 8, 3) + BODY,
    "no_data": s.PNG_MARK + s.ihdr(4, 3) + s.chunk(b"IEND", b""), "data_cut": GOOD[:-20], "data_short": idat(zlib.compress(RAW[:-13])),
    "data_none": idat(b""), "data_junk": idat(b"\xff" * 40), "data_adler": idat(zlib.compress(RAW)[:-4] + b"\0\0\0\0"),
    "data_crc": flip(GOOD, 45), "unknown_critical": s.PNG_MARK + s.ihdr(4, 3) + s.chunk(b"ABCD", b"x") + BODY,
    "chunk_letter": s.PNG_MARK + s.ihdr(4, 3) + s.chunk(b"a\0cd", b"") + BODY, "chunk_long": s.PNG_MARK + s.ihdr(4, 3) + struct.pack(">I", 2 ** 31) + b"tEXt",
    "chunk_beyond": s.PNG_MARK + s.ihdr(4, 3) + struct.pack(">I", 5000) + b"IDAT" + b"x", "filter_5": idat(zlib.compress(b"\5" + RAW[1:])),
    "palette_size": s.PNG_MARK + s.ihdr(4, 3, 8, 3) + s.chunk(b"PLTE", bytes(7)) + BODY, "zeros": bytes(300),
}
J = s.JPEG_COLOUR


def marker(data, kind, body, behind=2):
    return data[:behind] + b"\xff" + bytes([kind]) + struct.pack(">H", len(body) + 2) + body + data[behind:]


def sized(w, h):
    at = J.index(b"\xff\xc0") + 5
    return J[:at] + struct.pack(">HH", h, w) + J[at + 4:]


JPEG = {
    "start_only": b"\xff\xd8\xff", "start_end": b"\xff\xd8\xff\xd9", "four_bytes": b"\xff\xd8\xff\xe0", "cmyk": s.JPEG_CMYK,
    "arithmetic": J.replace(b"\xff\xc0", b"\xff\xc9"), "lossless": J.replace(b"\xff\xc0", b"\xff\xc3"), "hierarchical": J.replace(b"\xff\xc0", b"\xff\xc5"),
    "width_zero": sized(0, 16), "height_zero": sized(16, 0), "size_zero": sized(0, 0), "size_huge": sized(65535, 65535), "side_limit": sized(16385, 8), "size_unproven": sized(8000, 8000), "pixels_limit": sized(16000, 16000),
    "no_tables": J[:2] + J[J.index(b"\xff\xc0"):], "no_scan": J[:J.index(b"\xff\xda")] + b"\xff\xd9", "head_cut": J[:J.index(b"\xff\xc0") + 6],
    "precision": J.replace(b"\xff\xc0\x00\x11\x08", b"\xff\xc0\x00\x11\x0c"), "components": J.replace(b"\x10\x00\x10\x03", b"\x10\x00\x10\x05"),
    "table_long": marker(J, 0xdb, bytes(3)), "segment_beyond": J[:2] + b"\xff\xe1\xff\xff", "junk": b"\xff\xd8\xff" + bytes(range(200)),
}
OTHERS = {"gif": b"GIF89a" + bytes(20), "webp": b"RIFF\x24\0\0\0WEBPVP8 " + bytes(20), "tiff": b"II*\0" + bytes(20), "bmp": b"BM" + bytes(40),
          "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>", "empty": b"", "text": b"hello\n", "json": b"{}", "npy": s.npy(), "pdf": b"%PDF-1.4\n",
          "git_pointer": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "html": b"<!DOCTYPE html><html></html>", "gzip": b"\x1f\x8b\x08\0" + bytes(20)}


def add(cases):
    def put(folder, name, ending, data, options=()):
        grid = {"attnscope": 1, "image": {"file": f"{name}.{ending}", "rows": 1, "cols": 2},
                "layers": [{"heads": [{"weights": [[1, 0], [0.5, 0.5]]}]}]}
        cases.put(f"{folder}/{name}.attn.json", s.text(grid), options, [(f"{name}.{ending}", data)])

    for name, data in PNG.items():
        put("png", name, "png", data)
    for name, data in JPEG.items():
        put("jpeg", name, "jpg", data)
    for name, data in OTHERS.items():
        put("picture", name, "png", data)
    put("jpeg", "strict_cut", "jpg", J[:-30], ["--strict"])
