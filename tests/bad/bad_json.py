"""Bad JSON: texts that are none, and documents that say what cannot be."""
import json

import samples as s

GOOD = s.text(s.document())
# The value of "title" in a document that is good otherwise.
VALUES = {
    "leading_zero": b"012", "leading_zero_minus": b"-01", "point_without_digits": b"1.",
    "exponent_without_digits": b"1e", "exponent_sign_only": b"1e+", "zero_point_exponent": b"0.e1",
    "minus_point": b"-.5", "point_first": b".5", "plus_first": b"+1", "minus_alone": b"-",
    "two_minus": b"--1", "hex": b"0x10", "two_points": b"1.2.3", "under_score": b"1_000",
    "overflow": b"1e999", "overflow_minus": b"-1e999", "nan": b"NaN", "infinity": b"Infinity",
    "minus_infinity": b"-Infinity", "nan_small": b"nan", "long_number": b"1" * 1100,
    "true_upper": b"True", "none": b"None", "nul_word": b"nul", "word": b"hello",
    "single_quotes": b"'a'", "raw_tab": b'"a\tb"', "raw_newline": b'"a\nb"', "raw_control": b'"a\x01b"',
    "raw_nul": b'"a\0b"', "escaped_nul": b'"a\\u0000b"', "escape_unknown": b'"\\x41"',
    "escape_short": b'"\\u12"', "escape_not_hex": b'"\\uqqqq"', "lone_high": b'"\\ud800"',
    "lone_low": b'"\\udc00"', "high_then_letter": b'"\\ud800x"', "two_high": b'"\\ud800\\ud800"',
    "utf8_stray": b'"\x80"', "utf8_cut": b'"\xe2\x82"', "utf8_overlong": b'"\xc0\xaf"',
    "utf8_surrogate": b'"\xed\xa0\x80"', "utf8_beyond": b'"\xf4\x90\x80\x80"', "latin1": b'"caf\xe9"',
    "comment": b"/* x */ 1", "line_comment": b"// x\n1", "form_feed": b"\x0c1", "no_break_space": b"\xc2\xa01",
    "array_comma_end": b"[1,]", "array_comma_first": b"[,1]", "array_two_commas": b"[1,,2]",
    "array_colon": b"[1:2]", "array_brace": b"[1}", "array_no_comma": b"[1 2]", "array_open": b"[1,2",
    "object_comma_end": b'{"a":1,}', "object_no_colon": b'{"a" 1}', "object_no_value": b'{"a":}',
    "object_bare_key": b"{a:1}", "object_number_key": b"{1:1}", "object_bracket": b'{"a":1]',
    "object_semicolon": b'{"a":1;"b":2}', "object_open": b'{"a":1', "deep": b"[" * 65 + b"]" * 65,
    "very_deep": b"[" * 100000, "deep_objects": b'{"a":' * 70,
}
# Whole texts; each stands for itself.
TEXTS = {
    "bracket": b"[", "brace": b'{"attnscope"', "cut_in_text": GOOD[:30], "cut_in_matrix": GOOD[:-9],
    "cut_behind_key": b'{"attnscope":', "cut_in_escape": b'{"attnscope":"\\u00', "cut_in_word": b'{"attnscope":tru',
    "two_values": GOOD + b"{}", "text_behind": GOOD + b"x", "bracket_behind": GOOD + b"]",
    "nul_behind": GOOD + b"\0", "nul_between": GOOD.replace(b": 1,", b":\0 1,"),
    "two_marks": b"\xef\xbb\xbf\xef\xbb\xbf" + GOOD, "half_mark": b"\xef\xbb" + GOOD,
    "utf16_little": GOOD.decode().encode("utf-16-le"), "utf16_big": GOOD.decode().encode("utf-16-be"),
    "utf16_mark": GOOD.decode().encode("utf-16"), "utf32": GOOD.decode().encode("utf-32-le"),
    "only_braces": b"{}", "array_of_nothing": b"[]", "blanks_and_brace": b"   \n\t {",
    "no_version": b'{"tokens":["a"],"layers":[]}', "unknown_object": b'{"colour":"red"}',
    "list_of_numbers": b"[1,2,3]", "list_of_texts": b'["a","b"]', "list_of_empty": b"[{},{}]",
    "ours_in_a_list": b"[" + GOOD + b"]",
    "lines_second_bad": GOOD + b"\n{\"attnscope\":1,}", "line_break_in_key": b'{"attn\nscope":1}',
}


def head(**parts):
    return [{"heads": [parts]}]


def changed(**more):
    doc = s.document()
    for key, value in more.items():
        if value is None:
            del doc[key]
        else:
            doc[key] = value
    return doc


