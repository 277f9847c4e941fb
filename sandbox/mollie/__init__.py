"""A payment gateway shaped like Mollie: payments that wait for a capture, refunds and webhooks, without any real money.

Start it with `python -m sandbox.mollie --port 8808 --state var/mollie`. See docs/sandbox.md.
"""
