"""The managed identity endpoint, as App Service offers it: `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .clock import EmulatorClock
from .world.directory import CALLER, Principal, principal
from .world.state import AzureState

__all__ = ["IDENTITY_PATH", "Identities", "TokenEndpoint"]

IDENTITY_PATH = "/msi/token"
TOKEN_SECONDS = 86400


class Identities:
    """Who asks for a token is told by the value of `X-IDENTITY-HEADER`: `secret` is the caller's own.

    With `is_strict` no other tokens are accepted than those that were given out here, and the emulator's own endpoints
    are for who has one, or the secret. Else any that looks like one is, and nobody is asked.
    """

    def __init__(self, *, is_strict: bool) -> None:
        self.secret = secrets.token_urlsafe(24)
        self.is_strict = is_strict
        self._key = secrets.token_bytes(32)
        self._lent: dict[str, Mapping[str, Any]] = {}

    @contextmanager
    def lent(self, identity: Mapping[str, Any]) -> Iterator[str]:
        """Give a secret for the identity of a task, in ARM's form; it holds as long as the block."""
        secret = secrets.token_urlsafe(24)
        self._lent[secret] = identity
        try:
            yield secret
        finally:
            del self._lent[secret]

    def token(self, claims: Mapping[str, Any]) -> str:
        """A token that says this."""
        signed = f"{_encode(_json({'typ': 'JWT', 'alg': 'HS256'}))}.{_encode(_json(claims))}"
        return f"{signed}.{self._signature(signed)}"

    def accepts(self, authorization: str) -> bool:
        """Whether a header `Authorization` has a token that counts here."""
        if not authorization.lower().startswith("bearer ey"):
            return False
        signed, _, signature = authorization[len("bearer ") :].strip().rpartition(".")
        return not self.is_strict or hmac.compare_digest(signature.encode(), self._signature(signed).encode())

    def lets_in(self, headers: Mapping[str, str]) -> bool:
        """Whether who sends these headers may use the emulator's own endpoints: who may have commands run.

        Faults could send the user's requests, and so the tokens in them, to somebody else.
        """
        if not self.is_strict:
            return True
        secret = headers.get("x-identity-header", "").encode()
        return hmac.compare_digest(secret, self.secret.encode()) or self.accepts(headers.get("authorization", ""))

    def _signature(self, signed: str) -> str:
        return _encode(hmac.digest(self._key, signed.encode(errors="replace"), hashlib.sha256))

    def of(self, secret: str) -> Mapping[str, Any] | None:
        """The identity that a secret was given for, if any."""
        return self._lent.get(secret)


class TokenEndpoint:
    """Hands out tokens for any resource to whoever sends a secret that is known."""

    def __init__(self, state: AzureState, identities: Identities, clock: EmulatorClock) -> None:
        self._state = state
        self._identities = identities
        self._clock = clock

    async def handle(self, request: Request) -> Response:
        """`GET ?api-version=2019-08-01&resource=...` with the header `X-IDENTITY-HEADER`.

        A user-assigned identity is asked for by `client_id`, `mi_res_id` or `principal_id` (documented), or by
        `object_id`, as MSAL does.
        """
        secret = request.headers.get("x-identity-header", "")
        attached = self._identities.of(secret)
        if attached is None and secret != self._identities.secret:
            return JSONResponse({"statusCode": 401, "message": "The X-IDENTITY-HEADER is missing or wrong."}, 401)
        resource = request.query_params.get("resource")
        if not resource:
            return JSONResponse({"statusCode": 400, "message": "The parameter 'resource' is missing."}, 400)
        holder = CALLER if attached is None else self._chosen(attached, request.query_params)
        if holder is None:
            # Reported of App Service.
            message = "No Managed Identity found for specified ClientId/ResourceId/PrincipalId."
            return JSONResponse({"statusCode": 400, "message": message}, 400)
        now = int(self._clock.now().timestamp())
        expires = str(now + TOKEN_SECONDS)
        return JSONResponse(
            {
                "access_token": self._token(holder, resource, now),
                "expires_on": expires,
                "resource": resource,
                "token_type": "Bearer",
            }
        )

    def _chosen(self, attached: Mapping[str, Any], query: Mapping[str, str]) -> Principal | None:
        """The one of a task's identities that is asked for; its own if none is named."""
        wanted = {query[key].lower() for key in ("client_id", "mi_res_id", "principal_id", "object_id") if key in query}
        if not wanted:
            own = attached.get("principalId")
            return principal(self._state, str(own)) if own else None
        for identity_id, ids in (attached.get("userAssignedIdentities") or {}).items():
            if wanted & {identity_id.lower(), ids["clientId"].lower(), ids["principalId"].lower()}:
                return principal(self._state, ids["principalId"])
        return None

    def _token(self, holder: Principal, resource: str, now: int) -> str:
        tenant = self._state.world.subscriptions[0].tenant_id
        claims = {
            "aud": resource,
            "iss": f"https://sts.windows.net/{tenant}/",
            "iat": now,
            "nbf": now,
            "exp": now + TOKEN_SECONDS,
            "idtyp": "app",
            "appid": holder.app_id,
            "oid": holder.id,
            "tid": tenant,
        }
        return self._identities.token(claims)


def _json(part: Mapping[str, Any]) -> bytes:
    return json.dumps(part).encode()


def _encode(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).decode().rstrip("=")
