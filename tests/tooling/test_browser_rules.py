"""A page that misbehaves in the browser fails its test, and one that behaves does not."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.browsers import Pages, accessibility_faults, sideways_scroll
from tests.servers import serving

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'"
PAGE = (
    '<!doctype html><html lang="es"><title>Uno</title><link rel="icon" href="/icon.svg">'
    '<meta name="viewport" content="width=device-width, initial-scale=1"><main><h1>Uno</h1>'
)


@pytest.fixture
def pages(browser):
    """Pages of a small application, good and bad ones."""
    app = Flask("pages", static_folder=None)
    bodies = {
        "good": "<p>dos</p>",
        "inline": "<script>window.ran = true</script>",
        "exception": '<script src="/throws.js"></script>',
        "missing": '<script src="/missing.js"></script>',
        "elsewhere": '<img alt="" src="http://127.0.0.1:9/a.png">',
        "wide": '<link rel="stylesheet" href="/wide.css"><p>tres</p>',
        "unlabelled": "<input>",
    }

    @app.get("/<name>")
    def answer(name):
        if name == "refusal":
            return PAGE, 422
        if name == "failure":
            return PAGE, 500
        headers = {"Content-Security-Policy": POLICY}
        return (PAGE + bodies[name], headers) if name in bodies else ("", 404)

    @app.get("/icon.svg")
    def icon():
        return '<svg xmlns="http://www.w3.org/2000/svg"/>', {"Content-Type": "image/svg+xml"}

    @app.get("/throws.js")
    def throws():
        return "throw new Error('cuatro')", {"Content-Type": "text/javascript"}

    @app.get("/wide.css")
    def wide():
        return "p { width: 500px; margin: 0 } body { margin: 0 }", {"Content-Type": "text/css"}

    with serving(app) as address:
        yield Pages(browser, address)


@pytest.mark.parametrize("name", ["good", "refusal"])
def test_a_page_that_behaves_is_left_in_peace(pages, name):
    pages().goto(f"/{name}")
    assert pages.close() == []


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("inline", "Content Security Policy"),
        ("exception", "cuatro"),
        ("missing", "404: "),
        ("elsewhere", "request to another host: http://127.0.0.1:9/a.png"),
        ("failure", "500: "),
    ],
)
def test_a_page_that_misbehaves_is_noted(pages, name, problem):
    pages().goto(f"/{name}", wait_until="networkidle")
    assert [found for found in pages.close() if problem in found] != []


def test_scripts_do_not_run_where_they_are_off(pages):
    pages(javascript=False).goto("/exception")
    assert pages.close() == []


def test_sideways_scroll_is_measured(pages):
    page = pages(width=320)
    page.goto("/wide")
    wide = sideways_scroll(page)
    page.goto("/good")
    assert (wide, sideways_scroll(page), pages.close()) == (180, 0, [])


def test_axe_reads_pages_under_our_policy(pages):
    page = pages()
    page.goto("/unlabelled")
    found = accessibility_faults(page)
    page.goto("/good")
    assert ([fault.split(":")[0] for fault in found], accessibility_faults(page)) == (["label"], [])
    assert pages.close() == []