def block(base64, shape=(1, 2), dtype="f32"):
    return changed(layers=head(weights={"dtype": dtype, "shape": list(shape), "base64": base64}))


M = [[1, 0], [0.5, 0.5]]
DOCUMENTS = {
    "version_text": changed(attnscope="1"), "version_zero": changed(attnscope=0),
    "version_minus": changed(attnscope=-1), "version_half": changed(attnscope=1.5),
    "version_null": {"attnscope": None, "tokens": ["a"], "layers": head(weights=[[1]])},
    "no_layers": changed(layers=None), "layers_empty": changed(layers=[]), "layers_text": changed(layers="x"),
    "layers_object": changed(layers={}), "layer_number": changed(layers=[1]), "layer_empty": changed(layers=[{}]),
    "heads_empty": changed(layers=[{"heads": []}]), "heads_number": changed(layers=[{"heads": 3}]),
    "head_text": changed(layers=[{"heads": ["x"]}]), "head_empty": changed(layers=head()),
    "head_only_v": changed(layers=head(v=M)), "head_only_q": changed(layers=head(q=M)),
    "head_only_k": changed(layers=head(k=M)), "weights_text": changed(layers=head(weights="x")),
    "weights_number": changed(layers=head(weights=1)), "weights_flat": changed(layers=head(weights=[1, 2])),
    "weights_cube": changed(layers=head(weights=[M, M])), "weights_empty": changed(layers=head(weights=[])),
    "weights_empty_rows": changed(layers=head(weights=[[], []])),
    "weights_ragged": changed(layers=head(weights=[[1, 0], [1]])),
    "weights_rows": changed(layers=head(weights=[[1, 0]])),
    "weights_columns": changed(layers=head(weights=[[1], [1]])),
    "weights_null": changed(layers=head(weights=[[1, None], [1, 0]])),
    "weights_word": changed(layers=head(weights=[[1, "x"], [1, 0]])),
    "weights_bool": changed(layers=head(weights=[[True, False], [1, 0]])),
    "weights_object": changed(layers=head(weights=[[1, {}], [1, 0]])),
    "q_rows": changed(layers=head(q=[[1, 2]], k=M)), "k_rows": changed(layers=head(q=M, k=[[1, 2]])),
    "q_k_columns": changed(layers=head(q=M, k=[[1], [2]])), "v_rows": changed(layers=head(q=M, k=M, v=[[1]])),
    "q_ragged": changed(layers=head(q=[[1, 2], [3]], k=M)),
    "no_tokens": changed(tokens=None), "tokens_empty": changed(tokens=[]), "tokens_text": changed(tokens="ab"),
    "tokens_number": changed(tokens=["a", 2]), "tokens_null": changed(tokens=["a", None]),
    "tokens_nested": changed(tokens=[["a", "b"]]), "tokens_more": changed(tokens=["a", "b", "c"]),
    "tokens_fewer": changed(tokens=["a"]), "tokens_and_queries": changed(queries={"tokens": ["a", "b"]}),
    "queries_only": changed(tokens=None, queries={"tokens": ["a", "b"]}),
    "keys_only": changed(tokens=None, keys={"tokens": ["a", "b"]}),
    "queries_list": changed(tokens=None, queries=["a", "b"], keys=["a", "b"]),
    "title_number": changed(title=3), "d_model_text": changed(d_model="x"), "d_model_minus": changed(d_model=-4),
    "settings_list": changed(settings=[]), "settings_text": changed(settings="x"),
    "alignment_list": changed(alignment=[]), "alignment_far": changed(alignment={"sure": [[0, 9]]}),
    "alignment_minus": changed(alignment={"sure": [[-1, 0]]}), "alignment_three": changed(alignment={"sure": [[0, 1, 2]]}),
    "alignment_half": changed(alignment={"sure": [[0.5, 0]]}), "alignment_text": changed(alignment={"sure": "0-0"}),
    "mask_size": changed(mask=[[1, 0]]), "mask_text": changed(mask="x"), "mask_numbers": changed(mask=[[2, 0], [0, 1]]),
    "image_text": changed(image="x.png"), "image_no_grid": changed(image={"file": "x.png"}),
    "image_rows_zero": changed(image={"rows": 0, "cols": 2}), "image_rows_text": changed(image={"rows": "2", "cols": 2}),
    "image_grid_many": changed(image={"rows": 5000, "cols": 2}),
    "image_grid_unlike": changed(image={"rows": 3, "cols": 3}, tokens=None),
    "image_missing": changed(image={"rows": 1, "cols": 2, "file": "nowhere.png"}, tokens=None),
    "image_axis": changed(image={"rows": 1, "cols": 2, "axis": "sideways"}, tokens=None),
    "block_no_shape": changed(layers=head(weights={"dtype": "f32", "base64": "AAAAAA=="})),
    "block_no_type": changed(layers=head(weights={"shape": [1, 1], "base64": "AAAAAA=="})),
    "block_type": block("AAAAAA==", dtype="f8"), "block_short": block("AAAAAA=="),
    "block_long": block("A" * 32), "block_letter": block("AAAA!AAAAAA="), "block_padding": block("AAAAAAAAAAA"),
    "block_empty": block(""), "block_shape_text": block("AAAAAAAAAAA=", ("1", 2)),
    "block_shape_minus": block("AAAAAAAAAAA=", (-1, 2)), "block_shape_half": block("AAAAAAAAAAA=", (0.5, 2)),
    "block_shape_huge": block("AAAAAAAAAAA=", (2 ** 31, 2 ** 31)), "block_shape_nine": block("AAAAAAAAAAA=", (1,) * 9),
    "block_number": changed(layers=head(weights={"dtype": "f32", "shape": [1, 2], "base64": 5})),
    "file_missing": changed(layers=head(weights={"file": "nowhere.npy"})),
    "file_above": changed(layers=head(weights={"file": "../secret.npy"})),
    "file_absolute": changed(layers=head(weights={"file": "/etc/passwd"})),
    "file_empty_name": changed(layers=head(weights={"file": ""})),
    "file_number": changed(layers=head(weights={"file": 7})),
    "file_kind": changed(layers=head(weights={"file": "words.txt"})),
    "file_no_tensor": changed(layers=head(weights={"file": "two.safetensors"})),
    "file_other_tensor": changed(layers=head(weights={"file": "two.safetensors", "tensor": "z"})),
    "file_index_text": changed(layers=head(weights={"file": "two.npy", "index": "x"})),
    "file_index_far": changed(layers=head(weights={"file": "stack.npy", "index": [9]})),
    "file_dims": changed(layers=head(weights={"file": "stack.npy"})),
    "file_size": changed(layers=head(weights={"file": "wide.npy"})),
    "file_broken": changed(layers=head(weights={"file": "broken.npy"})),
    "vocab_text": changed(vocab="x"), "vocab_no_embedding": changed(vocab={"tokens": ["a", "b"]}),
    "vocab_rows": changed(vocab={"tokens": ["a", "b"], "embedding": [[1, 2]]}),
    "vocab_twice": changed(vocab={"tokens": ["a", "a"], "embedding": M}),
    "padding_size": changed(tokens=None, queries={"tokens": ["a", "b"]}, keys={"tokens": ["a", "b"], "padding": [0]}),
    "padding_numbers": changed(tokens=None, queries={"tokens": ["a", "b"]},
                               keys={"tokens": ["a", "b"], "padding": [0, 7]}),
}
DUPLICATES = {
    "twice_version": b'{"attnscope":1,"attnscope":1,"tokens":["a"],"layers":[{"heads":[{"weights":[[1]]}]}]}',
    "twice_tokens": b'{"attnscope":1,"tokens":["a"],"layers":[{"heads":[{"weights":[[1]]}]}],"tokens":["b"]}',
    "twice_weights": b'{"attnscope":1,"tokens":["a"],"layers":[{"heads":[{"weights":[[1]],"weights":[[0]]}]}]}',
    "twice_escaped": b'{"attnscope":1,"title":"a","t\\u0069tle":"b","tokens":["a"],"layers":[]}',
}
BESIDE = [("two.npy", s.npy((2, 2))), ("stack.npy", s.npy((2, 2, 2))), ("wide.npy", s.npy((2, 5))),
          ("broken.npy", s.npy((2, 2))[:-3]), ("words.txt", b"a b\n"),
          ("two.safetensors", s.safetensors())]


def add(cases):
    for name, value in VALUES.items():
        cases.put(f"json/{name}.attn.json", GOOD[:-1] + b', "extra": ' + value + b"}")
    for name, value in TEXTS.items():
        cases.put(f"json/{name}.json", value)
    for name, value in DUPLICATES.items():
        cases.put(f"json/{name}.attn.json", value)
    for name, value in DOCUMENTS.items():
        cases.put(f"document/{name}.attn.json", s.text(value), beside=BESIDE)
    keys = {f"k{i}": i for i in range(5000)}
    cases.put("json/many_keys.attn.json", s.text(dict(s.document(), **keys)))
    cases.put("json/many_values.attn.json", GOOD[:-1] + b', "extra": [' + b"{}," * 8100000 + b"{}]}")
    cases.put("json/a_million_brackets.json", b"[" * 1000000)
    cases.put("json/lines.jsonl", GOOD + b"\n" + json.dumps({"attnscope": 1}).encode() + b"\n")
