"""Notifications of the neighbours: verified, stored, deferred, answered. Thought about later."""

from flask import Blueprint

blueprint = Blueprint("webhooks", __name__, url_prefix="/webhooks")
