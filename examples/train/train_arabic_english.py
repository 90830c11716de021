#!/usr/bin/env python3
"""Train the translator of examples/arabic-english: English phrases, said in Arabic.

In Arabic the adjective stands behind its noun and repeats its article, the verb stands before its
subject, and "is" is not said.
"""

import random

import common
import seq2seq
import transformer
from seq2seq import Phrase

MASCULINE = {"book": "كتاب", "house": "بيت", "pen": "قلم", "door": "باب", "boy": "ولد",
             "man": "رجل", "chair": "كرسي", "key": "مفتاح", "street": "شارع", "dog": "كلب",
             "boat": "قارب", "mountain": "جبل", "sea": "بحر", "road": "طريق", "box": "صندوق"}
FEMININE = {"school": "مدرسة", "car": "سيارة", "girl": "بنت", "city": "مدينة",
            "letter": "رسالة", "table": "طاولة", "tree": "شجرة", "window": "نافذة",
            "room": "غرفة", "picture": "صورة", "garden": "حديقة", "cat": "قطة",
            "flower": "زهرة", "clock": "ساعة"}
NOUNS = {**MASCULINE, **FEMININE}
ADJECTIVES = {  # masculine and feminine
    "new": ("جديد", "جديدة"), "old": ("قديم", "قديمة"), "big": ("كبير", "كبيرة"),
    "small": ("صغير", "صغيرة"), "beautiful": ("جميل", "جميلة"), "long": ("طويل", "طويلة"),
    "white": ("أبيض", "بيضاء"), "black": ("أسود", "سوداء"), "red": ("أحمر", "حمراء"),
    "green": ("أخضر", "خضراء"), "blue": ("أزرق", "زرقاء"), "clean": ("نظيف", "نظيفة"),
    "far": ("بعيد", "بعيدة"), "open": ("مفتوح", "مفتوحة")}
PEOPLE = ["boy", "man", "girl", "dog", "cat"]
VERBS = {  # English base and third person; Arabic masculine and feminine
    "open": ("opens", "يفتح", "تفتح"), "see": ("sees", "يرى", "ترى"),
    "want": ("wants", "يريد", "تريد"), "draw": ("draws", "يرسم", "ترسم"),
    "love": ("loves", "يحب", "تحب"), "know": ("knows", "يعرف", "تعرف"),
    "clean": ("cleans", "ينظف", "تنظف")}
PREPOSITIONS = {"in": "في", "on": "على", "under": "تحت", "behind": "خلف", "near": "قرب"}


def gendered(forms, noun):
    """The masculine or the feminine form, as the noun asks."""
    return forms[noun in FEMININE]


def described(article, adjective, noun):
    """An English noun phrase and its Arabic; `article` is "a", "the" or "this"."""
    definite = "" if article == "a" else "ال"
    first = adjective or noun
    shown = "an" if article == "a" and first[0] in "aeiou" else article
    phrase = Phrase()
    if article == "this":
        phrase.say("this", gendered(("هذا", "هذه"), noun), sure=[(0, 0)])
        said = []
    else:
        said = [shown]
    at = len(said)
    target = [definite + NOUNS[noun]]
    sure, possible = [(at, 0)], [(0, 0)] if at else []
    if adjective:
        target.append(definite + gendered(ADJECTIVES[adjective], noun))
        said.append(adjective)
        sure = [(at, 1), (at + 1, 0)]
        if definite and at:
            possible.append((0, 1))
    return phrase.say(" ".join(said + [noun]), " ".join(target), sure, possible)


def this_is(adjective, noun):
    """this is a new book: هذا كتاب جديد"""
    this = gendered(("هذا", "هذه"), noun)
    phrase = Phrase().say("this is", this, sure=[(0, 0)], possible=[(1, 0)])
    return phrase.join(described("a", adjective, noun))


def is_adjective(article, before, noun, adjective):
    """the (new) book is old: الكتاب (الجديد) قديم"""
    phrase = described(article, before, noun)
    return phrase.say(f"is {adjective}", gendered(ADJECTIVES[adjective], noun),
                      sure=[(1, 0)], possible=[(0, 0)])


def is_somewhere(adjective, noun, preposition, place):
    """the new book is on the table: الكتاب الجديد على الطاولة"""
    phrase = described("the", adjective, noun)
    phrase.say(f"is {preposition}", PREPOSITIONS[preposition], sure=[(1, 0)], possible=[(0, 0)])
    return phrase.join(described("the", None, place))


