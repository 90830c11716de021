"""The text that the language model of examples/next-word learns from; all of it written here.

A plot is a list of sentences, a sentence a list of wordings. `{k=toy}` picks a word of the class
`toy` and remembers it as k; `{k}` says it again. `{hero}`, `{she}`, `{her}`, `{She}` and `{Her}`
follow the hero.
"""

import re

CLASSES = {
    "toy": "kite ball boat doll drum book lamp cup key coat hat train".split(),
    "colour": "red blue green yellow white black".split(),
    "place": "garden kitchen forest market school cellar village harbour".split(),
    "where": "behind under near".split(),
    "thing": "wall tree bridge bench door table cart well".split(),
    "helper": "brother sister uncle aunt teacher neighbour friend grandmother".split(),
    "pet": "dog cat goat duck horse rabbit mouse".split(),
    "feeling": "happy proud glad calm".split(),
    "sorrow": "sad angry tired worried".split(),
    "size": "small big young new little".split(),
    "food": "soup bread cake rice pie porridge".split(),
    "taste": "warm sweet salty good".split(),
    "time": "morning evening night day".split(),
    "weather": "rain snow wind fog".split(),
    "number": "two three four five".split(),
    "seed": "plum pear rose bean pumpkin".split(),
}
HEROES = [(name, "she", "her") for name in "Mia Ida Rosa Lena Zoe".split()]
HEROES += [(name, "he", "his") for name in "Ben Otto Karl Finn Leo".split()]

PLOTS = [
    [
        ["{hero} had a {c=colour} {k=toy} .", "Once {hero} got a {c=colour} {k=toy} .",
         "{Her} {h=helper} gave {hero} a {c=colour} {k=toy} ."],
        ["One {time} the {k} was gone .", "One {time} {she} lost the {k} in the {place} ."],
        ["{hero} was {s=sorrow} .", "{She} looked in the {place} and in the {place} ."],
        ["{Her} {pet} found the {c} {k} {where} the {thing} .",
         "Then {she} saw the {c} {k} {where} the {thing} ."],
        ["Now {hero} is {feeling} .", "{hero} was {feeling} again ."],
    ],
    [
        ["{hero} had a {z=size} {p=pet} .",
         "There was a {z=size} {p=pet} in the {place} of {hero} ."],
        ["The {p} was hungry .", "Every {time} the {p} was hungry ."],
        ["{hero} gave the {p} some {f=food} .", "{She} cooked {taste} {f=food} for the {p} ."],
        ["The {z} {p} ate the {f} and slept {where} the {thing} .",
         "But the {p} did not like the {f} ."],
        ["{hero} slept too .", "{hero} laughed , and so did {her} {helper} ."],
    ],
    [
        ["The {w=weather} came in the {time} .", "One {time} the {w=weather} came ."],
        ["{hero} stayed in the {q=place} .", "{hero} could not leave the {q=place} ."],
        ["{She} waited for {her} {h=helper} .", "{She} wrote a letter to {her} {h=helper} ."],
        ["At last the {w} stopped .", "In the {time} the {w} was over ."],
        ["{Her} {h} came to the {q} with {taste} {food} .",
         "{Her} {h} walked to the {q} and {hero} was {feeling} ."],
    ],
    [
        ["{hero} went to the {q=place} .", "One {time} {hero} went to the {q=place} ."],
        ["In the {q} {she} bought {n=number} {c=colour} {k=toy}s ."],
        ["{She} gave one {k} to {her} {h=helper} .", "{Her} {h=helper} wanted a {c} {k} too ."],
        ["Then {hero} counted the {k}s again .", "\" {n} {c} {k}s ! \" said the {h} ."],
        ["{hero} and {her} {h} walked home .", "The {h} was {feeling} ."],
    ],
    [
        ["{hero} put a {s=seed} seed {w=where} the {t=thing} .",
         "{Her} {h=helper} gave {hero} a {s=seed} seed ."],
        ["The {weather} came , and then the sun .", "{She} brought water every {time} ."],
        ["After {n=number} weeks there was a {size} {s} plant .",
         "A {size} {pet} sat near the {s} plant ."],
        ["{hero} showed the {s} plant to {her} {helper} .",
         "{She} made {s} {food} for {her} {helper} ."],
        ["It was {taste} .", "Everyone was {feeling} ."],
    ],
    [
        ["{hero} asked {her} {h=helper} a question .",
         "\" Who took my {k=toy} ? \" asked {hero} ."],
        ["\" Not the {p=pet} , \" said the {helper} .", "The {p=pet} looked at the {thing} ."],
        ["{hero} followed the {p} to the {q=place} .", "The {p} ran to the {q=place} ."],
        ["There the {p} had {number} {size} children .",
         "In the {q} {she} found {number} {size} {toy}s ."],
        ["\" Now I know , \" said {hero} .", "{hero} told nobody about the {p} ."],
    ],
]

BY_HAND = """
The old lamp stood by the window . It had no light of its own any more , but in the evening the
sun came in and lent it some . " You see , " said the lamp to the chair , " one only has to wait . "
The chair had waited all its life and said nothing .
A fox came to the well and looked in . A second fox looked up . " Are you deep ? " asked the first .
" As deep as you are high , " said the second . They went home , each on its own side of the water .
The clock in the school was always five minutes late . The children loved the clock . One morning
a man came and set it right . The next day every child was five minutes late .
There was a bridge that led to no house . People walked to the middle , looked at the river , and
walked back . They were all glad of the bridge .
A girl drew a door on the wall . She drew a key too , but she drew the key on the other side .
The wind took the hat of the king . The hat saw more of the country in a day than the king had
seen in ten years . When it came back it was a little too big for him .
The baker made one loaf too many every day . " For whom is it ? " asked his son . " I do not know
him yet , " said the baker .
Snow fell on the market . In the morning all the carts were white , and nobody could say which one
was his . So they shared .
"""


class Telling:
    """One story in the making: what was picked stays picked."""

    SLOT = re.compile(r"\{(?:(\w+)=)?(\w+)\}")

    def __init__(self, chance):
        self.chance = chance
        hero, she, her = chance.choice(HEROES)
        self.said = {"hero": hero, "she": she, "her": her, "She": she.title(), "Her": her.title()}

    def fill(self, slot):
        """The word that a slot stands for."""
        name, kind = slot.groups()
        if name is None and kind in self.said:
            return self.said[kind]
        word = self.chance.choice(CLASSES.get(kind) or CLASSES["helper"])
        if name:
            self.said[name] = word
        elif kind not in CLASSES:
            self.said[kind] = word
        return word

    def tell(self, plot):
        """The words of a plot, with a random wording of each sentence."""
        return " ".join(self.SLOT.sub(self.fill, self.chance.choice(wordings))
                        for wordings in plot).split()


def story(chance):
    """A random story as a list of words."""
    return Telling(chance).tell(chance.choice(PLOTS))


def by_hand():
    """The hand-written paragraphs, one list of words each."""
    text = BY_HAND.split()
    starts = [0] + [i + 1 for i, word in enumerate(text) if word == "." and i + 1 < len(text)]
    return [text[at:at + 40] for at in starts]
