"""Which hosts may be spoken to when a service's reply names them in a URL.

Tokens and the bodies of requests go to Azure Resource Manager only. Blobs (the build context, logs) are where a signed
URL says: a storage account's public name, or a private endpoint with any address of the user's own network. So nothing
tells these hosts but what they cannot be.

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

__all__ = [
    "Origin",
    "blob_url_objection",
    "is_arm_host",
    "is_loopback",
    "named_host",
    "peer_objection",
    "read_origin",
]

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_LABEL: Final = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HTTP_URL: Final = re.compile(
    rf"(?P<scheme>https?)://(?:\[(?P<ipv6>[0-9a-f:.]+)\]|(?P<name>{_LABEL}(?:\.{_LABEL})*))"
    r"(?::(?P<port>[1-9][0-9]{0,4}))?"
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
# Where virtual machines and containers get credentials without any, and what is no single host. All clouds have such
# addresses: a build may run anywhere.
_NO_STORAGE_THERE: Final = tuple(
    map(
        ipaddress.ip_network,
        (
            # Link-local: metadata of nearly every cloud.
            *("169.254.0.0/16", "fe80::/10"),
            # Azure's platform, Alibaba's, Oracle's, Amazon's and Google's metadata.
            *("168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254"),
            # "This host", many hosts at once, and reserved.
            *("0.0.0.0/8", "::", "224.0.0.0/4", "ff00::/8", "240.0.0.0/4"),
        ),
    )
)
# IPv6 addresses whose last 32 bits are an IPv4 address: compatible, mapped, and of two kinds of translators.
_IPV4_AT_THE_END: Final = tuple(
    map(ipaddress.IPv6Network, ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96"))
)
_NOT_PLAIN: Final = "in a URL that is not plain HTTPS"
_NOT_ENCRYPTED: Final = "to be reached without encryption, which is for hosts on this machine only"
_NO_STORAGE: Final = "whose address is link-local or for metadata, where no storage account is"


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


def blob_url_objection(url: str) -> str | None:
    """Why nothing may be sent to a signed URL, None if it may: a clause that goes on after the name of the host.

    It is HTTPS, or plain HTTP on this machine, and leads to no link-local or metadata address. Where a name leads is
    judged when it is connected to (`peer_objection`). Never raises.

    >>> blob_url_objection("https://account.blob.core.windows.net/x"), blob_url_objection("https://10.0.0.4/x")
    (None, None)
    >>> blob_url_objection("https://169.254.169.254/x")
    'whose address is link-local or for metadata, where no storage account is'
    """
    origin = read_origin(url)
    if origin is None:
        return _NOT_PLAIN
    if _is_address(origin.host):
        return peer_objection(origin.scheme, origin.host)
    return _NOT_ENCRYPTED if origin.scheme == "http" and not is_loopback(origin.host) else None


def peer_objection(scheme: str, address: str) -> str | None:
    """Why nothing may be sent to a blob at an IP address, which a name was resolved to: as `blob_url_objection`."""
    found = _read_address(address)
    if found is not None and any(form in network for form in _forms(found) for network in _NO_STORAGE_THERE):
        return _NO_STORAGE
    return _NOT_ENCRYPTED if scheme == "http" and not is_loopback(address) else None


def is_loopback(host: str) -> bool:
    """Whether an address is one of this machine's own, or the name is the one for it.

    >>> is_loopback("127.0.0.1"), is_loopback("::1"), is_loopback("localhost"), is_loopback("10.0.0.4")
    (True, True, True, False)
    """
    address = _read_address(host)
    mapped = getattr(address, "ipv4_mapped", None) or address
    return host == "localhost" or (mapped is not None and mapped.is_loopback)


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


def _read_address(text: str) -> _Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _forms(address: _Address) -> tuple[_Address, ...]:
    """An address, and the IPv4 address inside it if it is an IPv6 address that has one."""
    if isinstance(address, ipaddress.IPv4Address):
        return (address,)
    # "::" and "::1" are addresses of their own.
    if int(address) > 1 and any(address in network for network in _IPV4_AT_THE_END):
        return address, ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return (address, address.sixtofour) if address.sixtofour else (address,)
