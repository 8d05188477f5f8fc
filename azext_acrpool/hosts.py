"""Which hosts may be spoken to when a service's reply names them in a URL.

A URL is read here in the strictest way: what two programs could read in two ways (user names, backslashes, control
characters, percent signs and letters beyond ASCII in the host, numbers that stand for an IPv4 address) names no host at
all. So the host that is judged here is the one that is connected to, whoever connects.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Final

from .wording import printable

__all__ = ["Origin", "is_arm_host", "named_host", "read_origin"]

_LABEL: Final = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HTTP_URL: Final = re.compile(
    rf"(?P<scheme>https?)://(?:\[(?P<ipv6>[0-9a-f:.]+)\]|(?P<name>{_LABEL}(?:\.{_LABEL})*))(?::(?P<port>[1-9][0-9]{{0,4}}))?"
    r"(?=[/?#]|\Z)",
    re.ASCII | re.IGNORECASE,
)
# URL readers take tabs and line ends out of a URL before they read it.
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
# RFC 1034, section 3.1, without the dot at the end.
_LONGEST_NAME: Final = 253
# The C library takes such a name for an IPv4 address: decimal, octal or hexadecimal, of one to four parts.
_NUMERIC: Final = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)")
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_LONGEST_SHOWN: Final = 100


@dataclass(frozen=True)
class Origin:
    """Where a URL leads.

    `scheme` is "http" or "https"; `host` is in lower case, an IPv6 address without its brackets.
    """

    scheme: str
    host: str
    port: int


def read_origin(url: str) -> Origin | None:
    """Where an HTTP URL leads; None if it is none, or if its host could be read in more than one way.

    >>> read_origin("https://Account.blob.core.windows.net/x?sig=1")
    Origin(scheme='https', host='account.blob.core.windows.net', port=443)
    >>> read_origin("https://management.azure.com@evil.example/"), read_origin("https://0x7f.1/")
    (None, None)
    """
    match = _HTTP_URL.match(url)
    if match is None or _CONTROL.search(url):
        return None
    scheme, port = match["scheme"].lower(), int(match["port"] or 0)
    host = _plain_ipv6(match["ipv6"]) if match["ipv6"] else _plain_name(match["name"].lower())
    if host is None or port > 65535:
        return None
    return Origin(scheme, host, port or _DEFAULT_PORTS[scheme])


def is_arm_host(url: str, arm_endpoint: str) -> bool:
    """Whether a URL leads to Azure Resource Manager, so that tokens and bodies may go there.

    `url` is absolute. `arm_endpoint` is the cloud's ARM endpoint ("https://management.azure.com"); a host below it is a
    region's own endpoint. Scheme (https) and port must be the endpoint's. Never raises.

    >>> is_arm_host("https://westus2.management.azure.com/x", "https://management.azure.com/")
    True
    >>> is_arm_host("https://management.azure.com.evil.example/x", "https://management.azure.com/")
    False
    """
    origin, arm = read_origin(url), read_origin(arm_endpoint)
    if origin is None or arm is None or origin.scheme != "https":
        return False
    if (origin.scheme, origin.port) != (arm.scheme, arm.port):
        return False
    return origin.host == arm.host or (not _is_address(arm.host) and origin.host.endswith(f".{arm.host}"))


def named_host(url: str) -> str:
    """The host of any text that should have been a URL, for a message: printable, short, without what may be secret.

    >>> named_host("https://me:password@evil.example/x?sig=1"), named_host("nonsense?sig=1")
    ('evil.example', '(none)')
    """
    origin = read_origin(url)
    if origin is not None:
        return origin.host
    _, _, rest = url.partition("://")
    authority = re.split(r"[/?#\\]", rest, maxsplit=1)[0].rpartition("@")[2]
    return printable(authority[:_LONGEST_SHOWN]) or "(none)"


def _plain_ipv6(text: str) -> str | None:
    try:
        return str(ipaddress.IPv6Address(text))
    except ValueError:
        return None


def _plain_name(name: str) -> str | None:
    if len(name) > _LONGEST_NAME:
        return None
    if not _NUMERIC.fullmatch(name):
        return name
    try:
        return str(ipaddress.IPv4Address(name))
    except ValueError:
        return None


def _is_address(host: str) -> bool:
    return ":" in host or _NUMERIC.fullmatch(host) is not None
