"""The real Keycloak with the realms of `deploy/keycloak` and the demonstration people, in the place of
`sandbox.identity`. Nothing here is pretend but its people.
"""
