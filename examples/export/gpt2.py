"""Queries, keys and values of a GPT-2 of Hugging Face, for attnscope.

    with record(model) as heads: out = model(**inputs, output_attentions=True)
    save("gpt2", heads, tokenizer.convert_ids_to_tokens(inputs["input_ids"][0]), out.attentions)

makes gpt2.npz, the arrays, and gpt2.attn.json, which attnscope opens with the causal mask set. `attentions`
may be left out; given, they stand beside what attnscope computes (attn_implementation="eager").
"""
import contextlib
import json

import numpy as np


@contextlib.contextmanager
def record(model):
    """Keeps what c_attn of each layer gives, [n, 3 d_model]: queries, keys and values side by side."""
    layers, hooks = {}, []
    for name, module in model.named_modules():
        if not hasattr(module, "c_attn"):
            continue
        layer = layers.setdefault(len(layers), {"heads": module.num_heads})

        def keep(_module, _inputs, output, layer=layer):
            layer["qkv"] = output[0].detach().float().cpu().numpy()  # the first of the batch
        hooks.append(module.c_attn.register_forward_hook(keep))
    try:
        yield layers
    finally:
        for hook in hooks:
            hook.remove()


def by_head(layers, part):
    """[layers, heads, n, d]; part 0 = queries, 1 = keys, 2 = values"""
    return np.stack([np.split(layer["qkv"], 3, axis=1)[part]
                     .reshape(len(layer["qkv"]), layer["heads"], -1).swapaxes(0, 1)
                     for layer in layers.values()])


def save(name, layers, tokens, attentions=None):
    arrays = {part: by_head(layers, i) for i, part in enumerate("qkv")}
    if attentions is not None:
        arrays["recorded"] = np.stack([a[0].detach().float().cpu().numpy() for a in attentions])
    np.savez(f"{name}.npz", tokens=np.array(tokens), **arrays)
    document = {"attnscope": 1, "title": name, "tokens": list(tokens),
                "layers": [{part: {"file": f"{name.rsplit('/', 1)[-1]}.npz", "tensor": part, "index": [i]}
                            for part in arrays} for i in range(len(layers))],
                "settings": {"mask.causal": True}}
    with open(f"{name}.attn.json", "w", encoding="utf-8") as out:
        json.dump(document, out, ensure_ascii=False, indent=1)
