#!/usr/bin/env python3
"""Pages and JSON as viewers of attention write them, tiny, and expected.txt: numbers that must come
out, by NumPy alone. Run in any folder: writes into foreign/ beside this script.

expected.txt: FILE SENTENCE MATRIX LAYER HEAD ROW COLUMN VALUE, four cells of each matrix."""
import base64
import json
import os

import numpy as np

HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "foreign")
RNG = np.random.default_rng(20260711)
EXPECTED = []


def softmax(s):
    e = np.exp(s - s.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def heads(layers, count, n_q, n_k, d=3, causal=False):
    """q, k and the softmax of their scaled product, float32 as a model would give them."""
    q = RNG.normal(size=(layers, count, n_q, d)).astype(np.float32)
    k = RNG.normal(size=(layers, count, n_k, d)).astype(np.float32)
    s = q.astype(np.float64) @ k.astype(np.float64).swapaxes(-1, -2) / np.sqrt(d)
    if causal:
        s = np.where(np.arange(n_k)[None, :] > np.arange(n_q)[:, None], -np.inf, s)
    return q, k, softmax(s).astype(np.float32)


def expect(name, sentence, **matrices):
    for part, m in matrices.items():
        for layer in range(m.shape[0]):
            for head in range(m.shape[1]):
                rows, cols = m.shape[2:]
                cells = [(0, 0), (rows - 1, cols - 1), (0, cols - 1),
                         (int(RNG.integers(rows)), int(RNG.integers(cols)))]
                for i, j in cells:
                    EXPECTED.append("%s %d %s %d %d %d %d %.9g" % (
                        name, sentence, part, layer, head, i, j, m[layer, head, i, j]))


def write(name, text):
    with open(os.path.join(HERE, name), "w", encoding="utf-8") as f:
        f.write(text)


def entry(name, attn, left, right, **more):
    return dict({"name": name, "attn": attn.tolist(), "left_text": left, "right_text": right},
                **more)


def bertviz_page(params, before=""):
    """The literal stands twice: the words that are replaced by it are in a comment as well."""
    literal = json.dumps(params)
    return ('<script src="https://example.org/require.min.js"></script>      \n'
            '        <div id="bertviz-0" style="font-family:Helvetica">\n'
            "            <span>Layer: <select id=\"layer\"></select></span>\n"
            "            <div id='vis'></div>\n        </div>\n"
            '    \n<script type="text/javascript">\n' + before +
            "requirejs(['jquery', 'd3'], function ($, d3) {\n"
            "    const params = " + literal + "; // " + literal + " is a marker\n"
            "    config.attention = params['attention'];\n"
            "    config.layers = params['include_layers']\n"
            "});\n</script>\n")


def bertviz_head():
    name, a, b = "bertviz_head.html", ["[CLS]", "un", "##seen", "[SEP]"], ["</script>", "[SEP]"]
    tokens, n = a + b, len(a)
    _, _, w = heads(2, 2, len(tokens), len(tokens))
    parts = [("All", w, tokens, tokens), ("Sentence A -> Sentence A", w[..., :n, :n], a, a),
             ("Sentence B -> Sentence B", w[..., n:, n:], b, b),
             ("Sentence A -> Sentence B", w[..., :n, n:], a, b),
             ("Sentence B -> Sentence A", w[..., n:, :n], b, a)]
    for i, part in enumerate(parts):
        expect(name, i, weights=part[1])
    write(name, bertviz_page({"attention": [entry(*p) for p in parts], "default_filter": "0",
                              "root_div_id": "bertviz-0", "layer": None, "heads": None,
                              "include_layers": [3, 7]}))


def bertviz_model():
    name = "bertviz_model.html"
    source, target = [" Das", " ist", "…"], [" This", " is", " so", "."]
    parts = [("Encoder", source, source), ("Decoder", target, target), ("Cross", target, source)]
    entries = []
    for i, (title, left, right) in enumerate(parts):
        _, _, w = heads(2, 2, len(left), len(right), causal=title == "Decoder")
        expect(name, i, weights=w)
        entries.append(entry(title, w, left, right))
    write(name, bertviz_page({"attention": entries, "default_filter": "0", "display_mode": "dark",
                              "root_div_id": "bertviz-0", "include_layers": [0, 1],
                              "include_heads": [1, 5], "total_heads": 8}))


def neuron_page(params):
    return ('<script src="https://example.org/require.min.js"></script>\n'
            '        <div id=bertviz-0 style="padding:8px">\n        </div>\n'
            '     \n<script type="text/javascript">\nwindow.bertviz_params = ' + json.dumps(params) +
            '\n</script>\n\n<script type="text/javascript">\n'
            "    const params = window.bertviz_params\n    config.attention = params['attention'];\n"
            "</script>\n")


def bertviz_neuron():
    name, a, b = "bertviz_neuron.html", ["[CLS]", "cat", "[SEP]"], ["mat", "[SEP]"]
    tokens, n = a + b, len(a)
    q, k, w = heads(2, 2, len(tokens), len(tokens), 4)
    first, second = slice(0, n), slice(n, None)
    attention = {}
    for i, (key, left, right) in enumerate([("all", slice(None), slice(None)),
                                            ("aa", first, first), ("bb", second, second),
                                            ("ab", first, second), ("ba", second, first)]):
        part = {"q": q[..., left, :], "k": k[..., right, :], "recorded": w[..., left, right]}
        expect(name, i, **part)
        attention[key] = {"attn": part["recorded"].tolist(), "left_text": tokens[left],
                          "right_text": tokens[right], "queries": part["q"].tolist(),
                          "keys": part["k"].tolist()}
    write(name, neuron_page({"attention": attention, "default_filter": "all",
                             "root_div_id": "bertviz-0", "bidirectional": True,
                             "display_mode": "dark", "layer": None, "head": None}))


def bertviz_neuron_causal():
    name, tokens = "bertviz_neuron_causal.html", ["The", " quick", " brown", " fox"]
    q, k, w = heads(1, 3, 4, 4, 5, causal=True)
    expect(name, 0, q=q, k=k, recorded=w)
    part = {"attn": w.tolist(), "left_text": tokens, "right_text": tokens, "queries": q.tolist(),
            "keys": k.tolist()}
    write(name, neuron_page({"attention": {"all": part}, "default_filter": "all",
                             "root_div_id": "bertviz-0", "bidirectional": False,
                             "display_mode": "light", "layer": 0, "head": 1}))


def widget(number, element, props):
    return ('<div id="circuits-vis-%d" style="margin: 15px 0;"/>\n'
            '    <script crossorigin type="module">\n'
            '    import { render, %s } from "https://example.org/circuitsvis/esm.js";\n'
            '    render(\n      "circuits-vis-%d",\n      %s,\n      %s\n    )\n    </script>\n' %
            (number, element, number, element, json.dumps(props)))


def circuitsvis():
    name = "circuitsvis.html"
    _, _, many = heads(1, 3, 4, 4, causal=True)
    _, _, one = heads(1, 1, 2, 2)
    expect(name, 0, weights=many)
    expect(name, 1, weights=one)
    write(name, widget(0, "ColoredTokens", {"tokens": ["a", "b"], "values": [1, 2]}) +
          widget(1, "AttentionHeads", {"attention": many[0].tolist(),
                                       "attentionHeadNames": ["L0H0", "L0H1", "L0H2"],
                                       "tokens": ["<|endoftext|>", "Hello", ",", " world"]}) +
          widget(2, "AttentionPattern", {"tokens": ["x", "y"], "attention": one[0, 0].tolist(),
                                         "minValue": 0, "showAxisLabels": True}))


def charts_page(data):
    """The library stands before it, in one line, and has the words in it too."""
    return ("<!DOCTYPE html>\n<html><head><title>Inspectus</title>\n"
            '<script type="text/javascript">!function(){e.render("a",b);window.chartsEmbed='
            'function(e,t,n){return t.params={},render(e,t,n)}}();</script>\n'
            "</head><body><div id=\"id_1\"></div><script>window.chartsEmbed('id_1'," +
            json.dumps(data) + ", {'attention_matrix': 'blue'}, 'auto')</script></body></html>\n")


def inspectus():
    name, queries, keys = "inspectus.html", ["▁la", "▁casa"], ["the", "house", "</s>"]
    _, _, w = heads(2, 2, 2, 3)
    expect(name, 0, weights=w)
    order = [(1, 1), (0, 0), (1, 0), (0, 1)]  # whatever order they come in
    maps = [{"values": base64.b64encode(w[l, h].astype("<f4").tobytes()).decode(),
             "info": {"layer": l, "head": h}, "shape": list(w[l, h].shape)} for l, h in order]
    write(name, charts_page({"attention": maps, "src_tokens": queries, "tgt_tokens": keys,
                             "chart_types": ["attention_matrix"],
                             "dimensions": [{"name": "head"}, {"name": "layer"}]}))


def inspectus_first():
    """Its first versions wrote the numbers themselves."""
    name, tokens = "inspectus_first.html", ["a", "b", "c"]
    _, _, w = heads(1, 2, 3, 3)
    expect(name, 0, weights=w)
    maps = [{"values": w[0, h].tolist(), "info": {"layer": 0, "head": h}} for h in range(2)]
    write(name, charts_page({"attention": maps, "src_tokens": tokens, "tgt_tokens": tokens}))


def translations():
    """Rows are steps of the target; Nematus has the end of sentence on both axes."""
    source, target = "das neue Haus".split(), "the new house now".split()
    lines = []
    for i in range(2):
        _, _, w = heads(1, 1, len(target) + 1, len(source) + 1)
        expect("nematus_lines.json", i, weights=w)
        lines.append(json.dumps({"id": i, "source_sent": " ".join(source),
                                 "target_sent": " ".join(target), "matrix": w[0, 0].tolist()}))
    write("nematus_lines.json", "\n".join(lines) + "\n")
    hypotheses, attention = [target, target[:2]], []
    for i, words in enumerate(hypotheses):
        _, _, w = heads(1, 1, len(words), len(source))
        expect("ctranslate2.json", i, weights=w)
        attention.append(w[0, 0].tolist())
    write("ctranslate2.json", json.dumps([{"hypotheses": hypotheses, "scores": [-0.5, -1.25],
                                           "attention": attention, "source": source}]))
    _, _, w = heads(1, 2, len(target), len(source))
    for beam in range(2):
        expect("seq2seq_vis.json", beam, weights=w[:, beam:beam + 1])
    write("seq2seq_vis.json", json.dumps({
        "attn": w[0].tolist(), "scores": [-1, -2],
        "encoder": [{"token": t, "state": [0.5, 1]} for t in source],
        "decoder": [[{"token": t} for t in target], [{"token": t} for t in target]]}))
    _, _, w = heads(2, 3, 4, 4)
    expect("five_levels.json", 0, weights=w)
    write("five_levels.json", json.dumps({"attentions": w[:, None].tolist(), "tokens": target}))


def main():
    os.makedirs(HERE, exist_ok=True)
    bertviz_head()
    bertviz_model()
    bertviz_neuron()
    bertviz_neuron_causal()
    circuitsvis()
    inspectus()
    inspectus_first()
    translations()
    write("expected.txt", "\n".join(EXPECTED) + "\n")


if __name__ == "__main__":
    main()
