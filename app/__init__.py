"""The voluntary cancellation platform. `app.factory.create_app` builds the web application."""
