"""Where the images go that a build makes: the registry of the build, whatever their names begin with."""

from __future__ import annotations

from collections.abc import Iterable

from ...client.registries import Registry
from ...references import host_of
from ...wording import printable
from ..console.narrator import Narrator

__all__ = ["tell_of_other_registries"]


def tell_of_other_registries(
    names: Iterable[str], registry: Registry, narrator: Narrator, others: Iterable[str] = ()
) -> None:
    """Say so if an image is named for a registry that it is not pushed to.

    The agents put their registry before every name that does not begin with it, or with one of `others`, to which
    they log in too; they compare with regard to case (read in their source).
    """
    own = registry.login_server
    known = [own, *others]
    for name in names if own else ():
        host = host_of(name)
        if host and "{{" not in host and "$" not in host and host not in known:
            shown = printable(name)
            narrator.say(
                f"--image {shown} is not of registry '{own}', which the service puts before it: {own}/{shown}."
            )
