"""The rules for our HTML catch what they are for, and let good markup pass."""

from __future__ import annotations

import pytest

from tests.markup import faults

PAGE = """<!doctype html>
<html lang="es">
<head><title>Programa</title><link rel="stylesheet" href="/static/app.css"></head>
<body>
<main>
<h1>Programa</h1>
<form action="/es/register" method="post" hx-post="/es/register" hx-target="#answer" hx-swap="outerHTML">
<label for="name">Nombre</label> <input id="name" name="name">
<button>Enviar</button>
</form>
<div id="answer" hx-get="/es/tally" hx-trigger="every 5s" hx-target="this" hx-swap="outerHTML"></div>
<svg viewBox="0 0 1 1" aria-hidden="true"><path d="M0 0"/></svg>
%s
</main>
</body>
</html>"""


def test_a_good_page_has_no_faults():
    assert faults(PAGE % "<p>Sábado &amp; domingo</p>") == ()


@pytest.mark.parametrize(
    ("markup", "fault"),
    [
        ("<p>uno<div>dos</div></p>", "Unexpected end tag (p)"),
        ("<b><i>uno</b></i>", "line 1"),
        ('<i id="a"></i><i id="a"></i>', "2 elements have the id 'a'"),
        ('<input name="phone">', "no label"),
        ('<a href="/es"></a>', "no name"),
        ('<input type="submit">', "no name"),
        ('<img src="/a.png">', "no alt"),
        ("<svg></svg>", "neither named nor hidden"),
        ('<p style="color: red">uno</p>', "inline style"),
        ('<button onclick="vote()">Votar</button>', "inline onclick"),
        ("<script>alert(1)</script>", "inline script"),
        ("<style>p { color: red }</style>", "inline style sheet"),
        ('<form method="put"></form>', "method"),
        ('<form action="/a" method="post" hx-post="/a"></form>', "no hx-target or hx-swap of its own"),
        ('<button hx-post="/a" hx-target="this" hx-swap="none">A</button>', "does nothing without script"),
        ('<form action="/a" hx-post="/a" hx-target="this" hx-swap="none"></form>', "hx-post without method"),
        ('<a href="/a" hx-boost="true">A</a>', "only hx-get and hx-post"),
        ("<ul><p>uno</p></ul>", "<p> in <ul>"),
        ('<a href="/a">uno <button>dos</button></a>', "<button> in <a"),
    ],
)
def test_a_fault_in_a_fragment_is_found(markup, fault):
    assert [found for found in faults(markup) if fault in found] != []


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        ('<html lang="es">', "<html>", "no lang on <html>"),
        ("<title>Programa</title>", "<title> </title>", "no <title>"),
        ("<h1>Programa</h1>", "<h2>Programa</h2>", "0 <h1>"),
        ('<label for="name">', '<label for="nombre">', "no element 'nombre' for <label"),
    ],
)
def test_a_fault_of_a_page_is_found(right, wrong, fault):
    found = faults((PAGE % "").replace(right, wrong))
    assert [line for line in found if fault in line] != []


@pytest.mark.parametrize("fragment", ["<tr><td>uno</td></tr>", "<td>uno</td>", "<option>uno</option>", "uno"])
def test_a_fragment_is_read_where_it_will_stand(fragment):
    assert faults(fragment) == ()
