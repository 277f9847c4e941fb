"""Pretend identity provider: OpenID Connect with Keycloak's addresses for two realms, and a sign-in page."""
