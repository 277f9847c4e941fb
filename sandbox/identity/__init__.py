"""Pretend identity provider of the registry: enough of Keycloak's URL layout to issue and check tokens."""
