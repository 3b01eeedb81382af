"""From the desk to the phone: a card is printed, read by a camera or typed, lost, stolen, and replaced."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

import pytest
import qrcode
import zxingcpp
from PIL import Image
from playwright.sync_api import expect

from conference.domain.accounts import Role
from conference.domain.registration import Category, Purpose
from conference.domain.tickets import shown_ticket_code, ticket_code, ticket_text
from conference.services.registration import register
from conference.web.keys import key_for
from tests import browsers
from tests.browsers import Pages, accessibility_faults, sideways_scroll
from tests.factories import grant, make_conference, signed_cookie

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from flask import Flask
    from playwright.sync_api import Browser, Page
    from sqlalchemy.orm import Session

    from conference.models import Conference

NAME = "Nombre Reservado"
LANGUAGES = ["es", "en"]
WIDTH, HEIGHT = 640, 480


class Card(NamedTuple):
    """What a person holds in their hand."""

    address: str
    code: str


@pytest.fixture
def conference(session: Session) -> Conference:
    """A conference of today."""
    conference = make_conference(session, slug="muestra", first_day=datetime.now(UTC).date(), time_zone="UTC")
    session.commit()
    return conference


@pytest.fixture
def ticket(app: Flask, session: Session, conference: Conference) -> str:
    """The ticket's token of somebody without email."""
    with app.app_context():
        key = key_for("tickets")
    issued = register(
        session,
        conference_id=conference.id,
        badge_name=NAME,
        category=Category.ATTENDEE,
        language="es",
        consents={Purpose.ATTEND},
        nonce=f"{7:032x}",
        key=key,
        now=datetime.now(UTC),
    )
    session.commit()
    return issued.token


@pytest.fixture
def ticket_qr(app: Flask, ticket: str) -> str:
    """What a camera reads off the ticket."""
    with app.app_context():
        return ticket_text(ticket, conference="muestra", key=key_for("tickets"))


@pytest.fixture
def staff(app: Flask, session: Session, conference: Conference) -> Callable[[Page, Role], Page]:
    """Sign a page in as somebody who works here: `staff(page, Role.DOOR_VOLUNTEER)`."""

    def signed_in(page: Page, role: Role = Role.CREDENTIALS_COMMITTEE) -> Page:
        value = signed_cookie(app, session, grant(session, conference, role))
        cookie = {"name": app.config["SESSION_COOKIE_NAME"], "value": value, "url": app.config["PUBLIC_URL"]}
        page.context.add_cookies([cookie])
        return page

    return signed_in


@pytest.fixture
def desk(open_page: Pages, staff: Callable[..., Page]) -> Page:
    """The phone of somebody at the desk."""
    return staff(open_page())


def find(desk: Page, ticket: str, language: str = "es") -> None:
    """Type a ticket's code into the field, which is ready for it."""
    desk.goto(f"/{language}/muestra/cards")
    expect(desk.locator("#text")).to_be_focused()
    desk.keyboard.type(shown_ticket_code(ticket_code(ticket)))
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", name=NAME)).to_be_visible()


def issue(desk: Page, ticket: str, language: str = "es") -> Card:
    """Print a card, and read it with a camera's eyes."""
    find(desk, ticket, language)
    desk.locator("form[action$='/issue'] button").click()
    return read(desk)


def read(sheet: Page) -> Card:
    expect(sheet.locator(".access-card")).to_be_visible()
    picture = sheet.locator(".access-card").screenshot()
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    return Card(found.text, sheet.locator(".access-card .ticket-code").inner_text())


def enter(phone: Page, card: Card, language: str = "es") -> None:
    """Type the code of a card."""
    phone.goto(f"/{language}/card")
    phone.locator("#code").fill(card.code)
    phone.locator("form[action$='/card'] button").click()


def get_in(phone: Page, card: Card) -> None:
    """Type the code of a card that is good."""
    enter(phone, card)
    phone.wait_for_url("**/es/muestra/now")


def is_in(phone: Page, language: str = "es") -> bool:
    """Tell whether the phone is signed in, by a page that needs it."""
    phone.goto(f"/{language}/now")
    return "/sign-in" not in phone.url


