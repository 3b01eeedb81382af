"""The test client catches a GET that writes and a view that forgets to commit."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from conference.extensions import db
from tests import observation
from tests.clients import CheckedClient

WRITE = text("INSERT INTO note (body) VALUES ('uno')")
READ = text("SELECT body FROM note")


@pytest.fixture
def notes(tmp_path):
    """An application of five views, good and bad ones, on one table."""
    app = Flask("notes")
    app.config.update(TESTING=True, SQLALCHEMY_DATABASE_URI=f"sqlite:///{tmp_path / 'notes.sqlite'}")
    db.init_app(app)
    observation.watch(app)

    @app.get("/read")
    def read():
        return {"notes": list(db.session.scalars(READ))}

    @app.get("/write-by-get")
    def write_by_get():
        db.session.execute(WRITE)
        db.session.commit()
        return {}

    @app.post("/write")
    def write():
        db.session.execute(WRITE)
        db.session.commit()
        return {}

    @app.post("/forget")
    def forget():
        db.session.execute(WRITE)
        return {}

    @app.post("/refuse")
    def refuse():
        db.session.execute(WRITE)
        return {}, 409

    @app.get("/page")
    def page():
        return "<!doctype html><title>sin lengua</title><main><h1>Uno</h1></main>"

    with app.app_context():
        db.session.execute(text("CREATE TABLE note (body TEXT)"))
        db.session.commit()
        yield app
        db.engine.dispose()


@pytest.fixture
def visitor(notes):
    return CheckedClient(notes, notes.response_class, use_cookies=True)


def test_good_views_pass(visitor):
    assert visitor.post("/write").status_code == 200
    assert visitor.get("/read").json == {"notes": ["uno"]}


def test_a_get_that_writes_fails_its_test(visitor):
    with pytest.raises(AssertionError, match="GET /write-by-get writes: INSERT INTO note"):
        visitor.get("/write-by-get")


def test_a_view_that_forgets_to_commit_fails_its_test(visitor):
    with pytest.raises(AssertionError, match="POST /forget leaves uncommitted: INSERT INTO note"):
        visitor.post("/forget")


def test_a_refusal_may_drop_what_it_began(visitor):
    assert visitor.post("/refuse").status_code == 409
    assert visitor.get("/read").json == {"notes": []}


def test_a_page_with_bad_markup_fails_its_test(visitor):
    with pytest.raises(AssertionError, match="no lang on <html>"):
        visitor.get("/page")


def test_what_the_test_prepared_is_there_for_the_view(visitor, notes):
    engine = create_engine(notes.config["SQLALCHEMY_DATABASE_URI"])
    with Session(engine) as session:
        visitor.prepared = session
        session.execute(WRITE)
        assert visitor.get("/read").json == {"notes": ["uno"]}
    engine.dispose()


def test_queries_are_counted_on_every_connection(visitor):
    with observation.counted() as outer:
        visitor.get("/read")
        with observation.counted() as inner:
            visitor.post("/write")
    assert (outer, inner) == ([READ.text, WRITE.text], [WRITE.text])
