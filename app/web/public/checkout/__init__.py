"""Checkout: what the certificate says and how to pay, then everything read back before the order is placed."""
