"""The application factory: the one place that knows every room of the house."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

import conference.models  # noqa: F401 - registers every table
from conference import blueprints, cli
from conference.extensions import csrf, db, htmx, limiter, migrate, steady_sqlite
from conference.web import (
    agreement_wording,
    compression,
    content,
    context,
    cookies,
    csp,
    decision_wording,
    errors,
    kept_forms,
    languages,
    limits,
    locale,
    logs,
    places_of_origin,
    postman,
    queue,
    set_up,
    sign_ins,
    statics,
    transaction,
    wording,
)
from config import INSTANCE, ROOT, from_environment, make_instance

if TYPE_CHECKING:
    from config import Configuration


def build(configuration: Configuration | None = None) -> Flask:
    """Build the application for one configuration; `flask` and gunicorn take it from the environment."""
    app = Flask("conference", instance_path=str(INSTANCE))
    app.config.from_object(configuration or from_environment())
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    # As the catalogues are extracted: a {% trans %} over several lines is one line.
    app.jinja_env.policies["ext.i18n.trimmed"] = True
    if not app.testing:
        # Databases, journals and mails that this process makes are its owner's alone.
        os.umask(0o077)
    make_instance()
    if app.config["TRUSTED_PROXIES"]:
        hops = app.config["TRUSTED_PROXIES"]
        # Not the host: the proxy passes it on, and TRUSTED_HOSTS knows which are ours.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]
    _bind_extensions(app)
    # Order matters to before_request: the reader's transaction starts before the first query.
    for room in (
        cookies,
        csp,
        compression,
        statics,
        transaction,
        locale,
        sign_ins,
        kept_forms,
        limits,
        wording,
        languages,
        places_of_origin,
        agreement_wording,
        decision_wording,
        content,
        context,
        set_up,
        logs,
        errors,
    ):
        room.init_app(app)
    blueprints.init_app(app)
    cli.init_app(app, build)
    postman.init_app(app)
    queue.init_app(app)
    return app


def _bind_extensions(app: Flask) -> None:
    db.init_app(app)
    with app.app_context():
        steady_sqlite(db.engine)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"), render_as_batch=True)
    limiter.init_app(app)
    csrf.init_app(app)
    htmx.init_app(app)
