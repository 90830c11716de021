"""Small good files of every format, as bytes: what bad files and the seeds of fuzzing are made of.

Standard library only. The JPEGs were compressed from a ramp of grey by TurboJPEG at low quality.
"""
import base64
import json
import struct
import zlib

JPEG_GREY = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1td"
    "hbWGkJ6jq62rZ4C8ybqmx5moq6T/wAALCAAQABABAREA/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QA"
    "tRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0"
    "NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2"
    "t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/9oACAEBAAA/AKaWn/Tj/wCP/wD1qnS0/wCn"
    "H/x//wCtTUtP+nH/AMf/APrVOlp/04/+P/8A1q//2Q==")
JPEG_COLOUR = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1td"
    "hbWGkJ6jq62rZ4C8ybqmx5moq6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSk"
    "pKSkpKSkpKSkpKSkpKSkpKSkpKT/wAARCAAQABADASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcI"
    "CQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRol"
    "JicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ip"
    "qrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAA"
    "AAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLR"
    "ChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaX"
    "mJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEA"
    "PwCIW2YwPKt356Rnafz4p4tsSAeVcJx0jO4fnzVvyCQq/Z4JAecxkLj+Rphkt0AZvOtcjC78gE/8C5NAH//Z")
JPEG_PROGRESSIVE = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABsSFBcUERsXFhceHBsgKEIrKCUlKFE6PTBCYFVlZF9VXVtqeJmBanGQc1td"
    "hbWGkJ6jq62rZ4C8ybqmx5moq6T/2wBDARweHigjKE4rK06kbl1upKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSkpKSk"
    "pKSkpKSkpKSkpKSkpKSkpKSkpKT/wgARCAAQABADAREAAhEBAxEB/8QAFgABAQEAAAAAAAAAAAAAAAAAAgED/8QAFAEB"
    "AAAAAAAAAAAAAAAAAAAAAP/aAAwDAQACEAMQAAABAjUh/8QAGBAAAwEBAAAAAAAAAAAAAAAAABESIQL/2gAIAQEAAQUC"
    "nJ1D5P/EABQRAQAAAAAAAAAAAAAAAAAAACD/2gAIAQMBAT8BH//EABQRAQAAAAAAAAAAAAAAAAAAACD/2gAIAQIBAT8B"
    "H//EABsQAAEEAwAAAAAAAAAAAAAAAAABAjGBMkFx/9oACAEBAAY/AobRDqMUXhtp/8QAHBAAAQQDAQAAAAAAAAAAAAAA"
    "AAERYZEhQaHh/9oACAEBAAE/IZChAWNU4gxlY39P/9oADAMBAAIAAwAAABCCH//EABgRAQADAQAAAAAAAAAAAAAAAAEA"
    "EDFB/9oACAEDAQE/ECw65P/EABcRAQADAAAAAAAAAAAAAAAAAAABEEH/2gAIAQIBAT8QQ2v/xAAbEAEAAgMBAQAAAAAA"
    "AAAAAAABESEAMZGhsf/aAAgBAQABPxAmDd0pdrCINXSh28mkCblEPjiEsCLQX05//9k=")
JPEG_CMYK = base64.b64decode(
    "/9j/7gAOQWRvYmUAZAAAAAAC/9sAQwAoHB4jHhkoIyEjLSsoMDxkQTw3Nzx7WF1JZJGAmZaPgIyKoLTmw6Cq2q2KjMj/"
    "y9ru9f///5vB////+v/m/f/4/9sAQwErLS08NTx2QUF2+KWMpfj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4"
    "+Pj4+Pj4+Pj4+Pj4+Pj4+Pj4/8AAFAgACAAIBAERAAIRAQMRAQQRAP/EAB8AAAEFAQEBAQEBAAAAAAAAAAABAgMEBQYH"
    "CAkKC//EALUQAAIBAwMCBAMFBQQEAAABfQECAwAEEQUSITFBBhNRYQcicRQygZGhCCNCscEVUtHwJDNicoIJChYXGBka"
    "JSYnKCkqNDU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6g4SFhoeIiYqSk5SVlpeYmZqio6Slpqeo"
    "qaqys7S1tre4ubrCw8TFxsfIycrS09TV1tfY2drh4uPk5ebn6Onq8fLz9PX29/j5+v/EAB8BAAMBAQEBAQEBAQEAAAAA"
    "AAABAgMEBQYHCAkKC//EALURAAIBAgQEAwQHBQQEAAECdwABAgMRBAUhMQYSQVEHYXETIjKBCBRCkaGxwQkjM1LwFWJy"
    "0QoWJDThJfEXGBkaJicoKSo1Njc4OTpDREVGR0hJSlNUVVZXWFlaY2RlZmdoaWpzdHV2d3h5eoKDhIWGh4iJipKTlJWW"
    "l5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uLj5OXm5+jp6vLz9PX29/j5+v/aAA4EAQACEQMR"
    "BAAAPwCS4l6/N/49/wDZUAMt4uny/wDjv/2Nf//Z")


