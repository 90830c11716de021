#!/usr/bin/env python3
"""Writes pngsuite.txt: name, width, height and FNV-1a (64 bit) of the RGBA bytes of every valid PngSuite file.

usage: pngsuite.py FOLDER_OF_PNGSUITE

A second decoder, written from the PNG specification: 16-bit samples become round(v * 255 / 65535), tRNS becomes
alpha (compared before the depth is reduced), gamma and other colour chunks are not applied.
"""
import os
import struct
import sys
import zlib


def chunks(data):
    at = 8
    while at < len(data):
        size, name = struct.unpack(">I4s", data[at:at + 8])
        yield name, data[at + 8:at + 8 + size]
        at += 12 + size


def unfilter(raw, at, height, stride, step):
    prior, rows = bytearray(stride), []
    for _ in range(height):
        kind, row = raw[at], bytearray(raw[at + 1:at + 1 + stride])
        at += 1 + stride
        for i in range(stride):
            a = row[i - step] if i >= step else 0
            b, c = prior[i], prior[i - step] if i >= step else 0
            p = a + b - c
            paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            row[i] = (row[i] + (0, a, b, (a + b) // 2, paeth)[kind]) & 255
        rows.append(row)
        prior = row
    return rows, at


def samples(row, count, depth):
    if depth == 8:
        return list(row[:count])
    if depth == 16:
        return [row[2 * i] << 8 | row[2 * i + 1] for i in range(count)]
    per = 8 // depth
    return [row[i // per] >> (8 - depth * (i % per + 1)) & ((1 << depth) - 1) for i in range(count)]


def decode(data):
    palette, trns, body = b"", None, b""
    for name, content in chunks(data):
        if name == b"IHDR":
            w, h, depth, kind, _, _, laced = struct.unpack(">IIBBBBB", content)
        elif name == b"PLTE":
            palette = content
        elif name == b"tRNS":
            trns = content
        elif name == b"IDAT":
            body += content
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[kind]
    raw, at = zlib.decompress(body), 0
    out = [[None] * w for _ in range(h)]
    passes = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]
    for x0, y0, dx, dy in passes if laced else [(0, 0, 1, 1)]:
        pw, ph = -(-(w - x0) // dx), -(-(h - y0) // dy)
        if pw < 1 or ph < 1:
            continue
        stride = (pw * channels * depth + 7) // 8
        rows, at = unfilter(raw, at, ph, stride, max(1, channels * depth // 8))
        for j, row in enumerate(rows):
            s = samples(row, pw * channels, depth)
            for i in range(pw):
                out[y0 + j * dy][x0 + i * dx] = pixel(s[i * channels:(i + 1) * channels], kind, depth, palette, trns)
    return w, h, bytes(v for row in out for p in row for v in p)


def pixel(s, kind, depth, palette, trns):
    most = (1 << depth) - 1
    level = lambda v: (v * 255 * 2 + most) // (2 * most)
    if kind == 3:
        alpha = trns[s[0]] if trns is not None and s[0] < len(trns) else 255
        return tuple(palette[3 * s[0]:3 * s[0] + 3]) + (alpha,)
    if kind in (4, 6):
        alpha = level(s[-1])
        s = s[:-1]
    else:
        key = struct.unpack(">%dH" % len(s), trns[:2 * len(s)]) if trns is not None else None
        alpha = 0 if key == tuple(s) else 255
    rgb = [level(v) for v in s]
    return tuple(rgb * 3 if len(rgb) == 1 else rgb) + (alpha,)


def fnv(data):
    h = 0xcbf29ce484222325
    for b in data:
        h = (h ^ b) * 0x100000001b3 & 0xFFFFFFFFFFFFFFFF
    return h


folder = sys.argv[1]
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "pngsuite.txt"), "w") as f:
    for name in sorted(os.listdir(folder)):
        if name.endswith(".png") and not name.startswith("x"):
            w, h, rgba = decode(open(os.path.join(folder, name), "rb").read())
            f.write("%s %d %d %016x\n" % (name, w, h, fnv(rgba)))
