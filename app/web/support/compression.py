"""Pages go out compressed; the static files are compressed once, when they are built."""

from flask import Flask
from flask_compress import Compress


def init_app(app: Flask) -> None:
    app.config.update(
        COMPRESS_ALGORITHM=["br", "gzip"],
        COMPRESS_BR_LEVEL=4,  # 11 costs more time than it saves on a page made for one reader
        COMPRESS_MIMETYPES=["text/html", "application/json", "image/svg+xml"],
        COMPRESS_MIN_SIZE=500,
    )
    Compress(app)
