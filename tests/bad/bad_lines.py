"""Bad dumps of translation programs and word links. Each file is bad in all of its sentences."""
import samples as s

NEMATUS = {
    "rows_more": "0 ||| a ||| 0 ||| x y ||| 3 2\n0.5 0.25 0.25\n0.5 0.25 0.25\n0.5 0.25 0.25\n0.5 0.25 0.25\n",
    "columns": "0 ||| a b ||| 0 ||| x y ||| 3 3\n0.5 0.25 0.25\n0.5 0.5\n0 0 1\n",
    "no_rows": "0 ||| a b ||| 0 ||| x y ||| 3 3\n", "no_rows_blank": "0 ||| a b ||| 0 ||| x y ||| 3 3\n\n",
    "word": "0 ||| a ||| 0 ||| x ||| 2 2\n0.5 half\n0.5 0.5\n", "comma": "0 ||| a ||| 0 ||| x ||| 2 2\n0,5 0,5\n0,5 0,5\n",
    "two_points": "0 ||| a ||| 0 ||| x ||| 2 2\n0.5.1 0.5\n0.5 0.5\n", "hex": "0 ||| a ||| 0 ||| x ||| 2 2\n0x1 0\n0.5 0.5\n",
    "overflow": "0 ||| a ||| 0 ||| x ||| 2 2\n1e999 0\n0.5 0.5\n", "parts": "0 ||| a b ||| x y\n0.5 0.5\n0.5 0.5\n",
    "no_source": "0 ||| a ||| 0 |||  ||| 2 2\n0.5 0.5\n0.5 0.5\n",
    "nul": "0 ||| a\0b ||| 0 ||| x ||| 2 2\n0.5 0.5\n0.5 0.5\n",
    "cut_number": "0 ||| a ||| 0 ||| x ||| 2 2\n0.5 0.5\n0.5",
    "columns_huge": "0 ||| a ||| 0 ||| x ||| 2 2\n" + "1 " * 500 + "\n0 0\n",
}
OTHERS = {
    "opennmt_rows": ("0 ||| a b c ||| 0 ||| x y z ||| 0 0\n0.5 0.25 0.25\n\n", "opennmt"),
    "opennmt_columns": ("0 ||| a b ||| 0 ||| x y z ||| 0 0\n0.5 0.5\n0.25 0.5 0.25\n\n", "opennmt"),
    "opennmt_fields": ("x y z ||| a b ||| -0.5 ||| 3 2\n0.5 0.25 0.25\n\n", "opennmt"),
    "opennmt_word": ("0 ||| a b ||| 0 ||| x y z ||| 0 0\n0.5 0.25 x\n0 0 1\n", "opennmt"),
    "sockeye_columns": ("0 ||| a b ||| -0.5 ||| x y z ||| 3 ||| 2\n0.5\n0.25 0.5\n\n", "sockeye"),
    "sockeye_rows": ("0 ||| a b ||| -0.5 ||| x y z ||| 3 ||| 2\n0.5 0.25\n\n", "sockeye"),
    "sockeye_no_rows": ("0 ||| a b ||| -0.5 ||| x y z ||| 3 ||| 2\n", "sockeye"),
    "sockeye_fields": ("0 ||| a b ||| -0.5 ||| x y z ||| 3 2\n0.5 0.25\n", "sockeye"),
    "marian_ragged": ("a ||| 0.5,0.5 0.5,0.25,0.25\n", "marian"), "marian_word": ("a ||| 0.5,x 0.5,0.5\n", "marian"),
    "marian_empty": ("a ||| \n", "marian"), "marian_rows": ("a b c d ||| 0.5,0.5 0.5,0.5\n", "marian"),
    "marian_no_bars": ("a b c\n", "marian"), "nbest_fields": ("0 ||| a\n", "marian-nbest"),
    "nbest_id": ("x ||| a ||| 0.5,0.5 0.5,0.5 ||| F0= -1 ||| -1\n", "marian-nbest"),
    "fairseq_no_weights": ("S-1\tx y\nH-1\t-0.3\ta b\n", "fairseq"), 
    "fairseq_columns": ("S-1\tx y\nH-1\t-0.3\ta b\nA-1\t0.5,0.5 0.5,0.5,0 1,0\n", "fairseq"),
    "fairseq_word": ("S-1\tx y\nH-1\t-0.3\ta\nA-1\t0.5,z,0 0.5,0.5,0\n", "fairseq"),
    "fairseq_rows": ("S-1\tx y\nH-1\t-0.3\ta b c d e\nA-1\t0.5,0.5,0 0.5,0.5,0\n", "fairseq"),
    "table_no_rows": ("SENT 1: ['das', 'Haus']\nPRED 1: the house\n", "opennmt-py"),
    "table_columns": ("SENT 1: ['das', 'Haus']\nPRED 1: the\n      das  Haus \n  the *0.8 0.1 0.1\n\n", "opennmt-py"),
    "table_word": ("SENT 1: ['das', 'Haus']\nPRED 1: the\n      das  Haus \n  the *0.8 zero\n\n", "opennmt-py"),
    "csv_ragged": ("0.5,0.5\n0.5,0.25,0.25\n", "csv"), "csv_word": ("0.5,0.5\n0.5,x\n", "csv"),
    "csv_quote": ('"a,0.5,0.5\\nb,0.5,0.5\\n', "csv"), "csv_quote_row": (',x,y\\n"a,0.5,0.5\\n', "csv"), "csv_header_only": ("a,b,c\n", "csv"),
    "csv_empty_cell": (",x,y\na,0.5,\nb,0.5,0.5\n", "csv"), "csv_header_longer": (",x,y,z\na,0.5,0.5\nb,0.5,0.5\n", "csv"),
}
LINKS = {
    "pharaoh_beyond": ("0-0 7-1\n", "pharaoh"), "pharaoh_target": ("0-0 1-7\n", "pharaoh"),
    "pharaoh_minus": ("0-0 -1-1\n", "pharaoh"), "pharaoh_letter": ("0-0 x-1\n", "pharaoh"), "pharaoh_half": ("0-0 1-\n", "pharaoh"),
    "pharaoh_one_beyond": ("1-1 3-3\n", "pharaoh-1"), "pharaoh_zero": ("0-1 1-1\n", "pharaoh-1"),
    "pharaoh_big": ("0-0 99999999999999999999-1\n", "pharaoh"), "pharaoh_weight": ("0-0-x 1-1\n", "pharaoh"),
    "pharaoh_star": ("0*0 1*1\n", "pharaoh"), "pharaoh_nul": ("0-0\0 1-1\n", "pharaoh"), "pharaoh_latin": ("0-0 \xe9\n".encode("latin-1"), "pharaoh"),
    "naacl_fields": ("1 1\n", "naacl"), "naacl_letter": ("1 1 x S\n", "naacl"), 
    "naacl_beyond": ("1 9 1 S\n", "naacl"), "naacl_sentence_zero": ("0 1 1 S\n", "naacl"),
}
GIZA = {
    "giza_no_null": "a b\ncasa ({ 1 }) roja ({ 2 })\n", "giza_beyond": "a b\nNULL ({ }) casa ({ 5 }) roja ({ })\n",
    "giza_open": "a b\nNULL ({ }) casa ({ 1\n", "giza_letter": "a b\nNULL ({ }) casa ({ x }) roja ({ })\n",
    "giza_no_links": "a b\n", "giza_only_head": "", "giza_zero": "a b\nNULL ({ }) casa ({ 0 }) roja ({ })\n",
    "giza_bare_word": "a b\nNULL ({ }) casa roja ({ 1 })\n",
}
HEAD = "# Sentence pair (1) source length 2 target length 2 alignment score : 1\n"


