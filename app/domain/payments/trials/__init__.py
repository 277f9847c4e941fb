"""Trials: a provider pays itself once by a method before buyers are offered it."""
