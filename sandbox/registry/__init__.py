"""Pretend mechanism registry: the whole of contract/registry-api.yaml on one SQLite file."""