def exif(jpeg, orientation=6, order=b"II"):
    """The same picture with an EXIF block behind its start."""
    e = "<" if order == b"II" else ">"
    tiff = order + struct.pack(e + "HIH", 42, 8, 1) + struct.pack(e + "HHIHH", 0x0112, 3, 1, orientation, 0)
    body = b"Exif\0\0" + tiff + struct.pack(e + "I", 0)
    return jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + jpeg[2:]


# ---- JSON ---------------------------------------------------------------------

def document(**more):
    """A document of two tokens and one head of weights."""
    doc = {"attnscope": 1, "tokens": ["a", "b"],
           "layers": [{"heads": [{"weights": [[1, 0], [0.5, 0.5]]}]}]}
    doc.update(more)
    return doc


def text(value):
    return json.dumps(value, ensure_ascii=False).encode()


# ---- .npy ---------------------------------------------------------------------

def npy_of(header, data, version=(1, 0), length=None, pad=True):
    """An .npy file with this text as its header."""
    header = header.encode("latin-1") if isinstance(header, str) else header
    wide = version[0] >= 2
    if pad:
        header += b" " * (-(10 + 2 * wide + len(header) + 1) % 64) + b"\n"
    length = len(header) if length is None else length
    return b"\x93NUMPY" + bytes(version) + struct.pack("<I" if wide else "<H", length) + header + data


def npy(shape=(2, 3), descr="<f4", values=None, order="False"):
    count = 1
    for n in shape:
        count *= n
    kind = {"<f4": "<f", "<f8": "<d", "<i8": "<q", "|u1": "<B", ">f4": ">f", "<f2": "<e"}[descr]
    values = [i / 8 if descr[1] == "f" else i % 251 for i in range(count)] if values is None else values
    data = b"".join(struct.pack(kind, v) for v in values)
    dims = "(" + ", ".join(map(str, shape)) + ("," if len(shape) == 1 else "") + ")"
    return npy_of(f"{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {dims}, }}", data)


def npy_texts(words):
    width = max(map(len, words))
    data = b"".join(w.encode("utf-32-le").ljust(4 * width, b"\0") for w in words)
    return npy_of(f"{{'descr': '<U{width}', 'fortran_order': False, 'shape': ({len(words)},), }}", data)


# ---- ZIP ----------------------------------------------------------------------

class Member:
    """One member; what is given overrides what is right."""
    def __init__(self, name, data, method=0, **lies):
        self.name = name.encode() if isinstance(name, str) else name
        self.data, self.method, self.lies = data, method, lies

    def packed(self):
        if self.method != 8:
            return self.data
        deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
        return deflate.compress(self.data) + deflate.flush()

    def field(self, name, right):
        return self.lies.get(name, right)


def npz(members, comment=b"", tail=b"", **lies):
    """A ZIP archive, byte by byte; `lies` are fields of its end record."""
    out, directory = b"", b""
    for m in members:
        packed = m.field("packed", m.packed())
        crc = m.field("crc", zlib.crc32(m.data))
        flags, at = m.field("flags", 0), len(out)
        sizes = (m.field("packed_size", len(packed)), m.field("size", len(m.data)))
        local = (m.field("local_method", m.method), m.field("local_crc", crc))
        name = m.field("local_name", m.name)
        extra = m.field("extra", b"")
        out += m.field("local_mark", b"PK\3\4") + struct.pack(
            "<HHHHHIIIHH", 20, flags, local[0], 0, 33, local[1], *m.field("local_sizes", sizes),
            len(name), len(extra)) + name + extra + packed
        directory += m.field("mark", b"PK\1\2") + struct.pack(
            "<HHHHHHIIIHHHHHII", 20, 20, flags, m.method, 0, 33, crc, *sizes, len(m.name), 0, 0,
            m.field("disk", 0), 0, 0, m.field("offset", at)) + m.name
    count = lies.get("count", len(members))
    end = lies.get("mark", b"PK\5\6") + struct.pack(
        "<HHHHIIH", lies.get("disk", 0), lies.get("disk_start", 0), lies.get("count_disk", count), count,
        lies.get("directory_size", len(directory)), lies.get("directory_at", len(out)),
        lies.get("comment_size", len(comment)))
    return out + directory + lies.get("between", b"") + end + comment + tail


def good_npz(method=0):
    return npz([Member("q.npy", npy((3, 2)), method), Member("k.npy", npy((3, 2)), method),
                Member("tokens.npy", npy_texts(["the", "cat", "sat"]), method)])


# ---- safetensors ----------------------------------------------------------------

def safetensors_of(header, data, length=None):
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(header) if length is None else length) + header + data


def tensor(dtype, shape, begin, end):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}


def safetensors():
    return safetensors_of({"q": tensor("F32", [2, 2], 0, 16), "k": tensor("F32", [2, 2], 16, 32),
                           "__metadata__": {"tokens": '["a", "b"]'}}, struct.pack("<8f", *range(8)))


