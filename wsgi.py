"""For any WSGI server: `granian --interface wsgi wsgi:app`, `gunicorn wsgi:app`."""

import gc

from app import logs
from app.factory import create_app
from app.settings import load_settings

settings = load_settings()
logs.set_up(settings.log_level)
app = create_app(settings)

# What is there now stays for good. The garbage collector need not look through it again and again, which would
# take a sixth of the time that the catalogue takes.
gc.collect()
gc.freeze()
