"""Bad .npy, .npz, .safetensors and indexes of shards."""
import struct
import zlib

import samples as s

D = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
DATA = struct.pack("<6f", *range(6))


def dtype(name, size=4):
    return s.npy_of(f"{{'descr': {name}, 'fortran_order': False, 'shape': (2, 3), }}", bytes(6 * size))


def shape(text, data=DATA):
    return s.npy_of(f"{{'descr': '<f4', 'fortran_order': False, 'shape': {text}, }}", data)


HEADERS = {
    "no_brace": "'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), ",
    "open_brace": "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), ",
    "list": "['<f4', False, (2, 3)]", "empty_dict": "{}", "no_descr": "{'fortran_order': False, 'shape': (2, 3), }",
    "no_order": "{'descr': '<f4', 'shape': (2, 3), }", "no_shape": "{'descr': '<f4', 'fortran_order': False, }",
    "extra_key": "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'colour': 1, }",
    "twice": "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }",
    "order_number": "{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 3), }",
    "order_text": "{'descr': '<f4', 'fortran_order': 'False', 'shape': (2, 3), }",
    "order_small": "{'descr': '<f4', 'fortran_order': false, 'shape': (2, 3), }",
    "no_colon": "{'descr' '<f4', 'fortran_order': False, 'shape': (2, 3), }",
    "no_comma": "{'descr': '<f4' 'fortran_order': False, 'shape': (2, 3), }",
    "open_quote": "{'descr: <f4", "call": "__import__('os').system('true')",
    "call_inside": "{'descr': open('x'), 'fortran_order': False, 'shape': (2, 3), }",
    "behind": D + " 7", "nul": D.replace("f4", "f\x004"), "letter": D.replace("'descr'", "x'descr'"),
    "descr_number": "{'descr': 4, 'fortran_order': False, 'shape': (2, 3), }",
    "descr_empty": "{'descr': '', 'fortran_order': False, 'shape': (2, 3), }",
    "descr_none": "{'descr': None, 'fortran_order': False, 'shape': (2, 3), }",
    "latin": "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'caf\xe9': 1}", "blank": "",
}
TYPES = {"object": "'|O'", "object8": "'|O8'", "complex": "'<c8'", "complex16": "'>c16'", "void": "'|V2'", "date": "'<M8[ns]'",
         "delta": "'<m8[s]'", "structure": "[('a', '<f4'), ('b', '<i4')]", "float16_wide": "'<f16'",
         "float3": "'<f3'", "int3": "'<i3'", "int16_wide": "'<i16'", "letter": "'<z4'", "no_size": "'<f'",
         "size_zero": "'<f0'", "size_huge": "'<f99999999999'", "order_mark": "'*f4'", "subarray": "('<f4', (2,))"}
SHAPES = {
    "leading_zero": "(2, 03)", "minus": "(-1, 3)", "half": "(2.0, 3)", "bool": "(True, 3)", "text": "('2', 3)", "list": "[2, 3]",
          "number": "6", "open": "(2, 3", "nothing": "()", "zero": "(0, 3)", "zero_second": "(3, 0)",
          "nine": "(1, 1, 1, 1, 1, 1, 2, 1, 3)", "huge": "(9223372036854775808, 2)",
          "product": "(4294967296, 4294967296)", "far": "(1000000000000,)", "digits": "(" + "9" * 400 + ",)",
          "vector": "(6,)", "single_comma": "(,)", "two_commas": "(2,,3)", "none": "(None, 3)", "hex": "(0x2, 3)"}
NPY = {
    "mark_only": b"\x93NUMPY", "nine_bytes": b"\x93NUMPY\1\0\x76", "version_0": s.npy_of(D, DATA, (0, 1)),
    "version_4": s.npy_of(D, DATA, (4, 0)), "version_1_1": s.npy_of(D, DATA, (1, 1)),
    "header_beyond": s.npy_of(D, b"", length=60000), "header_over_limit": s.npy_of(D, b"", (2, 0), 0x7fffffff),
    "header_over_limit_there": s.npy_of(D + " " * 70000, DATA, (2, 0)), "header_zero": s.npy_of(D, DATA, length=0),
    "header_cut": s.npy_of(D, b"")[:40], "data_none": s.npy_of(D, b""), "data_short": s.npy_of(D, DATA[:-1]),
    "data_short_2": s.npy_of(D, DATA[:-2], (2, 0)), "data_long": s.npy_of(D, DATA + b"x"),
    "data_twice": s.npy_of(D, DATA + DATA), "version_3_latin": s.npy_of(HEADERS["latin"], DATA, (3, 0)),
    "texts_surrogate": s.npy_of("{'descr': '<U1', 'fortran_order': False, 'shape': (2,), }",
                                struct.pack("<II", 0xd800, 65)),
    "texts_alone": s.npy_texts(["a", "b"]), "one_number": s.npy((1,)),
    "texts_width_zero": s.npy_of("{'descr': '<U0', 'fortran_order': False, 'shape': (2,), }", b""),
    "five_dimensions_unclear": s.npy((1, 2, 1, 2, 1, 2)),
}

