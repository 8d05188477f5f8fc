"""Secrets of a task that are in a key vault: what acb checks before it asks for them (acb, vaults/azurekeyvault.go)."""

from __future__ import annotations

from ..golang.quoting import quote
from ..golang.strings import to_lower
from ..golang.url import UrlError, parse_url
from .errors import AcbError

__all__ = ["check_vault_url"]

PROBLEM = "invalid azure keyvault secret URL"


def check_vault_url(text: str) -> None:
    """Refuse what is no URL of a secret: `https://NAME.HOST/secrets/NAME[/VERSION]`. Raises AcbError."""
    address = to_lower(text).removesuffix("/")
    try:
        url = parse_url(address)
    except UrlError as error:
        problem = f"failed to parse the azure keyvault secret URL: parse {quote(address)}: {error}"
        raise AcbError(problem) from error
    if url.scheme != "https":
        raise AcbError(f"{PROBLEM} scheme. Expected Https")
    segments = url.path.split("/")
    if len(segments) not in (3, 4):
        raise AcbError(f"{PROBLEM}. Bad number of URL segments: {len(segments)}")
    if segments[1] != "secrets":
        raise AcbError(f"{PROBLEM}. Expected 'secrets' collection, but found: {segments[1]}")
    vault = f"{url.scheme}://{url.host}"
    if "." not in vault:
        raise AcbError(f"extracted vault resource {vault} from vault URL {text} is invalid")
