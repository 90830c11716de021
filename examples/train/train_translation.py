#!/usr/bin/env python3
"""Train the translator of examples/translation: an English to French phrase grammar.

The grammar knows the agreement of gender and number, elision (l’, n’), adjectives behind or before
their noun, negation in two parts, adverbs that change places with the verb, and which word
translates which.
"""

import random
from collections import namedtuple

import common
import seq2seq
import transformer
from seq2seq import Phrase

Noun = namedtuple("Noun", "one many un des feminine")
Adjective = namedtuple("Adjective", "m f mp fp before m_vowel")
Verb = namedtuple("Verb", "base third singular plural")
# what a noun phrase is made of; the adjective may be None
Nominal = namedtuple("Nominal", "determiner adjective noun plural")


def table(text):
    """Rows of words, separated by commas."""
    return [row.split() for row in text.replace("\n", " ").split(",")]


MASCULINE = table("""
bridge bridges pont ponts, dog dogs chien chiens, cat cats chat chats,
horse horses cheval chevaux, book books livre livres, garden gardens jardin jardins,
boat boats bateau bateaux, tree trees arbre arbres, child children enfant enfants,
man men homme hommes, friend friends ami amis, bird birds oiseau oiseaux,
teacher teachers professeur professeurs, train trains train trains, wall walls mur murs,
hotel hotels hôtel hôtels, road roads chemin chemins, king kings roi rois,
baker bakers boulanger boulangers, village villages village villages,
coat coats manteau manteaux, glass glasses verre verres, basket baskets panier paniers,
newspaper newspapers journal journaux, doctor doctors médecin médecins""")
FEMININE = table("""
letter letters lettre lettres, house houses maison maisons, woman women femme femmes,
girl girls fille filles, town towns ville villes, door doors porte portes,
table tables table tables, chair chairs chaise chaises, school schools école écoles,
island islands île îles, story stories histoire histoires, car cars voiture voitures,
mountain mountains montagne montagnes, flower flowers fleur fleurs, street streets rue rues,
key keys clé clés, song songs chanson chansons, cow cows vache vaches, lamp lamps lampe lampes,
queen queens reine reines, star stars étoile étoiles, window windows fenêtre fenêtres,
church churches église églises, shirt shirts chemise chemises, apple apples pomme pommes""")
NOUNS = {row[0]: Noun(*row, row in FEMININE) for row in MASCULINE + FEMININE}

# English, masculine, feminine, both plurals, and the masculine form before a vowel
BEHIND = table("""
green vert verte verts vertes, red rouge rouge rouges rouges, black noir noire noirs noires,
white blanc blanche blancs blanches, blue bleu bleue bleus bleues,
yellow jaune jaune jaunes jaunes, empty vide vide vides vides, heavy lourd lourde lourds lourdes,
quiet calme calme calmes calmes, warm chaud chaude chauds chaudes,
cold froid froide froids froides, clean propre propre propres propres,
broken cassé cassée cassés cassées, lost perdu perdue perdus perdues,
dark sombre sombre sombres sombres, round rond ronde ronds rondes""")
BEFORE = table("""
small petit petite petits petites petit, big grand grande grands grandes grand,
young jeune jeune jeunes jeunes jeune, old vieux vieille vieux vieilles vieil,
new nouveau nouvelle nouveaux nouvelles nouvel, beautiful beau belle beaux belles bel,
good bon bonne bons bonnes bon, bad mauvais mauvaise mauvais mauvaises mauvais""")
ADJECTIVES = {e: Adjective(m, f, mp, fp, False, m) for e, m, f, mp, fp in BEHIND}
ADJECTIVES.update({e: Adjective(m, f, mp, fp, True, v) for e, m, f, mp, fp, v in BEFORE})

TRANSITIVE = {row[0]: Verb(*row) for row in table("""
carry carries porte portent, see sees voit voient, watch watches regarde regardent,
find finds trouve trouvent, paint paints peint peignent, want wants veut veulent,
love loves aime aiment, sell sells vend vendent, hide hides cache cachent,
open opens ouvre ouvrent, buy buys achète achètent, hear hears entend entendent,
forget forgets oublie oublient, follow follows suit suivent, wash washes lave lavent,
break breaks casse cassent, lose loses perd perdent, draw draws dessine dessinent,
push pushes pousse poussent, touch touches touche touchent""")}
INTRANSITIVE = {row[0]: Verb(*row) for row in table("""
sleep sleeps dort dorment, wait waits attend attendent, sing sings chante chantent,
fall falls tombe tombent, dance dances danse dansent, cry cries pleure pleurent,
laugh laughs rit rient, arrive arrives arrive arrivent, return returns revient reviennent,
disappear disappears disparaît disparaissent""")}
VERBS = {**TRANSITIVE, **INTRANSITIVE}

PREPOSITIONS = {"behind": "derrière", "under": "sous", "on": "sur", "with": "avec", "in": "dans",
                "for": "pour", "without": "sans", "towards": "vers", "against": "contre"}
