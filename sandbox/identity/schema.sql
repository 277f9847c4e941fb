CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS realm_key (realm TEXT PRIMARY KEY, pem TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS person (
    realm TEXT NOT NULL, id TEXT NOT NULL, email TEXT NOT NULL, email_verified INTEGER NOT NULL,
    given_name TEXT NOT NULL, family_name TEXT NOT NULL, locale TEXT, roles TEXT NOT NULL, accounts TEXT NOT NULL,
    totp_secret TEXT, password_hash TEXT NOT NULL, about TEXT NOT NULL, seeded INTEGER NOT NULL,
    disabled INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (realm, id), UNIQUE (realm, email));
CREATE TABLE IF NOT EXISTS client (
    realm TEXT NOT NULL, id TEXT NOT NULL, secret TEXT NOT NULL, service INTEGER NOT NULL,
    redirect_uris TEXT NOT NULL, post_logout_redirect_uris TEXT NOT NULL, backchannel_logout_uri TEXT,
    scopes TEXT NOT NULL,
    PRIMARY KEY (realm, id));
-- One signed-in person in one browser; `cookie_hash` finds it.
CREATE TABLE IF NOT EXISTS session (
    id TEXT PRIMARY KEY, realm TEXT NOT NULL, person_id TEXT NOT NULL, cookie_hash TEXT NOT NULL UNIQUE,
    auth_time INTEGER NOT NULL, acr TEXT NOT NULL, began REAL NOT NULL, last_used REAL NOT NULL, ended REAL);
-- A client that the session has signed in at. Without this row its refresh tokens are worth nothing.
CREATE TABLE IF NOT EXISTS client_session (
    session_id TEXT NOT NULL, client_id TEXT NOT NULL, PRIMARY KEY (session_id, client_id));
CREATE TABLE IF NOT EXISTS code (
    hash TEXT PRIMARY KEY, realm TEXT NOT NULL, client_id TEXT NOT NULL, session_id TEXT NOT NULL,
    redirect_uri TEXT NOT NULL, scope TEXT NOT NULL, nonce TEXT, challenge TEXT, challenge_method TEXT,
    expires REAL NOT NULL, used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS refresh_token (
    hash TEXT PRIMARY KEY, realm TEXT NOT NULL, client_id TEXT NOT NULL, session_id TEXT NOT NULL,
    scope TEXT NOT NULL, expires REAL NOT NULL, used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS revoked_token (jti TEXT PRIMARY KEY);
-- The password was right, the second factor is still to come; and links sent by mail.
CREATE TABLE IF NOT EXISTS ticket (
    hash TEXT PRIMARY KEY, purpose TEXT NOT NULL, realm TEXT NOT NULL, person_id TEXT NOT NULL,
    query TEXT NOT NULL, expires REAL NOT NULL);
CREATE TABLE IF NOT EXISTS logout_message (
    id INTEGER PRIMARY KEY, realm TEXT NOT NULL, client_id TEXT NOT NULL, url TEXT NOT NULL, subject TEXT NOT NULL,
    session_id TEXT NOT NULL, due REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, state TEXT NOT NULL,
    status TEXT);
CREATE TABLE IF NOT EXISTS fault (
    id INTEGER PRIMARY KEY, operation TEXT NOT NULL, kind TEXT NOT NULL, seconds REAL NOT NULL, details TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS call (
    id INTEGER PRIMARY KEY, at REAL NOT NULL, operation TEXT NOT NULL, realm TEXT, method TEXT NOT NULL,
    path TEXT NOT NULL, asked TEXT NOT NULL, status INTEGER NOT NULL, error TEXT, fault TEXT);
