"""For any WSGI server: `granian --interface wsgi wsgi:app`, `gunicorn wsgi:app`."""

from app import logs
from app.factory import create_app
from app.settings import load_settings

settings = load_settings()
logs.set_up(settings.log_level)
app = create_app(settings)
