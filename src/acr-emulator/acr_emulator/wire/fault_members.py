"""What the members of a fault may be: what HTTP cannot send is refused when a rule is read, not when it applies."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ..sections import Section

__all__ = ["check_switched_on", "read_headers", "read_members", "read_status"]

LEAST_STATUS = 200
MOST_STATUS = 599
"""Lower ones announce another reply, higher ones are none of HTTP."""

MOST_PARTS = 50
LONGEST_PATH = 1000
HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
HEADER_VALUE = re.compile(r"([\x21-\x7e\xa0-\xff]([\x20-\x7e\xa0-\xff\t]*[\x21-\x7e\xa0-\xff])?)?")
"""RFC 9110, "field-name" and "field-value"."""

OWN_HEADERS = ("content-length", "transfer-encoding")


def read_status(section: Section) -> int:
    """The member `status`. Raises the section's error."""
    return section.number("status", least=LEAST_STATUS, most=MOST_STATUS)


def read_headers(section: Section) -> Mapping[str, str]:
    """The member `headers`. Raises the section's error."""
    headers = section.text_mapping("headers")
    for name, value in headers.items():
        if not HEADER_NAME.fullmatch(name) or not HEADER_VALUE.fullmatch(value):
            raise section.error(f"headers.{name}", "not a header that HTTP can send")
        if name.lower() in OWN_HEADERS:
            raise section.error(f"headers.{name}", "follows from the body; 'truncate' cuts a body short")
    return headers


def read_members(section: Section) -> Mapping[str, Any]:
    """The member `members`: values by paths. Raises the section's error."""
    members = section.mapping("members", {})
    for path in members:
        if path.count(".") >= MOST_PARTS or len(path) > LONGEST_PATH:
            message = f"a path has at most {MOST_PARTS} parts and {LONGEST_PATH} characters"
            raise section.error("members", message)
    return members


def check_switched_on(section: Section, kind: str) -> None:
    """Refuse a kind that is there without being true. Raises the section's error."""
    if not section.flag(kind, default=False):
        raise section.error(kind, "expected true; a fault that is not to happen is left out")