# ---- PNG ------------------------------------------------------------------------

def chunk(kind, body, crc=None):
    crc = zlib.crc32(kind + body) if crc is None else crc
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", crc)


PNG_MARK = b"\x89PNG\r\n\x1a\n"


def ihdr(w, h, depth=8, colour=2, compression=0, filtering=0, interlace=0):
    return chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, depth, colour, compression, filtering, interlace))


def png(w=4, h=3, depth=8, colour=2, interlace=0, before=b"", raw=None):
    """A picture of any kind; its pixels are noise of no meaning."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]

    def lines(across, down):
        return b"".join(b"\0" + bytes((x * 37 + y * 11) % 4 if colour == 3 else (x * 37 + y * 11) % 251
                                      for x in range((across * channels * depth + 7) // 8))
                        for y in range(down) if across)
    if raw is None and interlace:
        raw = b"".join(lines((w - x + dx - 1) // dx, (h - y + dy - 1) // dy) for x, y, dx, dy in
                       ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
                        (0, 1, 1, 2)))
    raw = lines(w, h) if raw is None else raw
    palette = chunk(b"PLTE", bytes(range(0, 12 if depth > 1 else 6))) if colour == 3 else b""
    return (PNG_MARK + ihdr(w, h, depth, colour, 0, 0, interlace) + palette + before
            + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b""))


PNG_KINDS = [(d, c, i) for c, depths in ((0, (1, 2, 4, 8, 16)), (2, (8, 16)), (3, (2, 4, 8)), (4, (8, 16)),
                                         (6, (8, 16))) for d in depths for i in (0, 1)]

# ---- dumps of translation programs ------------------------------------------------

DUMPS = {
    "nematus": "7 ||| a b ||| 0 ||| x y z ||| 4 3\n0.5 0.25 0.125 0.125\n0.1 0.2 0.3 0.4\n"
               "0.25 0.25 0.25 0.25\n\n9 ||| c ||| 0 ||| x y ||| 3 2\n1 0 0\n0 0.5 0.5\n",
    "opennmt": "0 ||| a b ||| 0 ||| x y z ||| 0 0\n0.5 0.25 0.25\n0.25 0.5 0.25\n\n",
    "sockeye": "0 ||| a b ||| -0.5 ||| x y z ||| 3 ||| 2\n0.5 0.25\n0.25 0.5\n0.25 0.25\n\n",
    "marian": "a b ||| 0.5,0.25,0.25 0.1,0.2,0.7 0,0,1\nc ||| 0.5,0.5,0 0.25,0.75,0\n\x1ex y\nx\n",
    "marian_nbest": "0 ||| a ||| 0.5,0.5 0.25,0.75 ||| F0= -1 ||| -1\n"
                    "0 ||| b ||| 0.6,0.4 0.25,0.75 ||| F0= -2 ||| -2\n\x1ex\n",
    "fairseq": "S-7\tx y\nT-7\tr\nH-7\t-0.31\ta b\nD-7\t-0.31\tab\nP-7\t-0.1 -0.2 -0.3\n"
               "A-7\t0.5,0.25,0.25 0.1,0.2,0.7 0,0,1\nS-2\tz\nH-2\t-0.5\tc\nA-2\t0.5,0.5 0.25,0.75\n",
    "fairseq_links": "S-1\tx y\nH-1\t-0.3\ta b c\nA-1\t0-0 1-2\n",
    "table": "SENT 1: ['das', 'Haus']\nPRED 1: the house\n                  das       Haus \n"
             "       the *0.8763441  0.1236559 \n     house  0.1000000 *0.9000000 \n\n",
    "csv": ',x,y,z\na,0.5,0.25,0.25\n"b ""q"", c",0.1,0.2,0.7\n',
    "csv_bare": "0.5 0.25 0.25\n0.1 0.2 0.7\n",
}
LINKS = {
    "pharaoh": "0-0 1-1 2p2\n0-0-0.25 1-1\n\n\x1ex y z\nx y\nx\n\x1ea b c\na b\na\n\x1e0-0 1p1\n0-0\n\n",
    "pharaoh_one": "1-1 3-2\n2-2\n\x1ex y z\nx y\n\x1ea b\na b\n",
    "naacl": "0001 1 1 S\n0001 2 3 P 0.7\n1 2 2\n\n0004 1 2 S\n",
    "giza": "# Sentence pair (3) source length 2 target length 3 alignment score : 1e-9\nthe red house\n"
            "NULL ({ 1 }) casa ({ 3 }) roja ({ 2 1 }) \n",
    "marian": "a b c ||| 0-0 2-3\n\x1ex y z\n",
    "sockeye": "a b c\t0-0 2-3\n\x1ex y z\n",
    "pairs": "x y ||| a b ||| 0-0 1-1\nz ||| c ||| 0-0\n",
}
