"""A phrase grammar of English and German whose verbs change places, with its word links."""

from seq2seq import Pair

# English, German, gender
AGENTS = [("dog", "Hund", "m"), ("man", "Mann", "m"), ("teacher", "Lehrer", "m"),
          ("cat", "Katze", "f"), ("woman", "Frau", "f"), ("neighbour", "Nachbarin", "f"),
          ("girl", "Mädchen", "n"), ("child", "Kind", "n"), ("horse", "Pferd", "n")]
THINGS = AGENTS + [
    ("tree", "Baum", "m"), ("letter", "Brief", "m"), ("ball", "Ball", "m"),
    ("flower", "Blume", "f"), ("newspaper", "Zeitung", "f"), ("bottle", "Flasche", "f"),
    ("house", "Haus", "n"), ("book", "Buch", "n"), ("picture", "Bild", "n")]
ADJECTIVES = [("small", "klein"), ("big", "groß"), ("old", "alt"), ("white", "weiß"),
              ("beautiful", "schön"), ("new", "neu")]
# participle and infinitive of both
VERBS = [("seen", "gesehen", "see", "sehen"), ("found", "gefunden", "find", "finden"),
         ("heard", "gehört", "hear", "hören"), ("painted", "gemalt", "paint", "malen"),
         ("bought", "gekauft", "buy", "kaufen"), ("carried", "getragen", "carry", "tragen"),
         ("drawn", "gezeichnet", "draw", "zeichnen")]
MODALS = [("can", "kann"), ("must", "muss"), ("may", "darf"), ("wants to", "will")]
THINKERS = [("i think", "ich denke"), ("we know", "wir wissen"), ("they say", "sie sagen"),
            ("she hopes", "sie hofft")]
PAST, FUTURE = [("yesterday", "gestern"), ("today", "heute")], [("tomorrow", "morgen"),
                                                               ("soon", "bald"),
                                                               ("today", "heute")]
# article and ending of the adjective: [definite][accusative][gender]
ARTICLES = {True: ({"m": ("der", "e"), "f": ("die", "e"), "n": ("das", "e")},
                   {"m": ("den", "en"), "f": ("die", "e"), "n": ("das", "e")}),
            False: ({"m": ("ein", "er"), "f": ("eine", "e"), "n": ("ein", "es")},
                    {"m": ("einen", "en"), "f": ("eine", "e"), "n": ("ein", "es")})}


def noun_phrase(chance, nouns, accusative, name):
    """English [(word, name)] and German [(word, sure names, possible names)] of a noun phrase."""
    english, german, gender = chance.choice(nouns)
    definite = chance.random() < 0.65
    article, ending = ARTICLES[definite][accusative][gender]
    noun = name + "noun"
    source, target = [(english, noun)], [(german, [noun], [])]
    if chance.random() < 0.45:
        a, b = chance.choice(ADJECTIVES)
        source.insert(0, (a, name + "adjective"))
        target.insert(0, (b + ending, [name + "adjective"], []))
    indefinite = "an" if source[0][0][0] in "aeiou" else "a"
    source.insert(0, ("the" if definite else indefinite, name))
    return source, [(article, [name], [noun])] + target


def sentence(chance):
    """One pair of one of three orders: main clause, question, clause behind "that"."""
    order = chance.choice(["main", "question", "clause", "clause"])
    subject, subject_de = noun_phrase(chance, AGENTS, False, "s")
    thing, thing_de = noun_phrase(chance, THINGS, True, "o")
    participle, participle_de, infinitive, infinitive_de = chance.choice(VERBS)
    perfect = chance.random() < 0.5
    if perfect:
        helper, verb = [("has", "h")], [(participle, "v")]
        helper_de, verb_de = [("hat", ["h"], [])], [(participle_de, ["v"], [])]
    else:
        a, b = chance.choice(MODALS[:3] if order == "question" else MODALS)
        helper = [(a.split()[0], "h")] + [("to", "to")] * (a != a.split()[0])
        verb, verb_de = [(infinitive, "v")], [(infinitive_de, ["v"], [])]
        helper_de = [(b, ["h"], ["to"] if len(helper) > 1 else [])]
    when, when_de = [], []
    if chance.random() < 0.5:
        a, b = chance.choice(PAST if perfect else FUTURE)
        when, when_de = [(a, "t")], [(b, ["t"], [])]
    if order == "main":
        source = subject + helper + verb + thing + when
        target = subject_de + helper_de + when_de + thing_de + verb_de
    elif order == "question":
        source = helper + subject + verb + thing + when + [("?", "?")]
        target = helper_de + subject_de + when_de + thing_de + verb_de + [("?", ["?"], [])]
    else:
        a, b = chance.choice(THINKERS)
        source = [(w, f"i{i}") for i, w in enumerate(a.split())] + [("that", "that")]
        target = [(w, [f"i{i}"], []) for i, w in enumerate(b.split())]
        source += subject + helper + verb + thing + when
        target += [(",", [], ["that"]), ("dass", ["that"], [])]
        target += subject_de + when_de + thing_de + verb_de + helper_de
    return joined(source, target)


def joined(source, target):
    """The pair, with names of links turned into positions."""
    at = {name: i for i, (_, name) in enumerate(source)}
    sure = {(at[name], t) for t, (_, names, _) in enumerate(target) for name in names}
    possible = {(at[name], t) for t, (_, _, names) in enumerate(target) for name in names}
    return Pair([w for w, _ in source], [w for w, _, _ in target], sure, possible - sure)


def words():
    """All English and all German words."""
    english, german = {"the", "a", "an", "has", "that", "?"}, {"hat", "dass", ",", "?"}
    for table in (AGENTS, THINGS, MODALS, THINKERS, PAST, FUTURE):
        for row in table:
            english |= set(row[0].split())
            german |= set(row[1].split())
    english |= {w for v in VERBS for w in (v[0], v[2])} | {a for a, _ in ADJECTIVES}
    german |= {w for v in VERBS for w in (v[1], v[3])}
    german |= {a + e for _, a in ADJECTIVES for e in ("e", "en", "er", "es")}
    german |= {article for cases in ARTICLES.values() for case in cases
               for article, _ in case.values()}
    return english, german
