"""Whether a file that the service is to fetch from the web is there."""

from ..web import hide_signed_urls

__all__ = ["head_status"]

_TIMEOUTS = (5.0, 10.0)


def head_status(url: str) -> int | None:
    """The HTTP status that a HEAD request for ``url`` gets, without following redirects; None without an answer."""
    import requests

    hide_signed_urls()
    try:
        with requests.head(url, timeout=_TIMEOUTS) as response:
            return response.status_code
    except (requests.RequestException, UnicodeError):
        # UnicodeError: a host name that IDNA cannot encode.
        return None
