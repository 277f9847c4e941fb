"""The paths of contract/registry-api.yaml, one file per resource."""

from flask import Flask

from sandbox.registry.api import accounts, activities, cancellations, health, mandates


def register_api(app: Flask) -> None:
    for module in (health, activities, accounts, mandates, cancellations):
        app.register_blueprint(module.pages)
