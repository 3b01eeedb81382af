"""Drafts that somebody went on writing, as hypothesis makes them up: other words and places."""

from __future__ import annotations

from hypothesis import strategies as st

from agreements import MAXIMUM_DEPTH, Draft, Kind, Provision

LANGUAGES = ("es", "en")
VOCABULARY = ("la", "coalición", "respeta", "a", "cada", "club", "niʼi̱", "27", "de", "1,500.00", "עברית", "y")
SIGNS = (" ", " ", " ", ", ", ".", "\n", "\n\na) ", "\nb) ")

sentences = st.lists(st.sampled_from(VOCABULARY) | st.sampled_from(SIGNS), max_size=14).map("".join)


def tree_of(provisions):
    """What can be changed: lists of [key, kind, {language: (heading, body)}, children]."""
    return [
        [
            one.key,
            one.kind,
            {each: (one.heading(each), one.body(each)) for each in one.languages},
            tree_of(one.children),
        ]
        for one in provisions
    ]


def provisions_of(tree):
    return tuple(
        Provision(
            key,
            kind,
            {language: heading for language, (heading, _) in words.items()},
            {language: body for language, (_, body) in words.items()},
            provisions_of(children),
        )
        for key, kind, words, children in tree
    )


def depth_of(node):
    return 1 + max((depth_of(child) for child in node[3]), default=0)


def places(tree, depth=0):
    """Every list of siblings with its depth."""
    yield tree, depth
    for node in tree:
        yield from places(node[3], depth + 1)


@st.composite
def words_in_languages(draw):
    languages = draw(st.sampled_from([LANGUAGES, LANGUAGES, LANGUAGES, ("es",)]))
    return {
        language: (draw(st.sampled_from(["", "Objeto", "Del objeto"])), draw(sentences))
        for language in languages
    }


@st.composite
def written_drafts(draw, most=6):
    """A small draft in two languages."""
    tree = []
    for number in range(draw(st.integers(0, most))):
        open_places = [siblings for siblings, depth in places(tree) if depth < MAXIMUM_DEPTH]
        siblings = draw(st.sampled_from(open_places))
        siblings.append([f"p{number}", draw(st.sampled_from(Kind)), draw(words_in_languages()), []])
    return Draft({language: draw(sentences) for language in LANGUAGES}, provisions_of(tree), LANGUAGES)


@st.composite
def rewritten(draw, draft, prefix="n", most=4, least=0):
    """The draft after a few changes of every sort; what is new has keys beginning with the prefix."""
    tree, titles = tree_of(draft.provisions), dict(draft.titles)
    for number in range(draw(st.integers(least, most))):
        _change(draw, tree, titles, f"{prefix}{number}")
    return Draft(titles, provisions_of(tree), LANGUAGES)


def _change(draw, tree, titles, new_key):
    inhabited = [siblings for siblings, _ in places(tree) if siblings]
    what = draw(st.sampled_from(["title", "add", "delete", "words", "words", "kind", "move", "move"]))
    if what == "title":
        titles[draw(st.sampled_from(LANGUAGES))] = draw(sentences)
    elif what == "add":
        node = [new_key, draw(st.sampled_from(Kind)), draw(words_in_languages()), []]
        _seat(draw, tree, node)
    elif inhabited:
        siblings = draw(st.sampled_from(inhabited))
        node = draw(st.sampled_from(siblings))
        if what == "delete":
            siblings.remove(node)
        elif what == "kind":
            node[1] = draw(st.sampled_from(Kind))
        elif what == "words":
            node[2] = _reworded(draw, node[2])
        else:
            siblings.remove(node)
            _seat(draw, tree, node)


def _seat(draw, tree, node):
    fitting = [siblings for siblings, depth in places(tree) if depth + depth_of(node) <= MAXIMUM_DEPTH]
    siblings = draw(st.sampled_from(fitting))
    siblings.insert(draw(st.integers(0, len(siblings))), node)


def _reworded(draw, words):
    """One word put in, taken out or exchanged in one language, or everything written anew."""
    if draw(st.integers(0, 3)) == 0:
        return draw(words_in_languages())
    language = draw(st.sampled_from(sorted(words)))
    heading, body = words[language]
    parts = body.split(" ")
    place = draw(st.integers(0, len(parts) - 1))
    parts[place : place + draw(st.integers(0, 1))] = draw(st.lists(st.sampled_from(VOCABULARY), max_size=2))
    return words | {language: (heading, " ".join(parts))}
