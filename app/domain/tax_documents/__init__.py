"""Invoices and other tax documents: brought by providers, or numbered and made here on their behalf."""
