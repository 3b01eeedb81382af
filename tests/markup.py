"""Rules for our HTML: it is valid, says its language, labels its fields, and works without script.

Pages are told from fragments by their doctype; what needs the whole page is not asked of a fragment.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

import html5lib
from html5lib.constants import E as EXPLANATIONS

from tests import quick_html

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from xml.etree.ElementTree import Element

DOCTYPE = re.compile(r"\s*<!doctype html>", re.IGNORECASE)
# A fragment that starts so is read where it will stand; anywhere else its tags would be dropped.
TABLE_PARTS = re.compile(r"\s*<(tr|td|th|tbody|thead|tfoot|caption|option|optgroup)\b", re.IGNORECASE)
CONTAINERS = {
    "td": "tr", "th": "tr", "tr": "tbody", "tbody": "table", "thead": "table", "tfoot": "table",
    "caption": "table", "option": "select", "optgroup": "select",
}  # fmt: skip
UNLABELLED = {"hidden", "submit", "button", "reset", "image"}
INTERACTIVE = {"a", "button", "select", "textarea", "label", "summary"}
REFERENCES = (
    "for",
    "form",
    "list",
    "aria-labelledby",
    "aria-describedby",
    "aria-controls",
    "aria-errormessage",
    "aria-owns",
)
CHILDREN = {"ul": {"li"}, "ol": {"li"}, "menu": {"li"}, "dl": {"dt", "dd", "div"}}
EVERYWHERE = {"script", "template"}

quick_html.install()


@lru_cache(maxsize=256)
def faults(text: str) -> tuple[str, ...]:
    """Return what is wrong with a page or a fragment, one line a fault; empty when all is well."""
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("etree"), namespaceHTMLElements=False)
    whole = DOCTYPE.match(text) is not None
    root = parser.parse(text) if whole else parser.parseFragment(text, container=container_of(text))
    found = [syntax_fault(text, *error) for error in parser.errors]
    for rule in (*RULES, *(PAGE_RULES if whole else ())):
        found.extend(rule(root))
    return tuple(found)


def container_of(fragment: str) -> str:
    """Return the element in which a fragment will stand."""
    start = TABLE_PARTS.match(fragment)
    return CONTAINERS[start[1].lower()] if start else "div"


def syntax_fault(text: str, position: tuple[int, int], code: str, values: dict[str, str]) -> str:
    """Say what the parser stumbled on, and show the line."""
    line = text.splitlines()[position[0] - 1].strip() if text else ""
    return f"line {position[0]}: {EXPLANATIONS.get(code, code) % values} in {line[:160]!r}"


def elements(root: Element, *names: str) -> Iterator[Element]:
    """Yield the elements of these names (all, without a name), comments aside."""
    for element in root.iter():
        if isinstance(element.tag, str) and (not names or element.tag in names):
            yield element


def shown(element: Element) -> str:
    """Return the start tag of an element, as a person looks for it in a template."""
    attributes = "".join(f' {name}="{value}"' for name, value in element.attrib.items())
    return f"<{element.tag}{attributes}>"[:200]


def name_of(element: Element) -> str:
    """Return what a screen reader can say about an element, its own labels and pictures included."""
    said = [element.get("aria-label", ""), element.get("aria-labelledby", ""), element.get("title", "")]
    said += element.itertext()
    said += [part.get("alt", "") + part.get("aria-label", "") for part in element.iter()]
    return "".join(said).strip()


def identifiers(root: Element) -> Counter[str]:
    """Count the ids of a page."""
    return Counter(element.attrib["id"] for element in elements(root) if "id" in element.attrib)


# -- everywhere --------------------------------------------------------------------------------


def ids_are_unique(root: Element) -> Iterator[str]:
    """An id names one element."""
    return (
        f"{count} elements have the id {name!r}" for name, count in identifiers(root).items() if count > 1
    )


def fields_have_labels(root: Element) -> Iterator[str]:
    """A field has a label: around it, pointing at it, or in ARIA."""
    named = {label.get("for") for label in elements(root, "label")}
    wrapped = {field for label in elements(root, "label") for field in label.iter()}
    for field in elements(root, "input", "select", "textarea"):
        labelled = (
            field.get("id") in named
            or field in wrapped
            or field.get("aria-label")
            or field.get("aria-labelledby")
        )
        if field.get("type") not in UNLABELLED and not labelled:
            yield f"no label: {shown(field)}"


def controls_have_names(root: Element) -> Iterator[str]:
    """A link or button can be read aloud."""
    for control in elements(root, "a", "button", "summary"):
        if not name_of(control):
            yield f"no name: {shown(control)}"
    for control in elements(root, "input"):
        if control.get("type") in {"submit", "button", "image"} and not control.get(
            "value", control.get("alt")
        ):
            yield f"no name: {shown(control)}"


def pictures_have_texts(root: Element) -> Iterator[str]:
    """A picture has an alternative text, empty for an ornament; an SVG is named or hidden."""
    for picture in elements(root, "img"):
        if "alt" not in picture.attrib:
            yield f"no alt: {shown(picture)}"
    for picture in elements(root, "svg", "{http://www.w3.org/2000/svg}svg"):
        if not {"aria-label", "aria-labelledby", "aria-hidden"} & picture.attrib.keys():
            yield f"neither named nor hidden: {shown(picture)}"


def nothing_runs_inline(root: Element) -> Iterator[str]:
    """The content security policy would block it: no inline script, style or handler."""
    for element in elements(root):
        inline = [name for name in element.attrib if name == "style" or name.startswith(("on", "hx-on"))]
        if inline:
            yield f"inline {', '.join(inline)}: {shown(element)}"
    for script in elements(root, "script"):
        if "src" not in script.attrib and "json" not in script.get("type", ""):
            yield f"inline script: {shown(script)}"
    yield from (f"inline style sheet: {shown(style)}" for style in elements(root, "style"))


def forms_get_or_post(root: Element) -> Iterator[str]:
    """Forms know two methods; buttons that belong to none have a type."""
    for form in elements(root, "form"):
        if form.get("method", "get").lower() not in {"get", "post", "dialog"}:
            yield f"method: {shown(form)}"


def htmx_makes_it_faster_never_possible(root: Element) -> Iterator[str]:
    """An hx-* request repeats what the element does without script, and says where its answer goes."""
    for element in elements(root):
        if {"hx-put", "hx-patch", "hx-delete", "hx-boost"} & element.attrib.keys():
            yield f"only hx-get and hx-post: {shown(element)}"
        if {"hx-get", "hx-post"} & element.attrib.keys():
            yield from faults_of_request(element)


def faults_of_request(element: Element) -> Iterator[str]:
    """Yield what an element with an htmx request lacks."""
    if not {"hx-target", "hx-swap"} <= element.attrib.keys():
        yield f"no hx-target or hx-swap of its own: {shown(element)}"
    # What refreshes by itself shows its content already.
    if "every" in element.get("hx-trigger", "") or "from:" in element.get("hx-trigger", ""):
        return
    without_script = element.get("action", element.get("href", element.get("formaction")))
    if without_script is None:
        yield f"does nothing without script: {shown(element)}"
    if "hx-post" in element.attrib and element.get("method", element.get("formmethod", "")).lower() != "post":
        yield f"hx-post without method=post: {shown(element)}"


def lists_hold_items(root: Element) -> Iterator[str]:
    """A list holds items and nothing else."""
    for element in elements(root, *CHILDREN):
        for child in element:
            if isinstance(child.tag, str) and child.tag not in CHILDREN[element.tag] | EVERYWHERE:
                yield f"{shown(child)} in {shown(element)}"


def controls_do_not_nest(root: Element) -> Iterator[str]:
    """No control inside a control: a tap would mean two things."""
    for outer in elements(root, "a", "button", "summary"):
        for inner in outer.iter():
            if inner is not outer and (inner.tag in INTERACTIVE or inner.tag == "input"):
                yield f"{shown(inner)} in {shown(outer)}"


# -- whole pages only --------------------------------------------------------------------------


def page_says_its_language(root: Element) -> Iterator[str]:
    """A page names its language, so that it is read aloud in it."""
    if not root.get("lang"):
        yield "no lang on <html>"


def page_has_one_title_and_heading(root: Element) -> Iterator[str]:
    """A page has a title, one main part and one first heading."""
    if not any((title.text or "").strip() for title in elements(root, "title")):
        yield "no <title>"
    for name in ("main", "h1"):
        if (count := len(list(elements(root, name)))) != 1:
            yield f"{count} <{name}>"


def references_lead_somewhere(root: Element) -> Iterator[str]:
    """What points at an id points at an element of the page."""
    known = identifiers(root)
    for element in elements(root):
        targets = [target for name in REFERENCES for target in element.get(name, "").split()]
        if (href := element.get("href", "")).startswith("#") and len(href) > 1:
            targets.append(href[1:])
        yield from (
            f"no element {target!r} for {shown(element)}" for target in targets if target not in known
        )


RULES: tuple[Callable[[Element], Iterator[str]], ...] = (
    ids_are_unique,
    fields_have_labels,
    controls_have_names,
    pictures_have_texts,
    nothing_runs_inline,
    forms_get_or_post,
    htmx_makes_it_faster_never_possible,
    lists_hold_items,
    controls_do_not_nest,
)
PAGE_RULES: tuple[Callable[[Element], Iterator[str]], ...] = (
    page_says_its_language,
    page_has_one_title_and_heading,
    references_lead_somewhere,
)
