"""Queries, keys and values of a BERT (RoBERTa, ELECTRA …) of Hugging Face, for attnscope.

    with record(model) as heads: out = model(**inputs, output_attentions=True)
    save("bert", heads, tokenizer.convert_ids_to_tokens(inputs["input_ids"][0]), out.attentions)

makes bert.npz, the arrays, and bert.attn.json, which attnscope opens. `attentions` may be left out; given,
they stand beside what attnscope computes. Models must run with attn_implementation="eager" to give them.
"""
import contextlib
import json

import numpy as np


@contextlib.contextmanager
def record(model):
    """Keeps what the projections of each layer give: {layer: {"query": [n, d_model], …, "heads": h}}."""
    layers, hooks = {}, []
    for name, module in model.named_modules():
        if not name.endswith("attention.self"):
            continue
        layer = layers.setdefault(len(layers), {"heads": module.num_attention_heads})
        for part in ("query", "key", "value"):
            def keep(_module, _inputs, output, layer=layer, part=part):
                layer[part] = output[0].detach().float().cpu().numpy()  # the first of the batch
            hooks.append(getattr(module, part).register_forward_hook(keep))
    try:
        yield layers
    finally:
        for hook in hooks:
            hook.remove()


def by_head(layers, part):
    """[layers, heads, n, d]"""
    return np.stack([layer[part].reshape(len(layer[part]), layer["heads"], -1).swapaxes(0, 1)
                     for layer in layers.values()])


def save(name, layers, tokens, attentions=None):
    arrays = {"q": by_head(layers, "query"), "k": by_head(layers, "key"), "v": by_head(layers, "value")}
    if attentions is not None:
        arrays["recorded"] = np.stack([a[0].detach().float().cpu().numpy() for a in attentions])
    np.savez(f"{name}.npz", tokens=np.array(tokens), **arrays)
    document = {"attnscope": 1, "title": name, "tokens": list(tokens),
                "layers": [{part: {"file": f"{name.rsplit('/', 1)[-1]}.npz", "tensor": part, "index": [i]}
                            for part in arrays} for i in range(len(layers))]}
    with open(f"{name}.attn.json", "w", encoding="utf-8") as out:
        json.dump(document, out, ensure_ascii=False, indent=1)
