"""One page for people: what is in the books."""

from flask import Blueprint, render_template

from sandbox.registry import shapes
from sandbox.registry.operations import registry

pages = Blueprint("index", __name__)


@pages.get("/")
def index() -> str:
    with registry().store.read() as db:
        mandates = [shapes.mandate(row) for row in db.execute(f"{shapes.MANDATES} ORDER BY mandate_id")]
        without = "WHERE block_id NOT IN (SELECT block_id FROM mandate) ORDER BY block_id"
        blocks = [shapes.block(row) for row in db.execute(f"{shapes.BLOCKS} {without}")]
        newest = f"{shapes.CANCELLATIONS} ORDER BY c.change DESC LIMIT 100"
        cancellations = [shapes.cancellation(db, row) for row in db.execute(newest).fetchall()]
    return render_template("index.html", mandates=mandates, blocks=blocks, cancellations=cancellations)
