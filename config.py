"""One class a situation. Every setting is documented here; nothing secret has a default in production."""

from __future__ import annotations

import contextlib
import os
import secrets
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from environment import UNITS, length, limit, number, required, switch, text

ROOT = Path(__file__).resolve().parent
INSTANCE = Path(os.environ.get("ASAMBLEA_INSTANCE", ROOT / "instance")).resolve()


# Shorter keys could be guessed, and with the key every cookie, ticket and code.
SHORTEST_SECRET = 32


def make_instance() -> Path:
    """Return the one folder that is written to, made on the first start; who may not write there is told."""
    problem = ""
    try:
        INSTANCE.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        problem = f"it cannot be made ({error.strerror})"
    else:
        if not os.access(INSTANCE, os.R_OK | os.W_OK | os.X_OK):
            problem = "it belongs to another user"
    if problem:
        raise RuntimeError(f"ASAMBLEA_INSTANCE={INSTANCE}: {problem}; see docs/operating.md#the-folder")
    return INSTANCE


def _kept_secret(path: Path) -> str:
    """Read the secret at `path`, drawing it on the first start (readable by its owner only)."""
    make_instance()
    if not path.exists():
        # Written aside and linked into place: another process sees the whole secret or none.
        aside = path.with_name(f"{path.name}.{os.getpid()}")
        with os.fdopen(os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
        with contextlib.suppress(FileExistsError):
            os.link(aside, path)
        aside.unlink()
    try:
        secret = path.read_text().strip()
    except PermissionError as error:
        raise RuntimeError(f"{path}: it belongs to another user; see docs/operating.md#the-folder") from error
    return _long_enough(secret, str(path))


def _long_enough(secret: str, where: str) -> str:
    if len(secret) < SHORTEST_SECRET:
        raise RuntimeError(f"{where}: a secret needs {SHORTEST_SECRET} characters; see docs/production.md")
    return secret


def _old_secrets() -> tuple[str, ...]:
    listed = filter(None, map(str.strip, os.environ.get("ASAMBLEA_OLD_SECRET_KEYS", "").split(",")))
    return tuple(_long_enough(secret, "ASAMBLEA_OLD_SECRET_KEYS") for secret in listed)


class Configuration:
    """What every situation shares. Any setting may be overridden by keyword: `Testing(MAIL_SERVER=…)`."""

    # Signs cookies, tokens and tickets. It is changed by steps: docs/operating.md.
    SECRET_KEY: str = ""
    # Secrets of before, the newest first: what they signed is still recognised, and nothing new is signed.
    SECRET_KEY_FALLBACKS: tuple[str, ...] = ()
    # The same for forms that were open when the secret was changed; the one that signs stands last.
    WTF_CSRF_SECRET_KEY: list[str]
    # The first is the language of a reader who asks for neither.
    LANGUAGES: tuple[str, ...] = ("es", "en")
    # True when the public address is https: Secure cookies with the __Host- prefix, and HSTS.
    HTTPS: bool = False
    # How many reverse proxies in front may be believed about the client's address and scheme.
    TRUSTED_PROXIES: int = 0
    # Host names that requests may be addressed to; None: any, for a machine of one's own.
    TRUSTED_HOSTS: list[str] | None = None
    # Address of the site in mails, where no request tells it: "https://asamblea.example.org".
    PUBLIC_URL: str = "http://127.0.0.1:8000"
    # Where readers get the source of what runs here; shown at the foot of every page. "": nothing is shown.
    # The AGPL (section 13) asks whoever serves a modified version to offer its source: set it then.
    SOURCE_URL: str = ""
    # The demonstration: /dev/ pages exist, and the cast may sign in from a list.
    DEMO: bool = False

    SQLALCHEMY_DATABASE_URI: str = ""
    # A statement that fails is logged without the names and addresses in it.
    SQLALCHEMY_ENGINE_OPTIONS: dict[str, object] = {"hide_parameters": True}

    # Largest request body; a registration or a summary is far below it.
    MAX_CONTENT_LENGTH: int = 256 * 1024
    MAX_FORM_MEMORY_SIZE: int = 256 * 1024
    MAX_FORM_PARTS: int = 500
    # Pages stay open all day; the token dies with the session, not with an hour.
    WTF_CSRF_TIME_LIMIT: int | None = None
    # The Referer is checked by Flask-WTF only over https; we send Referrer-Policy: same-origin.
    WTF_CSRF_SSL_STRICT: bool = True

    SESSION_COOKIE_NAME: str = "asamblea"
    SESSION_COOKIE_HTTPONLY: bool = True
    SESSION_COOKIE_SAMESITE: str = "Lax"
    SESSION_COOKIE_SECURE: bool = False
    # The cookie may outlive the sign-in that it speaks for; the limits below decide.
    PERMANENT_SESSION_LIFETIME: timedelta = timedelta(days=31)
    # The cookie is refreshed by activity only where something changes in it.
    SESSION_REFRESH_EACH_REQUEST: bool = False

    # How long one stays signed in without doing anything, and at most. A phone is signed in once for the
    # whole weekend; staff, who see names, are signed out sooner.
    ATTENDEE_SIGN_IN_IDLE: timedelta = timedelta(days=10)
    ATTENDEE_SIGN_IN_LIFETIME: timedelta = timedelta(days=30)
    STAFF_SIGN_IN_IDLE: timedelta = timedelta(hours=3)
    STAFF_SIGN_IN_LIFETIME: timedelta = timedelta(hours=14)
    # A dangerous act (naming organizers, exports of people, one's own keys) needs a proof no older than this.
    PROOF_LASTS: timedelta = timedelta(minutes=15)
    # What was typed into a form that needed a sign-in first waits this long.
    KEPT_FORM_LIFETIME: timedelta = timedelta(minutes=45)
    # An access card opens nothing after this; a phone that it has opened is signed in as any other.
    CARD_LIFETIME: timedelta = timedelta(days=21)
    # An invitation's link lives this long; after it, the usual code does.
    INVITATION_LIFETIME: timedelta = timedelta(days=3)

    # The link that `flask conference create-organizer` prints lives this long.
    CONSOLE_LINK_LIFETIME: timedelta = timedelta(hours=1)

    # A sign-in link or code lives this long, and a code dies after this many wrong tries.
    SIGN_IN_LIFETIME: timedelta = timedelta(minutes=20)
    SIGN_IN_TRIES: int = 5
    # Mails asking to sign in, per account and hour, however many networks they come from: past it nothing is
    # sent, and nobody is told. It keeps an inbox from being filled.
    SIGN_IN_MAILS_PER_HOUR: int = 12

    # How long is kept what is known of people; read in conference.web.retention alone, and shown to everybody
    # on each conference's page of what is forgotten when. Longer than this is not what PRIVACY promises:
    # whoever has registered was told a day, so lengthen nothing while anybody is registered.
    # Counted in days from the last day of a conference, in the calendar of its venue. Names, addresses,
    # phones, answers, bookings, groups, accounts:
    KEEP_PEOPLE: timedelta = timedelta(days=30)
    # Access needs.
    KEEP_NEEDS: timedelta = timedelta(days=7)
    # Scans at doors of whoever is not a delegate; each door keeps the sum.
    KEEP_SCANS: timedelta = timedelta(days=7)
    # Presence of delegates in sittings, and who of them voted for a seat.
    KEEP_PRESENCES: timedelta = timedelta(days=30)
    # Counted from their own moment. Links and codes that open nothing any more:
    KEEP_SIGN_IN_CODES: timedelta = timedelta(days=1)
    # Requests for exports of people, with their reasons.
    KEEP_APPROVALS: timedelta = timedelta(days=30)
    # Recipient and words of mails that could not be sent; sent ones have neither.
    KEEP_GIVEN_UP: timedelta = timedelta(days=3)
    # Entries of the outbox, and mails in the folder of MAIL_SERVER, where it names one.
    KEEP_MESSAGES: timedelta = timedelta(days=30)
    # Files that long tasks made (exports, badges), and that there were such tasks.
    KEEP_JOB_FILES: timedelta = timedelta(hours=24)
    KEEP_JOBS: timedelta = timedelta(days=30)

    # Exports of people exist only where the operator has switched them on; each needs two organizers.
    EXPORT_PEOPLE: bool = False
    # Badges of everybody on sheets: what a conference needs anyway, so they are on; each printing needs two
    # organizers too. Off, the desk still prints the badge of whoever stands there.
    PRINT_BADGES: bool = True

    # Where what is to be done (mails, imports, forgetting) waits for a worker: "sqlite:///file", "redis://…"
    # or "postgresql://…". It carries numbers of rows only, and may be lost. "": nothing is done by itself.
    QUEUE: str = ""
    # How often each worker looks for what the queue has lost, and for what is due by now.
    QUEUE_SWEEP_SECONDS: int = 20

    # Limits per network address; memory:// counts per process, so several workers need redis://.
    RATELIMIT_ENABLED: bool = True
    RATELIMIT_STORAGE_URI: str = "memory://"
    RATELIMIT_STORAGE_OPTIONS: dict[str, object] = {}
    # While Redis is away each process counts for itself, and nobody is turned away because of it.
    RATELIMIT_IN_MEMORY_FALLBACK_ENABLED: bool = True
    # How long to wait is told to whoever has to wait, and in one place: conference.web.errors.
    RATELIMIT_HEADERS_ENABLED: bool = False
    # How long another process may count in memory beside this one before the operator is warned: longer than
    # a web server takes to replace its processes.
    COUNTING_PATIENCE: timedelta = timedelta(seconds=45)
    # Generous: a whole hall signs in from one address. Guessing is held off by the tries of each code.
    LIMIT_SIGN_IN: str = "60 per minute; 900 per hour"
    # Codes typed, right or wrong; each code dies after SIGN_IN_TRIES. Links are not limited: 256 bits.
    LIMIT_CODE: str = "240 per minute; 6000 per hour"
    LIMIT_REGISTER: str = "60 per minute; 1000 per hour"
    LIMIT_TICKET: str = "120 per minute"
    LIMIT_DOOR: str = "240 per minute"
    # Limits per address (its digest), whether it is known or not.
    # Mails asked for by one address in one network; the answer says how long to wait. Counted for each
    # network apart: a stranger who knows the address does not keep its owner out.
    LIMIT_SIGN_IN_ADDRESS: str = "5 per hour"
    # Tickets mailed to one address from one network, so that a stranger does not keep its owner out; and from
    # however many networks, so that its inbox does not fill. Whoever is refused registers without an address.
    LIMIT_REGISTER_ADDRESS: str = "6 per hour"
    LIMIT_REGISTER_ADDRESS_ANYWHERE: str = "30 per hour"
    # Wrong codes for one address in one network, or for one account. From many networks at once the tries of
    # each code (SIGN_IN_TRIES for the browser that asked, as many for all others) and the mails of an hour
    # hold guessing off: 120 tries an hour of 10^8 codes, which takes a century.
    LIMIT_WRONG_CODE: str = "15 per hour; 60 per day"
    # Wrong card codes typed from one network, which may be a whole hall's: of 25^10 codes that guesses none.
    LIMIT_CARD: str = "120 per minute; 3000 per hour"
    # Forms kept for one network while somebody signs in; past it they are not kept, and nobody is refused.
    LIMIT_KEPT_FORM: str = "60 per minute; 600 per hour"
    # Acts (POST) of one account: one phone at each of several doors stays far below.
    LIMIT_ACCOUNT: str = "240 per minute"
    # People that one account looks for at the desk: more than a queue asks for, fewer than a list needs.
    LIMIT_DESK_SEARCH: str = "60 per 10 minutes"

    # "file:///…" keeps mails in a folder; "smtp://user:password@host:587" and "smtps://…" send them.
    MAIL_SERVER: str = ""
    MAIL_SENDER: str = "asamblea@localhost"
    # The mailbox that mails come back to, "bounces@example.org"; each gets a tag, "bounces+<reference>@…",
    # by which `flask mail bounce` knows it. "": they come back to the sender.
    MAIL_BOUNCE_ADDRESS: str = ""

    # One line a request on standard error: method, route, status, milliseconds; never who or what.
    LOG_REQUESTS: bool = False

    def __init__(self, **overrides: object) -> None:
        for name, value in overrides.items():
            if not hasattr(type(self), name):
                raise TypeError(f"no such setting: {name}")
            setattr(self, name, value)
        if self.SECRET_KEY_FALLBACKS:
            self.WTF_CSRF_SECRET_KEY = [*reversed(self.SECRET_KEY_FALLBACKS), self.SECRET_KEY]
        if self.RATELIMIT_STORAGE_URI.startswith("redis") and not self.RATELIMIT_STORAGE_OPTIONS:
            # A Redis that is away must not hold up requests.
            self.RATELIMIT_STORAGE_OPTIONS = {"socket_connect_timeout": 1, "socket_timeout": 1}
        longest = max(self.ATTENDEE_SIGN_IN_LIFETIME, self.STAFF_SIGN_IN_LIFETIME)
        self.PERMANENT_SESSION_LIFETIME = max(self.PERMANENT_SESSION_LIFETIME, longest + timedelta(days=1))
        if self.HTTPS:
            self.SESSION_COOKIE_SECURE = True
            self.SESSION_COOKIE_NAME = "__Host-asamblea"


class Served(Configuration):
    """A site that is served: what every one of them reads from the environment; the rest is its default."""

    def __init__(self, **overrides: object) -> None:
        self.SECRET_KEY_FALLBACKS = _old_secrets()
        self.SQLALCHEMY_DATABASE_URI = text("ASAMBLEA_DATABASE", self.SQLALCHEMY_DATABASE_URI)
        self.MAIL_SERVER = text("ASAMBLEA_MAIL", self.MAIL_SERVER)
        self.MAIL_SENDER = text("ASAMBLEA_MAIL_SENDER", self.MAIL_SENDER)
        self.MAIL_BOUNCE_ADDRESS = text("ASAMBLEA_MAIL_BOUNCES", self.MAIL_BOUNCE_ADDRESS)
        self.PUBLIC_URL = text("ASAMBLEA_URL", self.PUBLIC_URL)
        self.SOURCE_URL = text("ASAMBLEA_SOURCE_URL", self.SOURCE_URL)
        self.TRUSTED_PROXIES = number("ASAMBLEA_PROXIES", self.TRUSTED_PROXIES, least=0)
        self.EXPORT_PEOPLE = switch("ASAMBLEA_EXPORT_PEOPLE", default=self.EXPORT_PEOPLE)
        self.PRINT_BADGES = switch("ASAMBLEA_PRINT_BADGES", default=self.PRINT_BADGES)
        self.RATELIMIT_STORAGE_URI = text("ASAMBLEA_REDIS", self.RATELIMIT_STORAGE_URI)
        shared = text("ASAMBLEA_REDIS", f"sqlite:///{INSTANCE / 'queue.sqlite'}")
        self.QUEUE = text("ASAMBLEA_QUEUE", shared)
        self.QUEUE_SWEEP_SECONDS = number("ASAMBLEA_QUEUE_SWEEP_SECONDS", self.QUEUE_SWEEP_SECONDS)
        self.SIGN_IN_TRIES = number("ASAMBLEA_SIGN_IN_TRIES", self.SIGN_IN_TRIES)
        self.SIGN_IN_MAILS_PER_HOUR = number("ASAMBLEA_SIGN_IN_MAILS_PER_HOUR", self.SIGN_IN_MAILS_PER_HOUR)
        for name, unit in UNITS.items():
            setattr(self, name, length(f"ASAMBLEA_{name}_{unit.upper()}", getattr(self, name), unit=unit))
        for name in (name for name in vars(Configuration) if name.startswith("LIMIT_")):
            setattr(self, name, limit(f"ASAMBLEA_{name}", getattr(self, name)))
        super().__init__(**overrides)


class Embedded(Served):
    """One machine, one command: SQLite, the mails and the secret lie in the folder of ASAMBLEA_INSTANCE."""

    SQLALCHEMY_DATABASE_URI = f"sqlite:///{INSTANCE / 'asamblea.sqlite'}"
    MAIL_SERVER = f"file://{INSTANCE / 'mail'}"

    def __init__(self, **overrides: object) -> None:
        self.SECRET_KEY = os.environ.get("ASAMBLEA_SECRET_KEY") or _kept_secret(INSTANCE / "secret_key")
        self.HTTPS = switch("ASAMBLEA_HTTPS", default=self.HTTPS)
        super().__init__(**overrides)


class Demo(Embedded):
    """The demonstration of `make demo`: sample data, its own database, mails readable at /dev/mail."""

    DEMO = True

    def __init__(self, **overrides: object) -> None:
        overrides.setdefault("SQLALCHEMY_DATABASE_URI", f"sqlite:///{INSTANCE / 'demo.sqlite'}")
        overrides.setdefault("MAIL_SERVER", f"file://{INSTANCE / 'demo-mail'}")
        overrides.setdefault("MAIL_SENDER", "asamblea@example.org")
        overrides.setdefault("QUEUE", f"sqlite:///{INSTANCE / 'demo-queue.sqlite'}")
        overrides.setdefault("RATELIMIT_STORAGE_URI", Configuration.RATELIMIT_STORAGE_URI)
        # Whoever asks from here is let in: a forwarded address is only what somebody says.
        overrides.setdefault("TRUSTED_PROXIES", 0)
        super().__init__(**overrides)
        # Anybody may become anybody there: never where others can reach it.
        if urlsplit(self.PUBLIC_URL).hostname not in {"127.0.0.1", "localhost"} or self.HTTPS:
            raise RuntimeError("the demonstration is for this machine alone; see docs/production.md")


class Production(Served):
    """A public site: what it cannot do without comes from the environment, and missing it stops the start."""

    HTTPS = True
    LOG_REQUESTS = True
    TRUSTED_PROXIES = 1

    def __init__(self, **overrides: object) -> None:
        self.SECRET_KEY = _long_enough(required("ASAMBLEA_SECRET_KEY"), "ASAMBLEA_SECRET_KEY")
        for name in ("ASAMBLEA_DATABASE", "ASAMBLEA_MAIL", "ASAMBLEA_MAIL_SENDER", "ASAMBLEA_URL"):
            required(name)
        super().__init__(**overrides)
        # Any other Host is refused: a forged one would stand in redirects.
        if self.TRUSTED_HOSTS is None:
            self.TRUSTED_HOSTS = [urlsplit(self.PUBLIC_URL).hostname or "", "127.0.0.1", "localhost"]


class Testing(Configuration):
    """Tests: a known key, no mail of its own accord, no limits unless a test asks for them."""

    # Its name looks like a test's; pytest is told that it is none.
    __test__ = False
    TESTING: bool = True
    SECRET_KEY = "known to every test"  # noqa: S105
    SQLALCHEMY_DATABASE_URI = "sqlite://"
    RATELIMIT_ENABLED = False
    MAIL_SENDER = "asamblea@example.org"
    PUBLIC_URL = "http://localhost"


SITUATIONS: dict[str, type[Configuration]] = {
    "embedded": Embedded,
    "demo": Demo,
    "production": Production,
    "testing": Testing,
}


def from_environment() -> Configuration:
    """Return the configuration of the situation named by ASAMBLEA_SITUATION (default: embedded)."""
    name = os.environ.get("ASAMBLEA_SITUATION", "embedded")
    if name not in SITUATIONS:
        raise RuntimeError(f"ASAMBLEA_SITUATION={name}: use one of {', '.join(SITUATIONS)}")
    return SITUATIONS[name]()
