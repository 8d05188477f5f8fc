"""What goes wrong with the runs of a registry though nothing is wrong with them: its service, and what they fetch from.

What docker and BuildKit say then is theirs: `says` is told by whoever wants the fault, the words around it are docker's
client's and BuildKit's.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["RUN_FAULT_KINDS", "RunFault", "RunFaults"]

RUN_FAULT_KINDS = ("error", "login", "pull", "push")


@dataclass(frozen=True)
class RunFault:
    """A fault of one `kind`: `error` (the run ends as Error), or of docker's `login`, `pull` or `push`.

    `skip` of them go well, then `times` of them (None: all) fail, saying `says`.
    """

    kind: str
    says: str
    skip: int = 0
    times: int | None = 1


class RunFaults:
    """The faults of one registry's runs, and how often each could have happened. Several runs may ask at once."""

    def __init__(self, faults: Sequence[RunFault] = ()) -> None:
        self._faults = [*faults]
        self._counts = [0] * len(faults)
        self._lock = threading.Lock()

    def next(self, kind: str) -> str | None:
        """What is said of something of this kind that happens now, if it fails; all faults of the kind count it."""
        said: str | None = None
        with self._lock:
            for index, fault in enumerate(self._faults):
                if fault.kind != kind:
                    continue
                count = self._counts[index]
                self._counts[index] += 1
                if count >= fault.skip and (fault.times is None or count < fault.skip + fault.times):
                    said = said or fault.says
        return said
