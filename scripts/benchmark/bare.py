"""The floor of the catalogue: one query, 24 cards, plain Flask; no extension, no language, no header of ours."""

import os

import psycopg_pool
from flask import Flask, render_template_string

_QUERY = "SELECT activity_ref, title, host_party, technology FROM activity ORDER BY activity_ref LIMIT 24"
_PAGE = """<!doctype html><html lang="en"><head><title>Activities</title></head><body><h1>Activities</h1>
{% for reference, title, host, technology in rows %}<article><h2><a href="/{{ reference }}">{{ title }}</a></h2>
<p>{{ host }} {{ technology }}</p></article>{% endfor %}</body></html>"""

app = Flask(__name__)
pool = psycopg_pool.ConnectionPool(os.environ["DATABASE_URL"], min_size=8, max_size=8, open=True)


@app.get("/")
def page() -> str:
    """24 cards."""
    with pool.connection() as connection:
        rows = connection.execute(_QUERY).fetchall()
    return render_template_string(_PAGE, rows=rows)
