"""Keeps web pages from the emulator: a browser on this machine reaches loopback on behalf of any site."""

from __future__ import annotations

import re

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from .replies import send_error

__all__ = ["Guard"]

OWN_HOST = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:[0-9]{1,5})?", re.I)
OWN_SITES = frozenset({"same-origin", "none"})


class Guard:
    """ASGI middleware: answers requests that are for this machine by name, and that no other site's page has made.

    A name of somebody else's that leads to 127.0.0.1 (DNS rebinding) gets 421; an `Origin` that is not the emulator's
    own, or `Sec-Fetch-Site` of another site, gets 403. Whoever sends none of these headers is not a browser.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope) if scope["type"] == "http" else Headers()
        host, origin = headers.get("host"), headers.get("origin")
        if host is not None and not OWN_HOST.fullmatch(host):
            message = f"The emulator answers to 127.0.0.1, localhost and [::1], not to '{host}'."
            await send_error(send, 421, "MisdirectedRequest", message)
        elif origin is not None and origin != f"https://{host}":
            message = f"The emulator answers no page of another site, and this request is from '{origin}'."
            await send_error(send, 403, "CrossOriginRequest", message)
        elif headers.get("sec-fetch-site", "none") not in OWN_SITES:
            await send_error(send, 403, "CrossOriginRequest", "The emulator answers no page of another site.")
        else:
            await self._app(scope, receive, send)
