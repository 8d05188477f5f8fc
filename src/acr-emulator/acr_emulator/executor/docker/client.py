"""docker's client in its container: `docker build`, `docker push` and what else a run calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ...acb.docker import Finished, Printed
from ..errors import BuildFailedError, RunFailedError
from ..run_faults import RunFaults
from ..unpacking import Checkpoint
from ..workspace import Workspace
from .build import BuiltImage
from .build_command import Build, Builder, Situation, prepare_build
from .caches import RegistryCaches
from .images import ImageStore
from .usage import UsageError, refused, usage_error

__all__ = ["Client"]

MAX_OUTPUT = 3 * 2**20
"""Characters that a build may print: the emulator's own limit."""

SETUP_SECONDS = 1.0
LOGIN_SECONDS = 0.5
GROUPS = ("builder", "image")
"""Words that may stand before a command: `docker image push`."""


class Client:
    """Knows the images of one run, and the folder that it builds from.

    `checkpoint` is called all along while a build is checked; an exception that it raises ends the run. `caches` are
    what registries hold of caches of builds, `faults` what goes wrong with logins, pulls and pushes.
    """

    def __init__(self, workspace: Workspace, checkpoint: Checkpoint, caches: RegistryCaches, faults: RunFaults) -> None:
        self.images = ImageStore(faults)
        self._faults = faults
        self._workspace = workspace
        self._checkpoint = checkpoint
        self._caches = caches
        self._has_container_builder = False
        self._commands: dict[str, Callable[[Sequence[str], Situation], Finished]] = {
            "build": lambda words, situation: self._build(words, situation, with_buildx=False),
            "buildx": self.run_buildx,
            "inspect": lambda words, _: self.images.inspect(words[-1]),
            "login": self._log_in,
            "pull": lambda words, _: self.images.pull(words[-1]),
            "push": self._push,
            "tag": lambda words, _: self.images.tag(words[0], words[-1]),
        }

    def run(self, words: Sequence[str], situation: Situation) -> Finished:
        """What `docker WORDS` does. A command that is not known succeeds."""
        name, *rest = (words[1:] if words[:1] and words[0] in GROUPS else words) or [""]
        command = self._commands.get(name)
        if command is None:
            return Finished(seconds_after=SETUP_SECONDS)
        if name in ("push", "pull") and len([word for word in rest if not word.startswith("-")]) != 1:
            purpose = {"push": "Push an image to a registry", "pull": "Pull an image from a registry"}[name]
            return refused(usage_error(f"docker {name}", "exactly 1 argument", "NAME[:TAG]", purpose))
        return command(rest, situation) if rest or name == "build" else Finished(1)

    def run_buildx(self, words: Sequence[str], situation: Situation) -> Finished:
        """What `docker buildx WORDS` does."""
        match [*words]:
            case ["build" | "b", *rest]:
                return self._build(rest, situation, with_buildx=True)
            case ["create", *_]:
                self._has_container_builder = True
                return Finished(0, (Printed("acb_builder", SETUP_SECONDS),))
        return Finished(seconds_after=SETUP_SECONDS)

    def _push(self, words: Sequence[str], _situation: Situation) -> Finished:
        names = [word for word in words if not word.startswith("-")]
        has_all = "-a" in words or "--all-tags" in words
        return self.images.push_all(names[0]) if has_all else self.images.push(names[0])

    def _log_in(self, words: Sequence[str], _situation: Situation) -> Finished:
        if said := self._faults.next("login"):
            return Finished(1, (Printed(f"Error response from daemon: {said}", LOGIN_SECONDS),))
        self.images.log_in(words[-1])
        return Finished(seconds_after=LOGIN_SECONDS)

    def _build(self, words: Sequence[str], situation: Situation, *, with_buildx: bool) -> Finished:
        output: list[Printed] = []
        is_container = with_buildx and self._has_container_builder
        builder = Builder(with_buildx, is_container, self._caches, self.images.logins, self._faults)
        try:
            build = prepare_build(words, situation, self._workspace, builder)
            image = self._collect(build, output)
        except UsageError as error:
            return refused(error)
        except RunFailedError as error:
            code = error.exit_code if isinstance(error, BuildFailedError) else 1
            problem = f"ERROR: {error}" if with_buildx else str(error)
            return Finished(code, (*output, *map(Printed, problem.split("\n"))))
        return self._distribute(build, image, output)

    def _distribute(self, build: Build, image: BuiltImage, output: list[Printed]) -> Finished:
        """Give a finished image to the agent, a registry and caches."""
        self.images.add_pulled(image.pulled)
        self.images.add_bases(image.bases)
        for name in build.names if build.is_loaded or build.pushes else ():
            self.images.add_built(name, image.digest)
        for name in build.names if build.pushes else ():
            pushed = self.images.push(str(name))
            output += pushed.output
            if pushed.exit_code:
                return Finished(pushed.exit_code, tuple(output))
        for place in build.exports:
            if place.name is not None:
                output += [Printed("exporting cache to registry"), Printed("preparing build cache for export", 1.0)]
                others = image.other_layers if place.keeps_all else frozenset()
                self._caches.keep(place.name, image.layers | others)
        return Finished(0, tuple(output))

    def _collect(self, build: Build, output: list[Printed]) -> BuiltImage:
        """Carry a build out, adding to `output` what it prints. Raises BuildFailedError."""
        output += map(Printed, build.notices)
        lines = build.build.run()
        characters = 0
        while True:
            self._checkpoint()
            try:
                line = next(lines)
            except StopIteration as end:
                image: BuiltImage = end.value
                return image
            output.append(line)
            characters += len(line.text)
            if characters > MAX_OUTPUT:
                raise BuildFailedError(f"the emulator keeps at most {MAX_OUTPUT} characters of what a build prints")