# -- by code and by link -----------------------------------------------------------------------------


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_card_is_printed_at_the_desk_and_its_code_lets_a_phone_in(
    *, open_page: Pages, staff: Callable[..., Page], ticket: str, javascript: bool, language: str
) -> None:
    desk = staff(open_page(javascript=javascript))
    card = issue(desk, ticket, language)
    phone = open_page(javascript=javascript)
    enter(phone, card, language)
    expect(phone).to_have_url(f"{desk.url.split('/' + language)[0]}/{language}/muestra/now")
    find(desk, ticket, language)
    expect(desk.locator(".badge-good")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_the_link_on_a_card_opens_one_phone_and_no_second(
    *, open_page: Pages, desk: Page, ticket: str, javascript: bool
) -> None:
    card = issue(desk, ticket)
    phone, thief = open_page(javascript=javascript), open_page(javascript=javascript)
    for page in (phone, thief):
        page.goto(card.address)
    phone.locator("form[action*='/card/'] button").click()
    expect(phone).to_have_url(f"{card.address.split('/es/')[0]}/es/muestra/now")
    thief.locator("form[action*='/card/'] button").click()
    expect(thief.locator("main h1")).to_be_visible()
    assert (is_in(phone), is_in(thief)) == (True, False)


def test_a_photographed_card_opens_nothing_after_use_by_code_either(
    open_page: Pages, desk: Page, ticket: str
) -> None:
    card = issue(desk, ticket)
    get_in(open_page(), card)
    thief = open_page()
    enter(thief, card)
    expect(thief.locator("#code-error")).to_be_visible()
    # What was typed stands there still, and the fault is named beside it.
    expect(thief.locator("#code")).to_have_value(card.code)
    assert not is_in(thief)


def test_a_lost_phone_is_signed_out_when_the_desk_prints_a_new_card(
    open_page: Pages, desk: Page, ticket: str
) -> None:
    first = issue(desk, ticket)
    lost = open_page()
    get_in(lost, first)
    assert is_in(lost)
    second = issue(desk, ticket)
    assert not is_in(lost)
    enter(lost, first)
    expect(lost.locator("#code-error")).to_be_visible()
    new = open_page()
    get_in(new, second)
    assert (second.code != first.code, is_in(new)) == (True, True)


def test_a_wrong_code_is_said_so_and_can_be_corrected(open_page: Pages, desk: Page, ticket: str) -> None:
    card = issue(desk, ticket)
    phone = open_page()
    enter(phone, Card(card.address, "22222-22222"))
    expect(phone.get_by_role("alert").first).to_be_focused()
    phone.locator("#code").fill(card.code.lower())
    phone.keyboard.press("Enter")
    expect(phone).to_have_url(f"{card.address.split('/es/')[0]}/es/muestra/now")


# -- paper -------------------------------------------------------------------------------------------


def test_what_is_printed_is_the_card_and_the_steps(desk: Page, ticket: str) -> None:
    card = issue(desk, ticket)
    desk.set_viewport_size({"width": 720, "height": 960})
    desk.emulate_media(media="print")
    assert read(desk) == card
    shown = desk.locator("main :is(h1, h2, form, button, .notice)").filter(visible=True)
    assert [heading.evaluate("node => node.id") for heading in shown.all()] == ["steps-es", "steps-en"]
    size = desk.locator(".access-card").bounding_box()
    # 85 × 54 millimetres at 96 dots an inch.
    assert (round(size["width"]), round(size["height"])) == (321, 204)
    assert NAME not in desk.locator("main").inner_text()
    assert desk.locator(".card-steps").bounding_box()["height"] < 700


def test_after_printing_the_field_is_ready_for_the_next_person(desk: Page, ticket: str) -> None:
    issue(desk, ticket)
    expect(desk.locator("#text")).not_to_be_focused()
    desk.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(desk.locator("#text")).to_be_focused()
    desk.keyboard.type(ticket_code(ticket))
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("heading", name=NAME)).to_be_visible()