DETERMINERS = {  # English: masculine, feminine, before a vowel
    "a": ("un", "une", None), "the": ("le", "la", "l’"), "this": ("ce", "cette", "cet"),
    "my": ("mon", "ma", "mon"), "her": ("son", "sa", "son"), "every": ("chaque", "chaque", None)}
PLURAL_DETERMINERS = {"the": "les", "these": "ces", "my": "mes", "her": "ses", "two": "deux",
                      "three": "trois", "many": "beaucoup"}
ADVERBS = {"often": "souvent", "always": "toujours", "sometimes": "parfois"}
NEGATIONS = {"not": "pas", "never": "jamais", "no longer": "plus"}
JOINTS = {"and": "et", "but": "mais", "while": "pendant que", "because": "parce que"}


def vowel(word):
    """Does the word take an elided article before it? Every h of this grammar is mute."""
    return word[0] in "aeiouhâéèêîôœ"


def agree(adjective, noun, plural, next_word=None):
    """The form of an adjective for its noun; `next_word` stands right behind it, if any."""
    if plural:
        return adjective.fp if noun.feminine else adjective.mp
    if noun.feminine:
        return adjective.f
    return adjective.m_vowel if next_word and vowel(next_word) else adjective.m


def french_determiner(determiner, noun, plural, next_word):
    """The determiner that goes with the noun and the word behind it."""
    if plural:
        many = PLURAL_DETERMINERS[determiner]
        if determiner != "many":
            return many
        return many + (" d’" if vowel(next_word) else " de")
    masculine, feminine, elided = DETERMINERS[determiner]
    if elided and vowel(next_word) and not (determiner == "this" and noun.feminine):
        return elided
    return feminine if noun.feminine else masculine


def noun_phrase(nominal):
    """A determiner, perhaps an adjective, and a noun."""
    determiner, adjective, noun, plural = nominal
    noun = NOUNS[noun]
    english, french = (noun.many, noun.des) if plural else (noun.one, noun.un)
    form = agree(ADJECTIVES[adjective], noun, plural, french) if adjective else ""
    before = bool(adjective) and ADJECTIVES[adjective].before
    words = [form, french] if before else [french, form] if adjective else [french]
    article = french_determiner(determiner, noun, plural, words[0])

    phrase = Phrase()
    steps = len(article.split())
    phrase.say(determiner, article, sure=[(0, i) for i in range(steps)])
    source = [adjective, english] if adjective else [english]
    at = [words.index(form), words.index(french)] if adjective else [0]
    phrase.say(" ".join(source), " ".join(words), sure=enumerate(at))
    phrase.possible.add((0, steps + at[-1]))
    return phrase


def ne(word):
    """The first part of a negation, before `word`."""
    return "n’" if vowel(word) else "ne"


def verb_phrase(verb, plural, polarity):
    """A verb, with an adverb or a negation if `polarity` names one."""
    verb = VERBS[verb]
    english, french = (verb.base, verb.plural) if plural else (verb.third, verb.singular)
    phrase = Phrase()
    if polarity is None:
        return phrase.say(english, french, sure=[(0, 0)])
    if polarity in ADVERBS:
        return phrase.say(f"{polarity} {english}", f"{french} {ADVERBS[polarity]}",
                          sure=[(0, 1), (1, 0)])
    said = f"{ne(french)} {french} {NEGATIONS[polarity]}"
    if polarity == "not":
        do = "do" if plural else "does"
        return phrase.say(f"{do} not {verb.base}", said, sure=[(1, 0), (2, 1), (1, 2)],
                          possible=[(0, 0), (0, 1)])
    last = len(polarity.split())
    sure = [(i, t) for i in range(last) for t in (0, 2)] + [(last, 1)]
    return phrase.say(f"{polarity} {english}", said, sure=sure)


def copula(subject, adjective, polarity):
    """… is (not) green."""
    noun = NOUNS[subject.noun]
    english, french = ("are", "sont") if subject.plural else ("is", "est")
    form = agree(ADJECTIVES[adjective], noun, subject.plural)
    if polarity == "not":
        said = f"{ne(french)} {french} pas {form}"
        return Phrase().say(f"{english} not {adjective}", said,
                            sure=[(0, 1), (1, 0), (1, 2), (2, 3)])
    return Phrase().say(f"{english} {adjective}", f"{french} {form}", sure=[(0, 0), (1, 1)])


def clause(subject, verb, polarity=None, thing=None, place=None):
    """Subject and verb, perhaps an object, perhaps a preposition with its noun phrase.

    `verb` is a verb, or "is" with an adjective in `thing`.
    """
    phrase = noun_phrase(subject)
    if verb == "is":
        return phrase.join(copula(subject, thing, polarity))
    phrase.join(verb_phrase(verb, subject.plural, polarity))
    if thing:
        phrase.join(noun_phrase(thing))
    if place:
        preposition, where = place
        phrase.say(preposition, PREPOSITIONS[preposition], sure=[(0, 0)])
        phrase.join(noun_phrase(where))
    return phrase


