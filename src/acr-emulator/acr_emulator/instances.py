"""Servers side by side: each has a name under which others on this machine find it while it runs.

A running server holds a lock, so that one which was killed is never taken for one that runs, whatever its process ID
has become.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from .azconfig import home_directory, private_directory

__all__ = ["DEFAULT_NAME", "HOME_VARIABLE", "NAME", "InstanceError", "Instances"]

DEFAULT_NAME = "default"
HOME_VARIABLE = "ACR_EMULATOR_HOME"
NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,48}[A-Za-z0-9])?")

PREFIX = "server-"
"""Of file names, since Windows lets no file be called NUL or COM1."""

LOCK_SECONDS = 1.0
"""Whoever looks whether a server runs holds its lock for a moment, which a server that starts has to wait for."""

Publish = Callable[[Mapping[str, str]], None]


class InstanceError(Exception):
    """A name that is taken, or a folder that cannot be used; the message says what to do."""


class Instances:
    """The servers of one user. They are noted in the folder that the environment names, or in the home directory.

    Raises InstanceError for a folder that others would look for elsewhere, and where there is no home directory.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        if chosen := environ.get(HOME_VARIABLE):
            self._home = Path(chosen)
            if not self._home.is_absolute():
                told = f"'{chosen}' is another folder wherever you are. Name its whole path."
                raise InstanceError(f"{HOME_VARIABLE}: {told}")
        elif home := home_directory():
            self._home = home / ".acr-emulator"
        else:
            raise InstanceError(f"there is no home directory. Name a folder that can be written in {HOME_VARIABLE}.")

    @contextmanager
    def registered(self, name: str) -> Iterator[Publish]:
        """Hold the name during the block, which calls what it is given with the variables of its server.

        Raises InstanceError.
        """
        lock = FileLock(self._file(name, "lock"))
        try:
            lock.acquire(timeout=LOCK_SECONDS)
        except Timeout as error:
            message = f"an emulator named '{name}' runs already. Choose another --name, or stop it."
            raise InstanceError(message) from error
        except OSError as error:
            raise self._unusable(error) from error
        state = self._file(name, "json")
        try:
            state.unlink(missing_ok=True)
            yield lambda variables: self._publish(state, variables)
        finally:
            state.unlink(missing_ok=True)
            lock.release()

    def _publish(self, state: Path, variables: Mapping[str, str]) -> None:
        try:
            _write_whole(state, json.dumps(variables))
        except OSError as error:
            raise self._unusable(error) from error

    def variables(self, name: str) -> Mapping[str, str] | None:
        """What points az at the running server of that name; None if there is none, or none yet."""
        if not self._runs(name):
            return None
        try:
            variables: Mapping[str, str] = json.loads(self._file(name, "json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        return variables

    def names(self) -> list[str]:
        """Of the servers that run."""
        noted = [path.stem.removeprefix(PREFIX) for path in self._folder().glob(f"{PREFIX}*.json")]
        return sorted(name for name in noted if self._runs(name))

    def _runs(self, name: str) -> bool:
        path = self._file(name, "lock")
        if not path.exists():
            return False
        try:
            with FileLock(path, timeout=0):
                return False
        except Timeout:
            return True
        except OSError as error:
            raise self._unusable(error) from error

    def _file(self, name: str, suffix: str) -> Path:
        return self._folder() / f"{PREFIX}{name}.{suffix}"

    def _folder(self) -> Path:
        """Private to the user, since whoever knows the variables is let in; what is around it is the user's affair."""
        try:
            return private_directory(self._home / "servers")
        except OSError as error:
            raise self._unusable(error) from error

    def _unusable(self, error: OSError) -> InstanceError:
        reason = error.strerror or str(error)
        return InstanceError(f"{self._home}: {reason}. Name a folder that can be written in {HOME_VARIABLE}.")


def _write_whole(path: Path, text: str) -> None:
    """Write the file so that whoever reads it meanwhile sees all of it or none."""
    unfinished = path.with_suffix(f".{os.getpid()}")
    unfinished.write_text(text, encoding="utf-8")
    unfinished.replace(path)
