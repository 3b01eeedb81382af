"""html5lib, faster where the markup is plain: most of a web test's time goes into reading pages.

Its tokenizer walks through a tag letter by letter. Here a tag that is written plainly, or a run of text, is
taken by one regular expression; whatever else there is, mistakes above all, is left to html5lib itself.
"""

from __future__ import annotations

import re
from typing import Any

from html5lib._tokenizer import HTMLTokenizer
from html5lib.constants import tokenTypes

NAME = r"[A-Za-z][-A-Za-z0-9:_]*+"
# No reference in a value, and no value without quotes: those have rules of their own.
ATTRIBUTE = rf'[ \t\n\f]++({NAME})(?:="([^"&\0]*+)")?+'
ATTRIBUTES = re.compile(ATTRIBUTE)
START_TAG = re.compile(rf"<([A-Za-z][A-Za-z0-9]*+)((?:{ATTRIBUTE})*+)[ \t\n\f]*+(/?)>")
END_TAG = re.compile(r"</([A-Za-z][A-Za-z0-9]*+)[ \t\n\f]*+>")
SPACE = re.compile(r"[ \t\n\f]++")
TEXT = re.compile(r"[^&<\0 \t\n\f][^&<\0]*+")

Token = dict[str, Any]


SLOW = HTMLTokenizer.dataState


def data_state(tokenizer: HTMLTokenizer) -> bool:
    """Take one token, at once if it is plain and ends within what has been read."""
    stream = tokenizer.stream
    for pattern, made in PLAIN:
        found = pattern.match(stream.chunk, stream.chunkOffset)
        # What reaches the end of what has been read may go on behind it.
        if found is None or found.end() == stream.chunkSize:
            continue
        if token := made(found):
            stream.chunkOffset = found.end()
            tokenizer.tokenQueue.append(token)
            if "name" in token:
                # What ends a script or a title is looked for by the name of the tag before.
                tokenizer.currentToken = token
            return True
        break
    return bool(SLOW(tokenizer))


def start_tag(found: re.Match[str]) -> Token | None:
    attributes = [(name.lower(), value) for name, value in ATTRIBUTES.findall(found[2])]
    data = dict(attributes)
    if len(data) < len(attributes):
        return None
    return {
        "type": tokenTypes["StartTag"],
        "name": found[1].lower(),
        "data": data,
        "selfClosing": found[5] == "/",
        "selfClosingAcknowledged": False,
    }


def end_tag(found: re.Match[str]) -> Token:
    return {"type": tokenTypes["EndTag"], "name": found[1].lower(), "data": [], "selfClosing": False}


def space(found: re.Match[str]) -> Token:
    return {"type": tokenTypes["SpaceCharacters"], "data": found[0]}


def text(found: re.Match[str]) -> Token:
    return {"type": tokenTypes["Characters"], "data": found[0]}


PLAIN = ((SPACE, space), (START_TAG, start_tag), (TEXT, text), (END_TAG, end_tag))


def install() -> None:
    """Have html5lib, and what parses by it, read so in this process."""
    HTMLTokenizer.dataState = data_state
