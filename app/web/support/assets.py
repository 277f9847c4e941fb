"""Stylesheets, scripts and icons: built by scripts/build_assets.py, served by WhiteNoise, kept for ever.

A name carries a hash of its content, so a browser never has to ask again and never has an old one.
"""

import json
from pathlib import Path
from wsgiref.headers import Headers

from flask import Flask
from whitenoise import WhiteNoise

from app import security

PREFIX = "/static/"
_HASHED = r"\.[0-9a-f]{10}\.[a-z0-9]+$"


class AssetsNotBuilt(RuntimeError):
    """There is no static/build/manifest.json."""


def init_app(app: Flask, folder: Path | None = None) -> None:
    """Serve `folder` (default: static/build beside the package) under /static/, and give pages `asset_url`.

    AssetsNotBuilt when the build has not been run: a page without its stylesheet is no page.
    """
    folder = folder or Path(app.root_path).parent / "static" / "build"
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise AssetsNotBuilt(
            f"{folder} has no manifest.json: run `npm ci`, then scripts/build_assets.py"
        ) from None
    urls = {name: PREFIX + hashed for name, hashed in manifest.items()}

    def asset_url(name: str) -> str:
        """Address of a built file by its plain name, such as "site.css". KeyError if there is none."""
        return urls[name]

    app.jinja_env.globals["asset_url"] = asset_url
    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=folder,
        prefix=PREFIX,
        immutable_file_test=_HASHED,
        allow_all_origins=False,
        add_headers_function=_add_headers,
    )


def _add_headers(headers: Headers, _path: str, _url: str) -> None:
    for name, value in security.HEADERS.items():
        headers[name] = value
