"""Queries, keys and values of a ViT (DeiT, DINO …) of Hugging Face with its picture, for attnscope.

    with record(model) as heads: out = model(**inputs, output_attentions=True)
    save("cat", heads, "cat.png", 14, 14, attentions=out.attentions)

makes cat.npz, the arrays, and cat.attn.json, which attnscope opens. The picture (PNG or JPEG, cut as the model
saw it) must lie beside them; None shows the patches without it. `special` names what comes before the patches.
Without record, save("cat", {}, "cat.png", 14, 14, attentions=out.attentions) shows the weights alone.
"""
import contextlib
import json

import numpy as np


@contextlib.contextmanager
def record(model):
    """Keeps what the projections of each layer give: {layer: {"query": [n, d_model], …, "heads": h}}."""
    layers, hooks = {}, []
    for name, module in model.named_modules():
        if not name.endswith("attention.attention"):
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


def save(name, layers, picture, rows, cols, special=("[CLS]",), attentions=None):
    arrays = {}
    if layers:
        arrays = {"q": by_head(layers, "query"), "k": by_head(layers, "key"), "v": by_head(layers, "value")}
    if attentions is not None:
        arrays["recorded" if layers else "weights"] = np.stack([a[0].detach().float().cpu().numpy() for a in attentions])
    np.savez(f"{name}.npz", **arrays)
    image = {"rows": rows, "cols": cols, "special": list(special), "axis": "both"}
    if picture:
        image["file"] = picture
    document = {"attnscope": 1, "title": name, "image": image,
                "layers": [{part: {"file": f"{name.rsplit('/', 1)[-1]}.npz", "tensor": part, "index": [i]}
                            for part in arrays} for i in range(len(next(iter(arrays.values()))))]}
    with open(f"{name}.attn.json", "w", encoding="utf-8") as out:
        json.dump(document, out, ensure_ascii=False, indent=1)
