"""Bank transfer: account details, references, dates, instructions and the provider's statements."""