Q, K = s.npy((3, 2)), s.npy((3, 2))
Z = s.Member


def one(data=Q, method=0, name="q.npy", **lies):
    return s.npz([Z(name, data, method, **lies), Z("k.npy", K)])


def zeros(rows, packed_rows):
    """A member whose header says more than is there, or fewer."""
    header = s.npy_of(f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, 8), }}", b"")
    return header + bytes(32 * packed_rows)


def alone(data, method=0):
    return s.npz([Z("attention.npy", data, method)])


def overlapping():
    q = Z("q.npy", Q)
    return s.npz([q, Z("k.npy", K, offset=0, local_name=b"q.npy")])


GOOD = s.good_npz()
DEFLATED = s.good_npz(8)
NPZ = {
    "end_cut": GOOD[:-1], "end_missing": GOOD[:-22], "directory_cut": GOOD[:len(GOOD) // 2], "local_only": GOOD[:60],
    "end_only_lies": s.npz([], count=1), "count_more": s.npz([Z("q.npy", Q)], count=2), "count_fewer": s.npz([Z("q.npy", Q), Z("k.npy", K)], count=1),
    "count_disk": s.npz([Z("q.npy", Q)], count_disk=9), "disk": s.npz([Z("q.npy", Q)], disk=1),
    "disk_start": s.npz([Z("q.npy", Q)], disk_start=1), "directory_far": s.npz([Z("q.npy", Q)], directory_at=10 ** 9),
    "directory_size": s.npz([Z("q.npy", Q)], directory_size=10 ** 9),
    "directory_small": s.npz([Z("q.npy", Q)], directory_size=10),
    "comment_short": s.npz([Z("q.npy", Q)], comment=b"x", comment_size=9), "tail": s.npz([Z("q.npy", Q)], tail=b"junk"),
    "between": s.npz([Z("q.npy", Q)], between=b"junk"),
    "method_9": one(method=9), "method_12": one(method=12), "method_99": one(method=99), "encrypted": one(flags=1),
    "strong": one(flags=0x41), "crc": one(crc=0x12345678), "crc_local": one(local_crc=0x12345678),
    "method_local": one(local_method=8), "name_local": one(local_name=b"z.npy"), "mark_local": one(local_mark=b"PK\3\5"),
    "mark_directory": one(mark=b"PK\1\3"), "offset_far": one(offset=10 ** 8), "offset_odd": one(offset=3),
    "disk_of_member": one(disk=2), "size_more": one(size=len(Q) + 1), "size_fewer": one(size=len(Q) - 1),
    "size_huge": one(size=0xfffffff0, method=8), "packed_more": one(packed_size=len(Q) + 4000),
    "packed_fewer": one(packed_size=10), "packed_huge": one(packed_size=0xfffffff0), "deflate_junk": one(method=8, packed=b"\xff" * 60),
    "deflate_cut": one(method=8, packed=Z("x", Q, 8).packed()[:-4]), "deflate_empty": one(method=8, packed=b""),
    "name_above": one(name="../q.npy"), "name_absolute": one(name="/q.npy"), "name_empty": one(name=""),
    "name_nul": one(name=b"q\0.npy"), "name_latin": one(name=b"caf\xe9.npy"), "name_long": one(name="q" * 1100 + ".npy"),
    "name_backslash": one(name="..\\q.npy"), "name_twice": s.npz([Z("q.npy", Q), Z("q.npy", Q), Z("k.npy", K)]),
    "name_twice_far": s.npz([Z("q.npy", Q), Z("k.npy", K), Z("q.npy", Q)]),
    "many": s.npz([Z(f"a{i}.npy", b"") for i in range(5000)]), "overlap": overlapping(),
    "no_member": s.npz([]), "no_npy": s.npz([Z("readme.txt", b"hello")]), "nested": s.npz([Z("inner.npz", GOOD)]),
    "member_empty": one(b""), "member_mark": one(b"\x93NUMPY"), "member_not_npy": one(b"hello"),
    "member_version": one(s.npy_of(D, DATA, (7, 0))), "member_short": alone(zeros(4, 3)), "member_long": alone(zeros(3, 4)),
    "member_short_deflated": alone(zeros(4, 3), 8), "member_object": s.npz([Z("q.npy", dtype("'|O'", 8))]),
    "member_claims_terabytes": alone(zeros(1 << 37, 1), 8), "member_huge_zeros": alone(zeros(1 << 28, 1 << 20), 8),
    "bomb": alone(zeros(1 << 19, 1 << 21), 8),
    "header_beyond": one(s.npy_of(D, b"", length=60000)), "q_alone": s.npz([Z("q.npy", Q)]),
    "q_k_columns": s.npz([Z("q.npy", Q), Z("k.npy", s.npy((3, 4)))]),
    "v_rows": s.npz([Z("q.npy", Q), Z("k.npy", K), Z("v.npy", s.npy((5, 2)))]),
    "unclear": s.npz([Z("a.npy", Q), Z("b.npy", K)]), "only_texts": s.npz([Z("tokens.npy", s.npy_texts(["a"]))]),
    "torch": s.npz([Z("archive/data.pkl", b"\x80\x02."), Z("archive/version", b"3\n")]),
}

F = struct.pack("<8f", *range(8))


def st(**tensors):
    return s.safetensors_of(tensors, F)


def raw(text, data=F, length=None):
    return s.safetensors_of(text if isinstance(text, bytes) else text.encode(), data, length)


def header(dtype="F32", dims=(2, 2), begin=0, end=16):
    return s.tensor(dtype, list(dims), begin, end)


Q2 = '"q":{"dtype":"F32","shape":[2,4],"data_offsets":[0,32]}'
ST = {
    "seven_bytes": b"\x10\0\0\0\0\0\0", "length_one": b"\1\0\0\0\0\0\0\0{", "length_zero": bytes(8) + b"{}",
    "length_beyond": raw("{" + Q2 + "}", length=5000), "length_limit": raw("{}", length=100000001),
    "length_huge": raw("{}", length=2 ** 63), "length_all": raw("{}", length=2 ** 64 - 1),
    "length_short": raw("{" + Q2 + "}", length=20), "cut": raw("{" + Q2 + "}", F[:-1]), "no_data": raw("{" + Q2 + "}", b""),
    "tail": raw("{" + Q2 + "}", F + b"x"), "array": raw("[1,2,3]"), "brace_open": raw("{" + Q2), "comma": raw("{" + Q2 + ",}"),
    "behind": raw("{" + Q2 + "}x"), "second": raw("{" + Q2 + "}{}"), "nul_padding": raw(("{" + Q2 + "}").encode() + b"\0\0"),
    "space_first": raw(" {" + Q2 + "}"), "utf8": raw(b"{\"\xff\":" + Q2[4:].encode() + b"}"), "twice": raw("{" + Q2 + "," + Q2 + "}"),
    "twice_escaped": raw("{" + Q2 + "," + Q2.replace('"q"', '"\\u0071"') + "}"), "empty": raw("{}", b""),
    "only_metadata": raw('{"__metadata__":{}}', b""), "data_without_tensor": raw("{}"),
    "tensor_number": raw('{"q":1}'), "tensor_list": raw('{"q":[]}'), "tensor_empty": raw('{"q":{}}'),
    "no_dtype": raw('{"q":{"shape":[2,4],"data_offsets":[0,32]}}'), "no_shape": raw('{"q":{"dtype":"F32","data_offsets":[0,32]}}'),
    "no_offsets": raw('{"q":{"dtype":"F32","shape":[2,4]}}'), "extra": raw('{"q":{"dtype":"F32","shape":[2,4],"data_offsets":[0,32],"x":1}}'),
    "dtype_number": raw('{"q":{"dtype":4,"shape":[2,4],"data_offsets":[0,32]}}'),
    "dtype_unknown": st(q=header("F33", (2, 4), 0, 32)), "dtype_small": st(q=header("f32", (2, 4), 0, 32)),
    "fp8_only": st(q=header("F8_E4M3", (4, 8), 0, 32)), "ints_only": st(q=header("I64", (2, 2), 0, 32)),
    "bool_only": st(q=header("BOOL", (4, 8), 0, 32)), "shape_text": st(q=header("F32", ("2", 4), 0, 32)),
    "shape_minus": st(q=header("F32", (-2, -4), 0, 32)), "shape_half": st(q=header("F32", (2.5, 4), 0, 32)),
    "shape_number": raw('{"q":{"dtype":"F32","shape":8,"data_offsets":[0,32]}}'),
    "shape_overflow": st(q=header("F32", (2 ** 32, 2 ** 32), 0, 32)), "shape_big": st(q=header("F32", (2 ** 70,), 0, 32)),
    "shape_unlike": st(q=header("F32", (2, 3), 0, 32)), "shape_zero": st(q=header("F32", (0, 4), 0, 0), k=header("F32", (2, 4), 0, 32)),
    "offsets_one": raw('{"q":{"dtype":"F32","shape":[2,4],"data_offsets":[0]}}'),
    "offsets_three": raw('{"q":{"dtype":"F32","shape":[2,4],"data_offsets":[0,32,64]}}'),
    "offsets_text": raw('{"q":{"dtype":"F32","shape":[2,4],"data_offsets":["0",32]}}'),
    "offsets_minus": raw('{"q":{"dtype":"F32","shape":[2,4],"data_offsets":[-32,0]}}'),
    "offsets_half": raw('{"q":{"dtype":"F32","shape":[2,4],"data_offsets":[0.5,32.5]}}'),
    "offsets_turned": st(q=header("F32", (2, 4), 32, 0)), "offsets_beyond": st(q=header("F32", (2, 4), 32, 64)),
    "offsets_huge": st(q=header("F32", (2, 4), 2 ** 64, 2 ** 64 + 32)),
    "gap": st(q=header("F32", (1, 4), 0, 16), k=header("F32", (1, 3), 20, 32)), "gap_first": st(q=header("F32", (1, 4), 16, 32)),
    "overlap": st(q=header("F32", (2, 4), 0, 32), k=header("F32", (1, 4), 16, 32)), "unindexed": st(q=header("F32", (2, 2), 0, 16)),
    "metadata_number": raw('{"__metadata__":{"a":1},' + Q2 + "}"), "metadata_list": raw('{"__metadata__":[],' + Q2 + "}"),
    "metadata_nested": raw('{"__metadata__":{"a":{}},' + Q2 + "}"), "dtype_nul": raw('{"q\\u0000":' + Q2[4:] + "}"),
    "name_tab": raw('{"q\t":' + Q2[4:] + "}"), "lone_surrogate": raw('{"\\ud800":' + Q2[4:] + "}"),
    "deep": raw('{"q":' + "[" * 100 + "]" * 100 + "}"), "q_alone": raw("{" + Q2 + "}"),
    "k_columns": st(q=header("F32", (2, 2), 0, 16), k=header("F32", (1, 4), 16, 32)),
}
NAMES = '{"weight_map": {"q": "one.safetensors", "k": %s}}'
ONE = s.safetensors_of({"q": header("F32", (2, 4), 0, 32)}, F)
INDEX = {
    "above": NAMES % '"../k.safetensors"', "absolute": NAMES % '"/k.safetensors"', "missing": NAMES % '"k.safetensors"',
    "folder": NAMES % '"sub/k.safetensors"', "itself": NAMES % '"itself.safetensors.index.json"', "empty_name": NAMES % '""',
    "number": NAMES % "7", "list": '{"weight_map": ["one.safetensors"]}', "empty": '{"weight_map": {}}',
    "not_in_shard": NAMES % '"one.safetensors"', "text": '{"weight_map": "x"}', "cut": '{"weight_map": {"q": ',
    "shard_broken": NAMES % '"broken.safetensors"', "shard_pickle": NAMES % '"model.bin"', "twice": '{"weight_map": {"q": "one.safetensors", "q": "one.safetensors"}}',
    "dot": NAMES % '"."', "backslash": NAMES % '"..\\\\k.safetensors"',
}


def add(cases):
    for name, text in HEADERS.items():
        cases.put(f"npy/header_{name}.npy", s.npy_of(text, DATA))
    for name, text in TYPES.items():
        cases.put(f"npy/type_{name}.npy", dtype(text, 16))
    for name, text in SHAPES.items():
        cases.put(f"npy/shape_{name}.npy", shape(text))
    for name, data in NPY.items():
        cases.put(f"npy/{name}.npy", data)
    for name, data in NPZ.items():
        cases.put(f"npz/{name}.npz", data)
    for name, data in ST.items():
        cases.put(f"safetensors/{name}.safetensors", data)
    for name, text in INDEX.items():
        cases.put(f"index/{name}.safetensors.index.json", text,
                  beside=[("one.safetensors", ONE), ("broken.safetensors", ONE[:-5]), ("model.bin", b"\x80\x02}q\0.")])
