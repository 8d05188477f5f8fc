"""What `COPY` sees of an uploaded context, and the `.dockerignore` that has it see what `docker build` shows. No I/O.

On an agent the archive is unpacked, and docker's classic client builds that folder. It reads `.dockerignore` there:
what that names does not go to the daemon, but for the Dockerfile and the file itself. The daemon reads it again, and
takes these two out if it names them (`removeDockerfile` in builder/remotecontext/detect.go of
https://github.com/moby/moby). So what has to be in the archive but is not to be seen has to be named in its
`.dockerignore`.
"""

from __future__ import annotations

import os
import re

from .ignore.dockerignore import DockerIgnore

__all__ = ["IGNORE_FILE", "hiding", "hiding_too", "needs_another_name"]

IGNORE_FILE = ".dockerignore"

# Names that mean themselves as a rule. To send an ignored Dockerfile, the client adds "!" and its name to the rules;
# it escapes nothing.
_PLAIN = re.compile(r"[\w.@,=:~%/-]([\w.@,=:~%/ -]*[\w.@,=:~%/-])?")


def hiding(name: str) -> bytes:
    """A `.dockerignore` that hides `name`, which is one of `_PLAIN`, and itself."""
    return os.fsencode(f"{IGNORE_FILE}\n{name}\n")


def hiding_too(rules: bytes, name: str) -> bytes:
    """The content of a `.dockerignore` with a rule behind all others that hides `name` (see `hiding`).

    So does docker's client (`AddDockerfileToBuildContext` in https://github.com/docker/cli).
    """
    return rules + os.fsencode(f"\n{name}\n")


def needs_another_name(dockerfile: str, ignore: DockerIgnore, *, agent_reads_the_rules: bool) -> bool:
    """Whether an ignored Dockerfile would not be found, or would leave a trace, under its own name.

    `agent_reads_the_rules`: they are those of the `.dockerignore` that is sent, so that all is as with docker's client
    here. Otherwise the folder of a Dockerfile would be seen, empty, where the rules hide the folder.
    """
    if not ignore.excludes(dockerfile):
        return False
    if not _PLAIN.fullmatch(dockerfile):
        return True
    folder = dockerfile.rpartition("/")[0]
    return not agent_reads_the_rules and bool(folder) and ignore.excludes(folder)
