"""A mailbox that takes every mail, delivers none and shows them all on a web page.

Start it with `python -m sandbox.mailbox --smtp-port 8025 --port 8026 --state var/mailbox`. See docs/sandbox.md.
"""
