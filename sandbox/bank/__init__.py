"""A pretend bank that keeps the providers' accounts and writes statements of what buyers sent. See docs/sandbox.md."""
