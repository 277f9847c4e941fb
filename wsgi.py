"""For any WSGI server: `granian --interface wsgi wsgi:app`, `gunicorn wsgi:app`."""

import gc

# Everything that is loaded from here on stays, so that there is no garbage to look for until the end.
gc.disable()

from app import logs  # noqa: E402
from app.factory import create_app  # noqa: E402
from app.settings import load_settings  # noqa: E402

settings = load_settings()
logs.set_up(settings.log_level)
app = create_app(settings)

# What is there now stays for good. The garbage collector need not look through it again and again, which would
# take a sixth of the time that the catalogue takes.
gc.collect()
gc.freeze()
gc.enable()
