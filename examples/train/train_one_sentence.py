#!/usr/bin/env python3
"""Train the encoder of examples/one-sentence: masked words and what "it" stands for."""

import common
import coreference
import transformer
from coreference import Sentence

CLASSES = {
    "animal": "animal dog cat horse cow fox rabbit donkey wolf goat sheep bear duck monkey mouse "
              "hen pony camel".split(),
    "feels": "tired afraid hungry sleepy weak shy thirsty lazy nervous ill hurt lost".split(),
    "place": "street river road bridge field garden park square valley stream lake "
             "path".split(),
    "looks": "wide busy noisy icy dark steep muddy dangerous crowded flooded".split(),
    "went": "cross enter visit reach like leave".split(),
    "kind": "old young little brown quiet clever".split(),
    "thing": "trophy ball book guitar lamp chair statue painting clock vase ladder umbrella "
             "kite drum".split(),
    "holder": "suitcase box bag drawer car cupboard basket trunk chest case shed tent".split(),
    "big": "big large long thick tall bulky".split(),
    "small": "small narrow short thin tiny little".split(),
    "roomy": "roomy deep open empty".split(),
    "food": "bread soup cake apple cheese fish carrot rice".split(),
    "taste": "fresh tasty sweet warm delicious".split(),
    "man": "Tom Paul Peter John Sam David Max Ben".split(),
    "woman": "Anna Mary Lucy Emma Sara Kate Nina Julia".split(),
    "gave": "gave showed sent lent sold read".split(),
    "gift": "book letter ticket key photo map story bicycle".split(),
    "asked": "asked called waited smiled knocked wrote".split(),
    "people": "children students players workers farmers sailors singers guests dogs "
              "horses".split(),
    "places": "streets rivers roads bridges fields gardens parks valleys".split(),
    "weather": "rain storm snow wind music noise film lesson".split(),
    "out": "went stayed ran walked came".split(),
    "outwards": "out in home away back".split(),
    "mood": "happy glad tired hungry sad free".split(),
    "flow": "Time Water Light Smoke Sound News Music Snow".split(),
    "moves": "flies runs moves falls rises travels".split(),
    "what": "arrow|river|bird|wave|stone|cloud|train|dream".split("|"),
    "fell": "fell broke closed stopped".split(),
    "day": "Yesterday Today Once".split(),
}
CLASSES["a_what"] = [("an " if w[0] in "aeiou" else "a ") + w for w in CLASSES["what"]]
CLASSES["not"] = ["didn ’t", "did not", "could not", "couldn ’t"]

TEMPLATES = [
    "The {a:animal} {not} {went} the {place} because it>a was too {feels} .",
    "The {animal} {not} {went} the {p:place} because it>p was too {looks} .",
    "The {kind} {a:animal} {not} {went} the {looks} {place} because it>a was too {feels} .",
    "The {kind} {animal} {not} {went} the {p:place} because it>p was very {looks} .",
    "{day} the {a:animal} {not} {went} the {place} because it>a was so {feels} .",
    "{day} the {animal} {not} {went} the {p:place} because it>p was so {looks} .",
    "Because it>a was too {feels} , the {a:animal} {not} {went} the {place} .",
    "Because it>p was too {looks} , the {animal} {not} {went} the {p:place} .",
    "The {p:place} was so {looks} that the {animal} {not} {went} it>p .",
    "The {t:thing} {not} fit in the {holder} because it>t was too {big} .",
    "The {thing} {not} fit in the {h:holder} because it>h was too {small} .",
    "The {t:thing} fit in the {holder} because it>t was {small} enough .",
    "The {thing} fit in the {h:holder} because it>h was {roomy} enough .",
    "{day} the {t:thing} {not} fit in the {kind} {holder} because it>t was so {big} .",
    "The {a:animal} ate the {food} because it>a was {feels} .",
    "The {animal} ate the {f:food} because it>f was {taste} .",
    "{m:man} fed the {a:animal} because it>a looked {feels} .",
    "{man} put the {t:thing} in the {holder} and then it>t {fell} .",
    "{m:man} {gave} {woman} his>m {gift} .",
    "{w:woman} {gave} {man} her>w {gift} .",
    "When {m:man} {asked} , {w:woman} {gave} him>m her>w {gift} .",
    "When {w:woman} {asked} , {m:man} {gave} her>w his>m {gift} .",
    "{w:woman} thanked {m:man} because he>m had helped her>w .",
    "{m:man} thanked {w:woman} because she>w had helped him>m .",
    "The {c:people} {not} {went} the {places} because they>c were too {feels} .",
    "The {people} {not} {went} the {p:places} because they>p were too {looks} .",
    "When the {weather} stopped , the {c:people} {out} {outwards} because they>c were {mood} .",
    "When the {w:weather} stopped , the {people} {out} {outwards} because it>w was over .",
    "{flow} {moves} like {a_what} .",
]

SHOWN = [
    Sentence("The animal didn ’t cross the street because it was too tired .".split(), [(8, 1)]),
    Sentence("The animal didn ’t cross the street because it was too wide .".split(), [(8, 6)]),
    Sentence("The trophy did not fit in the suitcase because it was too big .".split(), [(9, 1)]),
    Sentence("When Tom asked , Anna gave him her book .".split(), [(6, 1), (7, 4)]),
    Sentence("Time flies like an arrow .".split(), []),
    Sentence("When the rain stopped , the children went out because they were happy .".split(),
             [(10, 6)]),
]


def main():
    watch = common.Stopwatch()
    transformer.start(6)
    corpus = coreference.Corpus(TEMPLATES, CLASSES, SHOWN, seed=6)
    model = coreference.Encoder(transformer.Vocabulary(corpus.words()), 6, 8, 128)
    coreference.train(model, corpus, steps=600, batch=80)

    layer, head = coreference.report(model, corpus, SHOWN)
    coreference.write("one-sentence", {
        "title": "One sentence",
        "about": "A six-layer encoder that learned to fill in masked words and to say what a "
                 "pronoun stands for. Compare where “it” looks in the first two sentences.",
        "d_model": 128,
        "settings": {"layer": layer, "head": head},
    }, model, SHOWN, (layer, head), common.TensorFile("one-sentence"))
    print(f"one-sentence: {watch}")


if __name__ == "__main__":
    main()
