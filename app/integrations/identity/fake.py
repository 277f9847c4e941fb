"""An identity provider in memory, with the same refusals as the real one, and people to sign in as."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlencode, urlsplit
from uuid import uuid4

from keycloak.pkce_utils import generate_code_challenge

from app.integrations.errors import Refused, TryAgain
from app.integrations.identity.interface import Claims, LoggedOut, SignedIn, Tokens

_ACCESS = timedelta(minutes=5)


@dataclass
class FakePerson:
    """Somebody who can sign in. Roles and accounts may be changed while they are signed in."""

    email: str
    name: str = "Ana Sample"
    subject: str = field(default_factory=lambda: str(uuid4()))
    roles: frozenset[str] = frozenset()
    accounts: tuple[str, ...] = ()
    email_verified: bool = True
    locale: str | None = "en"


@dataclass
class _Session:
    person: FakePerson
    acr: str
    auth_time: datetime
    refresh_token: str = ""


@dataclass
class _Code:
    session: str
    redirect_uri: str
    nonce: str
    challenge: str
    used: bool = False


@dataclass
class FakeIdentity:
    """One realm. `away`: nobody answers. `forged`: the next ID token is refused with this code."""

    issuer: str = "https://login.example.org/realms/public"
    away: bool = False
    forged: str | None = None
    refreshed: int = 0  # how often
    _codes: dict[str, _Code] = field(default_factory=dict, repr=False)
    _sessions: dict[str, _Session] = field(default_factory=dict, repr=False)
    _logouts: dict[str, LoggedOut | str] = field(default_factory=dict, repr=False)

    def begin(
        self,
        redirect_uri: str,
        scope: str,
        *,
        state: str,
        nonce: str,
        code_verifier: str,
        language: str,
        acr: str | None = None,
        max_age: int | None = None,
        prompt: str | None = None,
    ) -> str:
        """See IdentityProvider."""
        self._answer()
        challenge, method = generate_code_challenge(code_verifier)
        query = {
            "client_id": "vcp",
            "response_type": "code",
            "redirect_uri": redirect_uri,
            "scope": scope,
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge,
            "code_challenge_method": method,
            "ui_locales": language,
            "acr_values": acr,
            "max_age": max_age,
            "prompt": prompt,
        }
        wanted = {name: value for name, value in query.items() if value is not None}
        return f"{self.issuer}/protocol/openid-connect/auth?{urlencode(wanted)}"

    def approve(self, address: str, person: FakePerson, now: datetime, *, acr: str = "1") -> str:
        """The person signs in at the address that `begin` gave. Where the browser is sent then."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        sid, code = uuid4().hex, uuid4().hex
        self._sessions[sid] = _Session(person, acr, now)
        self._codes[code] = _Code(sid, asked["redirect_uri"], asked["nonce"], asked["code_challenge"])
        back = {"code": code, "state": asked["state"], "iss": self.issuer}
        return f"{asked['redirect_uri']}?{urlencode(back)}"

    def finish(self, code: str, redirect_uri: str, nonce: str, code_verifier: str, now: datetime) -> SignedIn:
        """See IdentityProvider."""
        self._answer()
        known = self._codes.get(code)
        if known is None or known.used or known.redirect_uri != redirect_uri:
            raise Refused("code")
        known.used = True
        if generate_code_challenge(code_verifier)[0] != known.challenge:
            raise Refused("code")
        self._look()
        if known.nonce != nonce:
            raise Refused("nonce")
        return self._signed_in(known.session, now)

    def refresh(self, refresh_token: str, now: datetime) -> SignedIn:
        """See IdentityProvider."""
        self._answer()
        for sid, session in self._sessions.items():
            if session.refresh_token == refresh_token:
                self._look()
                self.refreshed += 1
                return self._signed_in(sid, now)
        raise Refused("session_ended")

    def end_session_url(self, id_token: str | None, post_logout_redirect: str) -> str:
        """See IdentityProvider."""
        query = {"post_logout_redirect_uri": post_logout_redirect}
        if id_token is not None:
            query["id_token_hint"] = id_token
        return f"{self.issuer}/protocol/openid-connect/logout?{urlencode(query)}"

    def end_session(self, refresh_token: str) -> None:
        """See IdentityProvider."""
        self._answer()
        for sid, session in self._sessions.items():
            if session.refresh_token == refresh_token:
                del self._sessions[sid]
                return
        raise Refused("session_ended")

    def read_logout_token(self, token: str, now: datetime) -> LoggedOut:  # noqa: ARG002 (the interface has it)
        """See IdentityProvider."""
        known = self._logouts.get(token, "unreadable")
        if isinstance(known, str):
            raise Refused(known)
        return known

    def sign_out_there(self, person: FakePerson, *, sid: str | None = None, forged: str | None = None) -> str:
        """End the person's sessions (or one) at the provider. The logout token that it would send us.

        `forged`: one that is refused with this code, and nothing ends.
        """
        token = f"logout-{uuid4().hex}"
        if forged is not None:
            self._logouts[token] = forged
            return token
        self._logouts[token] = LoggedOut(self.issuer, person.subject, sid, uuid4().hex)
        self.forget(person, sid=sid)
        return token

    def forget(self, person: FakePerson, *, sid: str | None = None) -> None:
        """The person's sessions (or one) are over, and nobody tells us."""
        self._sessions = {
            name: session
            for name, session in self._sessions.items()
            if session.person is not person or sid not in (None, name)
        }

    def sessions_of(self, person: FakePerson) -> list[str]:
        """The ids of the person's sessions here."""
        return [sid for sid, session in self._sessions.items() if session.person is person]

    def _answer(self) -> None:
        if self.away:
            raise TryAgain("identity_unavailable")

    def _look(self) -> None:
        if self.forged is not None:
            code, self.forged = self.forged, None
            raise Refused(code)

    def _signed_in(self, sid: str, now: datetime) -> SignedIn:
        session = self._sessions.get(sid)
        if session is None:
            raise Refused("session_ended")
        session.refresh_token = f"refresh-{uuid4().hex}"
        person = session.person
        claims = Claims(
            issuer=self.issuer,
            subject=person.subject,
            sid=sid,
            email=person.email,
            email_verified=person.email_verified,
            name=person.name,
            locale=person.locale,
            roles=person.roles,
            accounts=person.accounts,
            acr=session.acr,
            auth_time=session.auth_time.replace(microsecond=0),
        )
        tokens = Tokens(
            access_token=f"access-{uuid4().hex}",
            refresh_token=session.refresh_token,
            id_token=f"id-{uuid4().hex}",
            access_expires_at=now + _ACCESS,
            refresh_expires_at=None,
            scope="openid profile email",
        )
        return SignedIn(claims, tokens)