def test_the_pages_are_for_everybody(open_page: Pages, staff: Callable[..., Page], ticket: str) -> None:
    desk, phone = staff(open_page(width=320)), open_page(width=320)
    faults: dict[str, list[str]] = {}

    def look(name: str, page: Page) -> None:
        wide = [f"scrolls sideways by {sideways_scroll(page)}"] if sideways_scroll(page) else []
        if found := accessibility_faults(page) + wide:
            faults[name] = found

    desk.goto("/es/muestra/cards")
    look("desk", desk)
    find(desk, ticket)
    look("found", desk)
    card = issue(desk, ticket)
    look("sheet", desk)
    find(desk, ticket)
    look("found again", desk)
    for name, address in (("scan", "/en/card"), ("card", card.address), ("sign in", "/es/sign-in")):
        phone.goto(address)
        look(name, phone)
    enter(phone, Card("", "wrong"))
    expect(phone.locator("#code-error")).to_be_visible()
    look("wrong", phone)
    assert faults == {}


# -- the camera --------------------------------------------------------------------------------------


@pytest.fixture
def launch(browser: Browser, browser_executable: str, live_server: str) -> Iterator[Callable[..., Pages]]:
    """Launch browsers of their own, with arguments about their camera: `launch("--use-fake-…")`."""
    launched: list[tuple[Browser, Pages]] = []

    def launch(*arguments: str) -> Pages:
        own = browser.browser_type.launch(
            executable_path=browser_executable, args=[*browsers.ARGUMENTS, *arguments]
        )
        launched.append((own, Pages(own, live_server)))
        return launched[-1][1]

    yield launch
    problems = [problem for _, pages in launched for problem in pages.close()]
    for own, _ in launched:
        own.close()
    assert problems == []


