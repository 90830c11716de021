#!/usr/bin/env python3
"""Writes colormap_tables.h: 256 entries a map, linear in sRGB between nine stops.

Stop k stands at entry round(255 k / 8), half up, so every stop is an entry of its table.
"""
STOPS = {
    "VIRIDIS": "440154 472D7B 3B528B 2C728E 21918C 28AE80 5EC962 ADDC30 FDE725",
    "CIVIDIS": "002051 12376C 3D4D6E 63646F 807C75 9B9578 BCAF71 E3CC5B FDEA45",
    "MAGMA": "000004 1D1147 51127C 832681 B73779 E75263 FC8961 FEC488 FCFDBF",
    "GREYS": "F9F9F9 D9D9D9 BABABA 9B9B9B 7E7E7E 626262 474747 2E2E2E 181818",
    "BLUE_ORANGE": "0B3C8C 3C6AB2 5F9BD9 B1C8E8 F7F6F3 F7C496 E79439 B7651C 8A3A00",
}


def table(stops):
    stops = [[int(s[i:i + 2], 16) for i in (0, 2, 4)] for s in stops.split()]
    at = [(255 * k * 2 + 8) // 16 for k in range(9)]
    out = []
    for i in range(256):
        k = max(j for j in range(8) if at[j] <= i)
        a, b, n = stops[k], stops[k + 1], at[k + 1] - at[k]
        # (2(a n + (b - a) m) + n) / 2n: rounded half up, in integers
        rgb = [(2 * (a[c] * n + (b[c] - a[c]) * (i - at[k])) + n) // (2 * n) for c in range(3)]
        out.append("0xFF%02X%02X%02Xu" % tuple(rgb))
    return out


with open(__file__.replace("tables.py", "colormap_tables.h"), "w") as f:
    f.write("/* Made by tables.py. Do not edit. */\n/* clang-format off */\n")
    f.write("#ifndef ATTNSCOPE_IMAGE_COLORMAP_TABLES_H\n#define ATTNSCOPE_IMAGE_COLORMAP_TABLES_H\n")
    for name, stops in STOPS.items():
        t = table(stops)
        f.write("\n#define COLORMAP_TABLE_%s \\\n    { \\\n" % name)
        for i in range(0, 256, 7):
            f.write("        " + ", ".join(t[i:i + 7]) + (", \\\n" if i + 7 < 256 else " \\\n"))
        f.write("    }\n")
    f.write("\n#endif\n")
