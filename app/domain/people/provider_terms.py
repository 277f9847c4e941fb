"""Which version of the providers' terms is in force; their words are in `app/web/provider/terms_texts.py`."""

# Raise it whenever the wording changes in any language.
TERMS_VERSION = "2026-11"
