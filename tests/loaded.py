"""What tests/forked.py forks from: every program is loaded, nothing is opened, and no thread runs."""

# ruff: noqa: F401 - to be loaded is all that they are here for
import gc
import ssl
from functools import cache

import granian.constants
import granian.server
import httpcore
import httpx
import num2words
import procrastinate.worker

import app.embedded_postgres
import app.factory
import app.integrations.documents.sign_pdf
import app.integrations.gateways.stripe.adapter
import app.integrations.identity.keycloak
import app.jobs.mails
import app.jobs.worker
import sandbox.bank.app
import sandbox.identity.app
import sandbox.mailbox.app
import sandbox.mollie.app
import sandbox.paypal.app
import sandbox.registry.app
import sandbox.stripe.app
import tests.straight_line.dying

# Who certifies servers, once for all: see tests/conftest.py.
ssl.create_default_context = cache(ssl.create_default_context)
httpx.create_ssl_context(trust_env=False)
gc.collect()
gc.freeze()
