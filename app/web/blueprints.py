"""Every blueprint and where it hangs."""

from flask import Flask

from app.web import front, health
from app.web.account import blueprint as account
from app.web.admin import blueprint as admin
from app.web.provider import blueprint as provider
from app.web.public import blueprint as public
from app.web.sign_in import blueprint as sign_in
from app.web.webhooks import blueprint as webhooks


def init_app(app: Flask) -> None:
    app.register_blueprint(front.blueprint)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(public.blueprint)
    app.register_blueprint(public.without_language)
    app.register_blueprint(sign_in.blueprint)
    app.register_blueprint(sign_in.without_language)
    app.register_blueprint(account.blueprint)
    app.register_blueprint(provider.blueprint)
    app.register_blueprint(admin.blueprint)
    app.register_blueprint(webhooks.blueprint)
