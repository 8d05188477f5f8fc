"""The managed identity endpoint, as App Service offers it: `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`."""

from __future__ import annotations

import base64
import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .clock import EmulatorClock
from .world.directory import CALLER

__all__ = ["IDENTITY_PATH", "TokenEndpoint"]

IDENTITY_PATH = "/msi/token"
TOKEN_SECONDS = 86400


class TokenEndpoint:
    """Hands out unsigned tokens for any resource to whoever sends the secret header."""

    def __init__(self, tenant_id: str, secret: str, clock: EmulatorClock) -> None:
        self._tenant_id = tenant_id
        self._secret = secret
        self._clock = clock

    async def handle(self, request: Request) -> Response:
        """`GET ?api-version=2019-08-01&resource=...` with the header `X-IDENTITY-HEADER`."""
        if request.headers.get("x-identity-header") != self._secret:
            return JSONResponse({"statusCode": 401, "message": "The X-IDENTITY-HEADER is missing or wrong."}, 401)
        resource = request.query_params.get("resource")
        if not resource:
            return JSONResponse({"statusCode": 400, "message": "The parameter 'resource' is missing."}, 400)
        now = int(self._clock.now().timestamp())
        claims = {
            "aud": resource,
            "iss": f"https://sts.windows.net/{self._tenant_id}/",
            "iat": now,
            "nbf": now,
            "exp": now + TOKEN_SECONDS,
            "idtyp": "app",
            "appid": CALLER.app_id,
            "oid": CALLER.id,
            "tid": self._tenant_id,
        }
        token = ".".join([_encode({"typ": "JWT", "alg": "none"}), _encode(claims), ""])
        expires = str(now + TOKEN_SECONDS)
        return JSONResponse(
            {"access_token": token, "expires_on": expires, "resource": resource, "token_type": "Bearer"}
        )


def _encode(part: dict[str, object]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
