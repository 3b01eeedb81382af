"""Asamblea: the conference of hometown associations that ends in a bilateral agreement."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from config import Configuration

__all__ = ["create_app"]


def create_app(configuration: Configuration | None = None) -> Flask:
    """Build the web application; without an argument the situation named by ASAMBLEA_SITUATION."""
    # Imported here so that `conference.domain` can be used without Flask being loaded.
    from conference.application import build  # noqa: PLC0415

    return build(configuration)
