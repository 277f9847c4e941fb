"""create_app(): how the web application is put together."""

from pathlib import Path

from flask import Flask
from jinja2 import StrictUndefined
from sqlalchemy import Engine

from app import errors, extensions, i18n, logs, security
from app.database import database_url, make_engine, make_reading_sessions, make_sessions
from app.sealing import Sealer
from app.settings import Settings, load_settings
from app.shells.works import Works
from app.web import blueprints
from app.web.support import (
    address,
    assets,
    claim_words,
    compression,
    console,
    filters,
    gate,
    navigation,
    offer_words,
    scenes,
    signed_in,
    site_settings,
    text_words,
    thread_words,
    visitor,
)
from app.wiring import Neighbours, connect

_ROOT = Path(__file__).parent.parent


def create_app(
    settings: Settings | None = None, *, neighbours: Neighbours | None = None, engine: Engine | None = None
) -> Flask:
    """Build the application. Without arguments everything comes from the environment.

    Raises SettingsError, which lists every missing setting, before anything is opened.
    """
    settings = settings or load_settings()
    app = Flask(__name__, static_folder=None, template_folder="templates")
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=[settings.secret_key_before] if settings.secret_key_before else None,
        TRANSLATIONS=_ROOT / "translations",
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    engine = engine or make_engine(database_url(settings))
    sealer = Sealer(settings.secret_key, before=settings.secret_key_before)
    works = Works(settings, make_sessions(engine), neighbours or connect(settings), sealer)
    app.extensions["vcp_works"] = works
    app.extensions["vcp_reading"] = make_reading_sessions(engine)
    logs.init_app(app)
    security.init_app(app)
    extensions.init_app(app)
    i18n.init_app(app)
    filters.init_app(app)
    claim_words.init_app(app)
    offer_words.init_app(app)
    text_words.init_app(app)
    thread_words.init_app(app)
    errors.init_app(app)
    blueprints.init_app(app)
    assets.init_app(app)
    navigation.init_app(app)
    scenes.init_app(app)
    site_settings.init_app(app)
    visitor.init_app(app)
    signed_in.init_app(app)
    gate.init_app(app)
    console.init_app(app)
    compression.init_app(app)
    address.init_app(app)
    return app
