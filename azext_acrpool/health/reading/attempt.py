"""Reading a fact that the caller may not be allowed to read, that may not exist, or that may not come."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TypeVar

from ...client.errors import AcrError, ConnectionLostError, ForbiddenError, NotFoundError, UnauthorizedError
from ..facts import Missing, Unreadable

__all__ = ["read_fact"]

T = TypeVar("T")

# ARM's AuthorizationFailed and LinkedAuthorizationFailed name the action that is lacking.
_LACKING = re.compile(r"not have (?:authorization|permission) to perform action '([^']+)'")


def read_fact(
    read: Callable[[], T], permission: str, resource_id: str = "", *, vital: bool = False
) -> T | Missing | Unreadable:
    """What `read` returns; Unreadable if it is refused or fails, Missing for a 404 if there is a `resource_id`.

    `permission` is the action that `read` needs, for a refusal that does not name it. Raises UnauthorizedError: without
    a login nothing can be read. If it is `vital` that there is a connection, raises ConnectionLostError, too.
    """
    try:
        return read()
    except UnauthorizedError:
        raise
    except ForbiddenError as error:
        lacking = _LACKING.search(error.message)
        return Unreadable(permission=lacking[1] if lacking else permission)
    except NotFoundError as error:
        return Missing(resource_id) if resource_id else Unreadable(reason=_sentence(error))
    except AcrError as error:
        if vital and isinstance(error, ConnectionLostError):
            raise
        return Unreadable(reason=_sentence(error))
    except (KeyError, TypeError, ValueError, AttributeError):
        # The readers of ARM's documents take them to be what Azure's specifications say.
        return Unreadable(reason="the reply is not what Azure's specification says")


def _sentence(error: AcrError) -> str:
    return error.message.split("\n")[0].strip().rstrip(".")