class Camera:
    """What the camera of a phone sees: a film in a file takes the place of the lens."""

    def __init__(self, launch: Callable[..., Pages], film: Path) -> None:
        self.film = film
        self.show("nothing of ours")
        self.pages = launch(
            "--use-fake-ui-for-media-stream",
            "--use-fake-device-for-media-stream",
            f"--use-file-for-fake-video-capture={film}",
        )

    def show(self, text: str) -> None:
        """Hold a code before the lens: three frames of grey paper with it (Y4M, 4:2:0)."""
        picture = Image.new("L", (WIDTH, HEIGHT), 200)
        drawing = qrcode.make(text, box_size=1, border=4).convert("L")
        side = (HEIGHT - 60) // drawing.width * drawing.width
        picture.paste(drawing.resize((side, side), Image.Resampling.NEAREST), ((WIDTH - side) // 2, 30))
        colourless = bytes([128]) * (WIDTH * HEIGHT // 2)
        frame = b"FRAME\n" + picture.tobytes() + colourless
        header = f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode()
        self.film.write_bytes(header + frame * 3)


@pytest.fixture
def camera(launch: Callable[..., Pages], tmp_path: Path) -> Camera:
    """Phones with a camera."""
    return Camera(launch, tmp_path / "qr.y4m")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_camera_reads_a_card_and_lets_the_phone_in(
    camera: Camera, desk: Page, ticket: str, language: str
) -> None:
    card = issue(desk, ticket)
    camera.show(card.address)
    phone = camera.pages()
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))
    phone.goto(f"/{language}/card?next=/{language}/muestra/votes")
    start = phone.locator("[data-scan-start]")
    expect(start).to_be_visible()
    loaded = [url for url in asked if "zxing" in url or "scan-worker" in url]
    assert loaded == []
    start.click()
    phone.wait_for_url(f"{card.address}?next=/{language}/muestra/votes")
    assert [url for url in asked if ".wasm" in url] != []
    phone.locator("form[action*='/card/'] button").click()
    phone.wait_for_url(f"**/{language}/muestra/votes")
    assert is_in(phone)


# No Chromium of this system has one: what Android's would answer.
OWN_DETECTOR = """
window.BarcodeDetector = class {
  static getSupportedFormats() { return Promise.resolve(["aztec", "qr_code"]); }
  detect(video) { return Promise.resolve(video.videoWidth ? [{rawValue: "%s"}] : []); }
};
"""


def test_a_browser_that_reads_codes_itself_loads_no_decoder(camera: Camera, desk: Page, ticket: str) -> None:
    card = issue(desk, ticket)
    phone = camera.pages()
    phone.add_init_script(OWN_DETECTOR % card.address)
    asked: list[str] = []
    phone.on("request", lambda request: asked.append(request.url))
    phone.goto("/es/card")
    phone.locator("[data-scan-start]").click()
    phone.wait_for_url(card.address)
    assert [url for url in asked if "zxing" in url or "scan-worker" in url] == []


def test_the_camera_finds_a_person_for_the_desk(
    camera: Camera, staff: Callable[..., Page], ticket_qr: str
) -> None:
    camera.show(ticket_qr)
    desk = staff(camera.pages())
    desk.goto("/es/muestra/cards")
    desk.locator("[data-scan-start]").click()
    expect(desk.get_by_role("heading", name=NAME)).to_be_visible()


def test_the_camera_checks_people_in_at_the_door_and_stays_on(
    camera: Camera, staff: Callable[..., Page], ticket_qr: str
) -> None:
    camera.show(ticket_qr)
    door = staff(camera.pages(), Role.DOOR_VOLUNTEER)
    door.goto("/es/muestra/door")
    door.locator("[data-scan-start]").click()
    expect(door.locator("#outcome .notice-good")).to_contain_text(NAME)
    # The code is still before the lens, and is not sent again.
    ready = door.locator("[data-scan]").get_attribute("data-words-looking")
    expect(door.locator("[data-scan-status]")).to_have_text(ready)
    expect(door.locator("#outcome .notice-good")).to_contain_text(NAME)
    expect(door.locator("video")).to_be_visible()
    expect(door.locator("#text")).not_to_be_focused()


@pytest.mark.parametrize(
    "text",
    [
        "https://elsewhere.example/es/card/" + "A" * 43,
        "{own}/es/sign-out",
        "{own}/es/card/" + "A" * 43 + "?next=https://elsewhere.example",
        "javascript:alert(1)",
        "A1:MUESTRA:UOISLJDYC7N6CSRXI7ISDBDAXM:37KA2JBBBUHKMSRXMWTSBAE7JQ",
    ],
)
def test_another_code_opens_nothing(
    camera: Camera, live_server: str, conference: Conference, text: str
) -> None:
    camera.show(text.format(own=live_server))
    phone = camera.pages()
    phone.goto("/es/card")
    phone.locator("[data-scan-start]").click()
    words = phone.locator("[data-scan]").get_attribute("data-words-other")
    expect(phone.locator("[data-scan-status]")).to_have_text(words)
    assert phone.url == f"{live_server}/es/card"
    phone.locator("[data-scan-stop]").click()


def test_the_camera_goes_off_when_it_is_told_and_when_nobody_looks(
    camera: Camera, conference: Conference
) -> None:
    phone = camera.pages()
    phone.goto("/es/card")
    video, start = phone.locator("video"), phone.locator("[data-scan-start]")
    is_off = "video => video.srcObject === null"
    track = "video => { window.track = video.srcObject.getTracks()[0]; return window.track.readyState; }"

    start.click()
    expect(phone.locator("[data-scan-stop]")).to_be_focused()
    expect(video).to_have_js_property("readyState", 4)
    assert video.evaluate(track) == "live"
    phone.locator("[data-scan-stop]").click()
    expect(start).to_be_focused()
    assert (video.evaluate(is_off), phone.evaluate("window.track.readyState")) == (True, "ended")

    start.click()
    expect(video).to_have_js_property("readyState", 4)
    assert video.evaluate(track) == "live"
    # As when another tab is opened over it.
    phone.evaluate(
        "Object.defineProperty(document, 'hidden', {value: true});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    expect(start).to_be_visible()
    assert (video.evaluate(is_off), phone.evaluate("window.track.readyState")) == (True, "ended")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--use-fake-ui-for-media-stream=deny", "--use-fake-device-for-media-stream"], "refused"),
        (["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream=device-count=0"], "none"),
    ],
)
def test_a_phone_without_a_camera_is_told_to_type(
    launch: Callable[..., Pages], conference: Conference, arguments: list[str], words: str
) -> None:
    phone = launch(*arguments)()
    phone.goto("/es/card")
    phone.locator("[data-scan-start]").click()
    said = phone.locator("[data-scan]").get_attribute(f"data-words-{words}")
    expect(phone.locator("[data-scan-status]")).to_have_text(said)
    expect(phone.locator("[data-scan-start]")).to_be_visible()
    expect(phone.locator("video")).to_be_hidden()


def test_without_script_there_is_no_camera_to_tap(open_page: Pages, conference: Conference) -> None:
    phone = open_page(javascript=False)
    phone.goto("/es/card")
    expect(phone.locator("[data-scan-start]")).to_be_hidden()
    expect(phone.locator("#code")).to_be_visible()
