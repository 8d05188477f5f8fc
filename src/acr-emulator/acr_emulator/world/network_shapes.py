"""The form that the properties of network resources have, as far as the emulator reads them.

From the published specification of Microsoft.Network; that everything else may have any form is the emulator's own.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["shape_problem"]

PORTS = re.compile(r"\*|[0-9]{1,5}(-[0-9]{1,5})?")

Check = Callable[[Any, str], "str | None"]
"""Takes a value and where it stands; gives what is wrong with it, None if nothing is."""


def shape_problem(kind: str, properties: Any, path: str = "properties") -> str | None:
    """What is wrong with the properties of a resource of this type (in lower case), None if nothing is.

    `path` is where they stand in the body.
    """
    return SHAPES.get(kind, _object())(properties, path)


def _object(**members: Check) -> Check:
    """An object; those of `members` that are there have their forms, null counts as absent."""

    def check(value: Any, path: str) -> str | None:
        if not isinstance(value, Mapping):
            return f"'{path}' must be an object."
        problems = (
            form(value[name], f"{path}.{name}") for name, form in members.items() if value.get(name) is not None
        )
        return next(filter(None, problems), None)

    return check


def _list(form: Check) -> Check:
    def check(value: Any, path: str) -> str | None:
        if not isinstance(value, list):
            return f"'{path}' must be a list."
        problems = (form(item, f"{path}[{number}]") for number, item in enumerate(value))
        return next(filter(None, problems), None)

    return check


def _nested(form: Check) -> Check:
    """A list of resources with names of their own."""
    properties = _object(properties=form)

    def check(value: Any, path: str) -> str | None:
        if not isinstance(value, list) or not all(isinstance(item, dict) and item.get("name") for item in value):
            return f"'{path}' must be a list of objects, each with a 'name'."
        return _list(properties)(value, path)

    return check


def _text(value: Any, path: str) -> str | None:
    return None if isinstance(value, str) else f"'{path}' must be a text."


def _ports(value: Any, path: str) -> str | None:
    fits = isinstance(value, str) and PORTS.fullmatch(value)
    return None if fits else f"'{path}' must be a port, a range of ports such as 80-443, or *."


def _address(value: Any, path: str) -> str | None:
    try:
        ipaddress.ip_address(str(value))
    except ValueError:
        return f"'{path}' must be an IP address."
    return None


REFERENCE = _object(id=_text)
SECURITY_RULE = _object(
    destinationPortRange=_ports,
    destinationPortRanges=_list(_ports),
    destinationAddressPrefix=_text,
    destinationAddressPrefixes=_list(_text),
)
ROUTE = _object(addressPrefix=_text, nextHopType=_text)
SUBNET = _object(networkSecurityGroup=REFERENCE, routeTable=REFERENCE, serviceEndpoints=_list(_object(service=_text)))
CONNECTION = _object(properties=_object(privateLinkServiceId=_text))

SHAPES: Mapping[str, Check] = {
    "microsoft.network/networksecuritygroups": _object(securityRules=_nested(SECURITY_RULE)),
    "microsoft.network/networksecuritygroups/securityrules": SECURITY_RULE,
    "microsoft.network/routetables": _object(routes=_nested(ROUTE)),
    "microsoft.network/routetables/routes": ROUTE,
    "microsoft.network/virtualnetworks": _object(
        subnets=_nested(SUBNET), dhcpOptions=_object(dnsServers=_list(_address))
    ),
    "microsoft.network/virtualnetworks/subnets": SUBNET,
    "microsoft.network/privateendpoints": _object(
        subnet=REFERENCE,
        privateLinkServiceConnections=_list(CONNECTION),
        manualPrivateLinkServiceConnections=_list(CONNECTION),
    ),
}
"""By type in lower case."""
