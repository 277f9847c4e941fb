"""The floor of the catalogue: plain Flask, one query, 24 cards that show what the catalogue's show.

The same models, sessions, pictures, Jinja and server; no filters, counts, languages, cookies, headers or log lines.
"""

import os

from flask import Flask, render_template
from sqlalchemy import select

from app.database import make_engine, make_reading_sessions
from app.domain.catalogue.models import Activity, Block, Mandate
from app.domain.offers.models import Offer, OfferState
from app.web.support.scenes import scene

_QUERY = (
    select(Activity, Block, Offer)
    .join(Block, Block.activity_ref == Activity.activity_ref)
    .join(Mandate, Mandate.block_id == Block.block_id)
    .join(Offer, Offer.mandate_id == Mandate.mandate_id)
    .where(Offer.state == OfferState.PUBLISHED)
    .distinct(Activity.activity_ref)
    .order_by(Activity.activity_ref, Offer.price_minor)
    .limit(24)
)

app = Flask(__name__)
app.jinja_env.globals["scene"] = scene
reading = make_reading_sessions(make_engine(os.environ["DATABASE_URL"]))


@app.get("/")
def page() -> str:
    """24 cards."""
    with reading() as session:
        return render_template("bare.html", rows=session.execute(_QUERY).all())