def sentence(first, joint=None, second=None):
    """One clause, or two with a joint, and the full stop."""
    if joint:
        french = JOINTS[joint].split()
        if french[-1] == "que" and vowel(second.target[0]):
            french[-1] = "qu’"
        first.say(joint, " ".join(french), sure=[(0, i) for i in range(len(french))])
        first.join(second)
    return first.say(".", ".", sure=[(0, 0)]).pair()


def random_nominal(chance, plain=0.4):
    """A random noun phrase; `plain` of them have no adjective."""
    plural = chance.random() < 0.3
    determiner = chance.choice(list(PLURAL_DETERMINERS if plural else DETERMINERS))
    adjective = None if chance.random() < plain else chance.choice(list(ADJECTIVES))
    if not plural and determiner in ("a", "the") and chance.random() < 0.3:
        determiner = "the"
    nominal = Nominal(determiner, adjective, chance.choice(list(NOUNS)), plural)
    return english_article(nominal)


def english_article(nominal):
    """Avoid a word that would need "an": such phrases say "the" instead."""
    determiner, adjective, noun, plural = nominal
    if determiner == "a" and (adjective or noun)[0] in "aeiou":
        return Nominal("the", adjective, noun, plural)
    return nominal


def random_clause(chance, short=False):
    """A random clause; a short one has no place."""
    subject = random_nominal(chance)
    polarity = chance.choice([None, None, None, "not", "not", *ADVERBS, "never", "no longer"])
    if chance.random() < 0.15:
        polarity = "not" if polarity == "not" else None
        return clause(subject, "is", polarity, chance.choice(list(ADJECTIVES)))
    transitive = chance.random() < 0.7
    verb = chance.choice(list(TRANSITIVE if transitive else INTRANSITIVE))
    thing = random_nominal(chance) if transitive else None
    place = None
    if not short and chance.random() < 0.4:
        place = (chance.choice(list(PREPOSITIONS)), random_nominal(chance))
    return clause(subject, verb, polarity, thing, place)


def random_sentence(chance):
    """A random sentence of the grammar, as a pair."""
    if chance.random() < 0.12:
        return sentence(random_clause(chance, short=True), chance.choice(list(JOINTS)),
                        random_clause(chance, short=True))
    return sentence(random_clause(chance))


def shown():
    """The sentences of the document; none of them is trained on."""
    def one(determiner, noun, adjective=None):
        return Nominal(determiner, adjective, noun, False)

    def many(determiner, noun, adjective=None):
        return Nominal(determiner, adjective, noun, True)

    return [
        sentence(clause(one("a", "letter", "green"), "carry", "not", one("the", "house", "empty"),
                        ("behind", one("a", "bridge")))),
        sentence(clause(one("the", "cat", "black"), "sleep", None, None,
                        ("on", one("a", "chair", "red")))),
        sentence(clause(many("the", "child", "young"), "open", "not",
                        one("this", "door", "heavy"))),
        sentence(clause(one("my", "friend", "old"), "sell", None, many("two", "horse", "white"))),
        sentence(clause(one("the", "woman"), "buy", "often", one("a", "book", "new"))),
        sentence(clause(many("these", "flower", "yellow"), "is", "not", "heavy")),
        sentence(clause(one("her", "school"), "is", None, "empty"), "because",
                 clause(one("the", "teacher", "good"), "sing", "no longer")),
        sentence(clause(one("the", "queen"), "forget", "never", one("a", "song", "beautiful"))),
        sentence(clause(one("every", "bird"), "follow", None, one("the", "star", "cold"),
                        ("towards", one("this", "island", "lost")))),
        sentence(clause(many("many", "man"), "wait", "always", None,
                        ("in", one("the", "street", "dark")))),
        sentence(clause(one("this", "tree", "big"), "hide", None, one("the", "church"))),
        sentence(clause(one("the", "dog"), "see", None, one("the", "cat")), "but",
                 clause(one("the", "cat"), "hear", "not", one("the", "dog"))),
    ]


def words(side):
    """All words of one language, by saying a great many sentences."""
    chance = random.Random(0)
    return {word for _ in range(20000) for word in getattr(random_sentence(chance), side)}


def main():
    watch = common.Stopwatch()
    transformer.start(3)
    pairs = shown()
    corpus = seq2seq.Corpus(random_sentence, pairs, random.Random(3))
    model = seq2seq.Translator(words("source"), words("target"), layers=3, heads=8, d_model=128)
    print(f"{len(model.source)} English and {len(model.target)} French words")
    seq2seq.train(model, corpus, steps=900, batch=64)

    layer, head = seq2seq.report(model, corpus.draw(500, held_out=True), pairs)
    seq2seq.write("translation", {
        "title": "Translation",
        "about": "Cross-attention of a small English to French translator. Gold links come from "
                 "the grammar that wrote the sentences: does a head agree with it?",
        "d_model": 128,
        "settings": {"layer": layer, "head": head},
    }, model, pairs, ("en", "fr"), common.TensorFile("translation"), padded=(7,))
    print(f"translation: {watch}")


if __name__ == "__main__":
    main()
