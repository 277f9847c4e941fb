"""A payment gateway shaped like Stripe: Checkout Sessions, charges, Connect and events, without any real money.

Start it with `python -m sandbox.stripe --port 8083 --state var/stripe`. See docs/sandbox.md.
"""
