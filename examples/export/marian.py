"""Queries, keys and values of a MarianMT (BART, mBART, Pegasus …) of Hugging Face, for attnscope.

    with record(model) as heads: model(input_ids=source_ids, decoder_input_ids=target_ids)
    save("de-en", heads, source_tokens, target_tokens)

makes de-en.npz, the arrays, and de-en.encoder.attn.json, de-en.decoder.attn.json and de-en.cross.attn.json, which
attnscope opens. Run the whole translation once more as above: generate() decodes in steps and keeps keys between
them. target_tokens are those of decoder_input_ids, which begin with the start (or padding) token.
"""
import contextlib
import json

import numpy as np

KINDS = {"encoder": "encoder.layers.{}.self_attn", "decoder": "decoder.layers.{}.self_attn",
         "cross": "decoder.layers.{}.encoder_attn"}


@contextlib.contextmanager
def record(model):
    """Keeps what the projections give: {(kind, layer): {"q": [n, d_model], …, "heads": h}}."""
    layers, hooks = {}, []
    for name, module in model.named_modules():
        for kind, pattern in KINDS.items():
            head, tail = pattern.split("{}")
            number = name.rpartition(head)[2].removesuffix(tail)
            if not (name.endswith(tail) and head in name and number.isdigit()):
                continue
            layer = layers.setdefault((kind, int(number)), {"heads": module.num_heads})
            for part in "qkv":
                def keep(_module, _inputs, output, layer=layer, part=part):
                    layer[part] = output[0].detach().float().cpu().numpy()  # the first of the batch
                hooks.append(getattr(module, f"{part}_proj").register_forward_hook(keep))
    try:
        yield layers
    finally:
        for hook in hooks:
            hook.remove()


def save(name, layers, source_tokens, target_tokens):
    arrays = {}
    for (kind, number), layer in layers.items():
        for part in "qkv":
            n = len(layer[part])
            arrays[f"{kind}.{number}.{part}"] = layer[part].reshape(n, layer["heads"], -1).swapaxes(0, 1)
    np.savez(f"{name}.npz", **arrays)
    axes = {"encoder": {"tokens": list(source_tokens)}, "decoder": {"tokens": list(target_tokens)},
            "cross": {"queries": {"tokens": list(target_tokens)}, "keys": {"tokens": list(source_tokens)}}}
    for kind, tokens in axes.items():
        document = {"attnscope": 1, "title": f"{name}: {kind}", **tokens,
                    "layers": [{part: {"file": f"{name.rsplit('/', 1)[-1]}.npz", "tensor": f"{kind}.{i}.{part}"}
                                for part in "qkv"} for k, i in sorted(layers) if k == kind]}
        if kind == "decoder":
            document["settings"] = {"mask.causal": True}
        with open(f"{name}.{kind}.attn.json", "w", encoding="utf-8") as out:
            json.dump(document, out, ensure_ascii=False, indent=1)
