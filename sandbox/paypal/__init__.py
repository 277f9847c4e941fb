"""A payment gateway shaped like PayPal: Orders v2, Payments v2 and webhooks, without any real money.

Start it with `python -m sandbox.paypal --port 8082 --state var/paypal`. See docs/sandbox.md.
"""
