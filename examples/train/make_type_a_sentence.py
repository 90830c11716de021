#!/usr/bin/env python3
"""Make examples/type-a-sentence: a small vocabulary whose embedding and heads are built by hand.

Half of the 32 columns are left to the position: there a head can turn a sine by one place and so
find the previous word. The other half, where the sines of a short sentence are still near 0, says
what kind of word it is. Nothing is trained; every number below has a reason.
"""

import json
import math
import os

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "..", "type-a-sentence", "type-a-sentence.attn.json")
D_MODEL, PAIRS = 32, 5
# One even column each, behind the columns that tell the place: sin(p / 10000^(c / 32)) is small.
DETERMINER, ADJECTIVE, NOUN, VERB, PRONOUN, OTHER, NUMBER, PERSON = range(16, 32, 2)
ONE, MANY, LIVING, THING = 1, -1, 1, -1

SINGULAR_LIVING = ["cat", "dog", "child", "teacher", "bird"]
PLURAL_LIVING = ["cats", "dogs", "children", "teachers", "birds"]
SINGULAR_THINGS = ["key", "table", "cabinet", "street", "letter"]
PLURAL_THINGS = ["keys", "tables", "letters"]


def words():
    """Token, kind, number, person (0 = says nothing about it)."""
    yield "<unk>", None, 0, 0
    for token, number in (("the", 0), ("a", ONE), ("this", ONE), ("these", MANY)):
        yield token, DETERMINER, number, 0
    for token in ("old", "small", "red", "hungry", "tired"):
        yield token, ADJECTIVE, 0, 0
    for tokens, number, person in ((SINGULAR_LIVING, ONE, LIVING), (PLURAL_LIVING, MANY, LIVING),
                                   (SINGULAR_THINGS, ONE, THING), (PLURAL_THINGS, MANY, THING)):
        for token in tokens:
            yield token, NOUN, number, person
    for token, number in (("is", ONE), ("are", MANY), ("was", ONE), ("were", MANY), ("sees", ONE),
                          ("see", MANY), ("sleeps", ONE), ("sleep", MANY), ("crossed", 0)):
        yield token, VERB, number, 0
    for token, number, person in (("it", ONE, THING), ("she", ONE, LIVING), ("he", ONE, LIVING),
                                  ("they", MANY, 0)):
        yield token, PRONOUN, number, person
    for token in ("to", "on", "in", "of", "and", "because", "not", "too", ",", ".", "?"):
        yield token, OTHER, 0, 0


def zeros(rows):
    return [[0] * D_MODEL for _ in range(rows)]


def embedding():
    rows = []
    for _, kind, number, person in words():
        row = [0] * D_MODEL
        if kind is not None:
            row[kind] = 2
        row[NUMBER], row[PERSON] = number, person
        rows.append(row)
    return rows


def turned(by, gain):
    """Rows that read the first pairs of the position and turn each by so many places: q of place
    p + by looks like k of place p, whatever p is."""
    w = zeros(2 * PAIRS)
    for pair in range(PAIRS):
        s, c = 2 * pair, 2 * pair + 1
        angle = by / 10000 ** (s / D_MODEL)
        w[s][s], w[s][c] = gain * math.cos(angle), gain * math.sin(angle)
        w[c][c], w[c][s] = gain * math.cos(angle), -gain * math.sin(angle)
    return w


def reading(rows):
    """One row for each dict of column: factor."""
    w = zeros(len(rows))
    for i, row in enumerate(rows):
        for column, factor in row.items():
            w[i][column] = factor
    return w


def heads():
    kinds = (DETERMINER, ADJECTIVE, NOUN, VERB, PRONOUN, OTHER)
    same = reading([{kind: 1.8} for kind in kinds])
    near = turned(0, 1)[2:6]  # a little for what is near
    yield turned(-1, 4), turned(0, 4)
    yield same, same
    # A verb asks for a noun or a pronoun of its own number.
    yield (reading([{VERB: 4}, {NUMBER: 3, NOUN: 0}]) + near,
           reading([{NOUN: 1.8, PRONOUN: 1.2}, {NUMBER: 3}]) + near)
    # A pronoun asks for a noun that agrees in number and in being alive.
    yield (reading([{PRONOUN: 4}, {NUMBER: 3}, {PERSON: 3}]) + near,
           reading([{NOUN: 1.8}, {NUMBER: 3}, {PERSON: 3}]) + near)


def rounded(w):
    return [[round(x, 4) + 0.0 for x in row] for row in w]


def matrix(w, indent):
    pad = " " * indent
    rows = (",\n" + pad + " ").join(json.dumps(row).replace(".0,", ",").replace(".0]", "]")
                                    for row in rounded(w))
    return "[" + rows + "]"


def main():
    values = reading([{column: 1} for column in range(16, 32, 2)])
    parts = [f'{{"w_q": {matrix(q, 9)},\n         "w_k": {matrix(k, 9)},\n'
             f'         "w_v": {matrix(values, 9)}}}' for q, k in heads()]
    own = "the keys to the old cabinet are on the table .".split()
    about = ("Type a sentence of these words: head 0 looks at the word before, head 1 at words of the same "
             "kind, in head 2 a verb finds its subject, in head 3 a pronoun what it stands for.")
    text = (f'{{\n  "attnscope": 1,\n  "title": "Type a sentence",\n  "about": {json.dumps(about)},\n'
            f'  "d_model": {D_MODEL},\n  "tokens": {json.dumps(own)},\n'
            f'  "vocab": {{\n    "tokens": {json.dumps([w[0] for w in words()])},\n'
            f'    "position": "sinusoidal",\n    "embedding": {matrix(embedding(), 4)}\n  }},\n'
            '  "layers": [{"name": "built by hand", "heads": [\n        '
            + ",\n        ".join(parts) + "]}]\n}\n")
    json.loads(text)
    os.makedirs(os.path.dirname(OUT), exist_ok=True)
    with open(OUT, "w", encoding="utf-8") as file:
        file.write(text)


if __name__ == "__main__":
    main()
