"""What names and IDs may look like, as ARM takes them."""

from __future__ import annotations

import ipaddress
import re

from ..sections import Form

__all__ = ["GROUP_NAME", "GUID", "POOL_NAME", "REGISTRY_NAME", "RESOURCE_ID", "SUBNET_ID", "is_network", "tag_error"]

_GUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_GROUP = r"[\w().-]{0,89}[\w()-]"
_IN_GROUP = rf"/subscriptions/{_GUID}/resourceGroups/{_GROUP}"

GUID = Form(re.compile(_GUID, re.I), "a GUID such as 00000000-0000-0000-0000-000000000000")
GROUP_NAME = Form(
    re.compile(_GROUP), "a resource group's name (1 to 90 letters, digits or any of _-.(), with no dot at its end)"
)
"""ARM's naming rules, Microsoft.Resources."""

REGISTRY_NAME = Form(re.compile(r"[a-zA-Z0-9]{5,50}"), "a registry's name (5 to 50 letters and digits)")
POOL_NAME = Form(re.compile(r"[a-zA-Z0-9-]{3,20}"), "an agent pool's name (3 to 20 letters, digits or hyphens)")
"""The specification of Container Registry."""

SUBNET_ID = Form(
    re.compile(rf"{_IN_GROUP}/providers/Microsoft\.Network/virtualNetworks/[^/]+/subnets/[^/]+", re.I),
    "a subnet's ID (/subscriptions/GUID/resourceGroups/GROUP/providers/Microsoft.Network/virtualNetworks/VNET/subnets/"
    "SUBNET)",
)
RESOURCE_ID = Form(
    re.compile(rf"/subscriptions/{_GUID}(/resourceGroups/{_GROUP})?/providers/[\w]+(\.\w+)+(/[^/\s]+/[^/\s]+)+", re.I),
    "a resource's ID (/subscriptions/GUID/resourceGroups/GROUP/providers/NAMESPACE/TYPE/NAME)",
)

LONGEST_TAG_NAME = 512
LONGEST_TAG_VALUE = 256
NOT_IN_TAG_NAMES = frozenset("<>%&\\?/")


def is_network(text: object) -> bool:
    """Whether this is an address range in CIDR form, with no bits set beyond its prefix."""
    try:
        ipaddress.ip_network(str(text))
    except ValueError:
        return False
    return "/" in str(text)


def tag_error(name: str, value: str) -> str | None:
    """What ARM has against a tag (its documentation, "Limitations" of tags), None if nothing."""
    if not 0 < len(name) <= LONGEST_TAG_NAME or NOT_IN_TAG_NAMES & set(name):
        return f"a tag's name has 1 to {LONGEST_TAG_NAME} characters, none of them one of <>%&\\?/"
    if len(value) > LONGEST_TAG_VALUE:
        return f"a tag's value has at most {LONGEST_TAG_VALUE} characters, not {len(value)}"
    return None
