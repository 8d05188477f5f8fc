"""sprig's functions on paths, the environment and the network.

The environment of a template is empty: the agent's is not known, and this process' own is nobody's business. Names of
hosts are not resolved either: a template shall not make this machine ask others.
"""

from __future__ import annotations

import ipaddress

from ..errors import GoError
from ..expand import expand
from ..path import base, clean, directory, extension
from ..template import Function, function
from ..types import STRING

__all__ = ["FUNCTIONS"]


def _host(name: str) -> str:
    if name == "localhost":
        return "127.0.0.1"
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        raise GoError(f"the emulator does not ask the network for the address of {name}") from None


FUNCTIONS: tuple[Function, ...] = (
    function("base", base, STRING),
    function("dir", directory, STRING),
    function("clean", clean, STRING),
    function("ext", extension, STRING),
    function("isAbs", lambda path: path.startswith("/"), STRING),
    function("env", lambda name: "", STRING),
    function("expandenv", lambda text: expand(text, lambda name: ""), STRING),
    function("getHostByName", _host, STRING),
)
