"""Find a Chromium for the tests, or install one: an installed one, else Debian's, else Playwright's own.

`CHROMIUM=/path/to/chrome` names one. Without any, the browser tests skip; with CI=true that is an error.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# It draws the same pages without windows around them, in two thirds of the time.
SHELL = "chromium-headless-shell"
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def starts(executable: str) -> bool:
    """Tell whether it is a browser; on Ubuntu `chromium-browser` may be a mere hint at a snap."""
    try:
        answer = subprocess.run(
            [executable, "--version"], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0 and "Chrom" in answer.stdout


def installed() -> Iterator[str]:
    """Yield what may be a browser on this machine, the one that was asked for first."""
    if named := os.environ.get("CHROMIUM"):
        yield named
    yield from filter(None, map(shutil.which, NAMES))


def downloaded() -> str | None:
    """Return Playwright's own Chromium where it was downloaded before."""
    # Only here: the tests' conftest asks for an installed browser on every run.
    from playwright.sync_api import sync_playwright  # noqa: PLC0415

    with sync_playwright() as playwright:
        executable = playwright.chromium.executable_path
    return executable if starts(executable) else None


def find() -> str | None:
    """Return the path of a Chromium that starts, or None."""
    return next(filter(starts, installed()), None) or downloaded()


def install_from_debian() -> None:
    """Install Debian's package where we may."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], check=False, env=quiet, stdin=subprocess.DEVNULL)
    subprocess.run(
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", SHELL],
        check=False,
        env=quiet,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


def install_from_playwright() -> None:
    """Download Playwright's own build into the user's cache."""
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=False)


WAYS: tuple[tuple[str, Callable[[], None]], ...] = (
    ("Debian's package", install_from_debian),
    ("Playwright's download", install_from_playwright),
)


def ensure() -> str | None:
    """Find a browser, or install one by the first way that works."""
    if os.environ.get("CI") == "true" and not shutil.which(SHELL):
        # Nobody's own machine: the faster one is worth a minute even where there is another.
        install_from_debian()
    if found := find():
        return found
    for name, way in WAYS:
        print(f"No Chromium found; trying {name}…\nNo se encontró Chromium; probando {name}…", flush=True)
        way()
        if found := find():
            return found
    return None


def main() -> int:
    """Say which browser the tests will drive; 1 when there is none where there must be one."""
    if found := ensure():
        print(f"Browser for the tests · Navegador de las pruebas: {found}")
        return 0
    print("Without a browser its tests are skipped · Sin navegador se omiten sus pruebas", file=sys.stderr)
    return 1 if os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main())
