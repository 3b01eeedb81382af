"""A QR code in a page is read back; its SVG keeps to the content security policy."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from conference.exports.qr import link_qr_svg, qr_svg

RUN = re.compile(r"M(\d+) (\d+)h(\d+)v1h-\d+z")
TICKET = "A1:OAXACA-NORTHWEST:UOISLJDYC7N6CSRXI7ISDBDAXM:37KA2JBBBUHKMSRXMWTSBAE7JQ"


def drawn(svg: str, scale: int = 6) -> Image.Image:
    """Draw what the SVG's dark path says."""
    root = ET.fromstring(svg)
    side = int(root.attrib["viewBox"].split()[2])
    image = Image.new("L", (side * scale, side * scale), 255)
    pen = ImageDraw.Draw(image)
    for x, y, width in (map(int, run) for run in RUN.findall(root[1].attrib["d"])):
        pen.rectangle((x * scale, y * scale, (x + width) * scale - 1, (y + 1) * scale - 1), fill=0)
    return image


@settings(max_examples=20, deadline=None)
@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-", min_size=1, max_size=160))
def test_what_is_drawn_is_read(text: str) -> None:
    (found,) = zxingcpp.read_barcodes(drawn(qr_svg(text, label="QR")))
    assert found.text == text


def test_the_code_of_a_ticket_stays_small() -> None:
    # 33 modules (version 4) and the white around them: readable off a cheap phone.
    assert 'viewBox="0 0 41 41"' in qr_svg(TICKET, label="QR")


def test_the_picture_has_a_name_and_no_style() -> None:
    root = ET.fromstring(qr_svg(TICKET, label='código "QR" <b>'))
    assert (root.attrib["role"], root.attrib["aria-label"]) == ("img", 'código "QR" <b>')
    assert {name for element in root.iter() for name in element.attrib} == {
        *("role", "aria-label", "viewBox", "shape-rendering"),
        *("fill", "d"),
    }


def test_what_is_not_of_the_alphabet_is_refused() -> None:
    with pytest.raises(ValueError, match="can not be represented"):
        qr_svg("ñandú", label="QR")


@settings(max_examples=20, deadline=None)
@given(st.text("ABCDEFXYZabcdefxyz0123456789-_", min_size=43, max_size=43))
def test_an_address_with_small_letters_is_drawn_as_it_is(token: str) -> None:
    address = f"https://asamblea.example.org/es/card/{token}"
    (found,) = zxingcpp.read_barcodes(drawn(link_qr_svg(address, label="QR")))
    assert found.text == address


def test_the_code_of_a_card_fits_a_card() -> None:
    # 41 modules (version 6) and the white around them: on 40 millimetres each is 0.8 wide.
    address = f"https://asamblea.example.org/es/card/{'x' * 43}"
    assert 'viewBox="0 0 45 45"' in link_qr_svg(address, label="QR")