def have(adjective, noun):
    """I have a new book: عندي كتاب جديد"""
    return Phrase().say("I have", "عندي", sure=[(0, 0), (1, 0)]).join(
        described("a", adjective, noun))


def there_is(adjective, noun, preposition, place):
    """there is a new book on the table: هناك كتاب جديد على الطاولة"""
    phrase = Phrase().say("there is", "هناك", sure=[(0, 0)], possible=[(1, 0)])
    phrase.join(described("a", adjective, noun))
    phrase.say(preposition, PREPOSITIONS[preposition], sure=[(0, 0)])
    return phrase.join(described("the", None, place))


def owned(noun, owner, adjective):
    """the book of the boy is new: كتاب الولد جديد"""
    return Phrase().say(
        f"the {noun} of the {owner} is {adjective}",
        f"{NOUNS[noun]} ال{NOUNS[owner]} {gendered(ADJECTIVES[adjective], noun)}",
        sure=[(1, 0), (4, 1), (6, 2)], possible=[(0, 0), (2, 1), (3, 1), (5, 2)])


def does(subject, verb, negated, adjective, thing):
    """the man (does not) open(s) the new door: (لا) يفتح الرجل الباب الجديد"""
    third, *forms = VERBS[verb]
    said = gendered(forms, subject)
    man = "ال" + NOUNS[subject]
    if negated:
        phrase = Phrase().say(f"the {subject} does not {verb}", f"لا {said} {man}",
                              sure=[(1, 2), (3, 0), (4, 1)], possible=[(0, 2), (2, 0), (2, 1)])
    else:
        phrase = Phrase().say(f"the {subject} {third}", f"{said} {man}",
                              sure=[(1, 1), (2, 0)], possible=[(0, 1)])
    return phrase.join(described("the", adjective, thing))


def random_phrase(chance):
    """A random phrase of the grammar, as a pair."""
    adjective, second = chance.sample(list(ADJECTIVES), 2)
    noun, place = chance.sample(list(NOUNS), 2)
    perhaps = adjective if chance.random() < 0.7 else None
    preposition = chance.choice(list(PREPOSITIONS))
    kind = chance.randrange(7)
    if kind == 0:
        return this_is(perhaps, noun).pair()
    if kind == 1:
        return is_adjective(chance.choice(["the", "this"]), perhaps, noun, second).pair()
    if kind == 2:
        return is_somewhere(perhaps, noun, preposition, place).pair()
    if kind == 3:
        return have(perhaps, noun).pair()
    if kind == 4:
        return there_is(perhaps, noun, preposition, place).pair()
    if kind == 5:
        return owned(noun, chance.choice(PEOPLE), adjective).pair()
    return does(chance.choice(PEOPLE), chance.choice(list(VERBS)), chance.random() < 0.5,
                perhaps, noun).pair()


SHOWN = [phrase.pair() for phrase in (
    this_is("new", "book"),
    this_is("beautiful", "city"),
    is_adjective("this", "old", "house", "clean"),
    is_somewhere("white", "cat", "under", "table"),
    owned("boat", "girl", "red"),
    does("man", "open", True, "big", "door"),
)]


def main():
    watch = common.Stopwatch()
    transformer.start(2)
    corpus = seq2seq.Corpus(random_phrase, SHOWN, random.Random(2))
    seen = [random_phrase(corpus.chance) for _ in range(10000)]
    model = seq2seq.Translator({w for p in seen for w in p.source},
                               {w for p in seen for w in p.target},
                               layers=2, heads=4, d_model=64)
    print(f"{len(model.source)} English and {len(model.target)} Arabic words")
    seq2seq.train(model, corpus, steps=600, batch=64)
    layer, head = seq2seq.report(model, corpus.draw(500, held_out=True), SHOWN)
    seq2seq.write("arabic-english", {
        "title": "العربية and English",
        "about": "Cross-attention between a script that runs from the right and one that runs from "
                 "the left: the adjective follows its noun in Arabic, so that the links cross.",
        "d_model": 64,
        "settings": {"view": "lines", "lines.layout": "horizontal", "layer": layer, "head": head},
    }, model, SHOWN, ("en", "ar"), common.InlineBase64())
    print(f"arabic-english: {watch}")


if __name__ == "__main__":
    main()