def add(cases):
    words = [("words.x", "x y\n"), ("words.a", "a b\n"), ("three.x", "x\ny\nz\n")]

    def beside(name):
        return ["--source", f"{name}/words.x", "--target", f"{name}/words.a"]

    for name, text in NEMATUS.items():
        cases.put(f"dump/nematus_{name}.txt", text)
    for name, (text, dialect) in OTHERS.items():
        cases.put(f"dump/{name}.txt", text, ["--format", dialect])
    for name, (text, dialect) in LINKS.items():
        cases.put(f"links/{name}.txt", text, ["--format", dialect] + beside("links"), words)
    for name, text in GIZA.items():
        cases.put(f"links/{name}.A3", HEAD + text)
    cases.put("links/pairs_beyond.txt", "x y ||| a b ||| 0-0 5-1\n")
    cases.put("links/pairs_letter.txt", "x y ||| a b ||| 0-0 x-1\n", ["--format", "pairs"])
    cases.put("dump/marian_source_lines.txt", "a ||| 0.5,0.5 0.5,0.5\n", ["--source", "dump/three.x"], words)
    cases.put("dump/marian_source_words.txt", "a ||| 0.5,0.5 0.5,0.5\n", ["--source", "dump/words.a"], [("words.a", "a b c d\n")])
    cases.put("dump/gold_beyond.txt", s.DUMPS["marian"].split("\x1e")[0], ["--gold", "dump/nowhere.gold"])
    cases.put("dump/format_unknown.txt", "0-0\n", ["--format", "klingon"])
    cases.put("dump/format_of_another.txt", "0-0 1-1\n", ["--format", "nematus"])
    cases.put("dump/long_line.txt", "0 ||| a ||| 0 ||| x ||| 2 2\n" + "0.5 " * (5 << 20) + "\n")
    cases.put("dump/blank_lines.txt", "\n" * 1000000)
    cases.put("dump/latin1.txt", "0 ||| caf\xe9 ||| 0 ||| x ||| 2 2\n0.5 0.5\n0.5 0.5\n".encode("latin-1"))
    cases.put("dump/utf16.txt", s.DUMPS["nematus"].encode("utf-16"))
    cases.put("dump/cr_only_bad.txt", "0 ||| a ||| 0 ||| x ||| 2 2\r0.5 0.5 0.1\r0.5 0.5\r")
