#!/bin/sh
# One database and one role for the platform, one of each for Keycloak: neither can read the other's.
set -eu
for name in platform keycloak; do
    case $name in
        platform) password=$PLATFORM_DATABASE_PASSWORD ;;
        keycloak) password=$KEYCLOAK_DATABASE_PASSWORD ;;
    esac
    psql -v ON_ERROR_STOP=1 -v name="$name" -v password="$password" --username postgres <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name";
REVOKE CONNECT ON DATABASE :"name" FROM PUBLIC;
SQL
done
