"""Where the agent's scanner reads a Dockerfile differently than docker, so that a build fails which docker would do.

A build fails if the scanner refuses the text. It also fails, after all is built and pushed, if the scanner has taken
something for a base image that the build does not have: the agent asks for the digest of each, docker itself without
BuildKit, the image's registry with it. Source: Azure/acr-builder, builder/digest_docker.go and digest_remote.go.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from typing import Final

from ..references import complete_reference, filled_in, reference_objection
from ..wording import is_plain, printable
from .frontends import names_another_frontend
from .instructions import read_dockerfile, read_without_buildkit
from .model import AskedBuild, Instruction, Stage
from .platforms import is_same_platform
from .scanner import ScannedImage, ScannedText, scan_dockerfile
from .stages import SCRATCH, StageIndex, bodies_of, executed_stages, read_stages, sources_of

__all__ = ["Kind", "Problem", "Reading"]

_OFFICIAL: Final = re.compile(
    "almalinux|alpine|amazonlinux|archlinux|bash|buildpack-deps|busybox|caddy|cassandra|centos|clojure|composer|couchdb"
    "|debian|docker|drupal|eclipse-temurin|elasticsearch|elixir|erlang|fedora|gcc|ghost|golang|gradle|groovy|haproxy"
    "|haskell|hello-world|httpd|influxdb|jetty|joomla|julia|kibana|logstash|mariadb|maven|memcached|mongo|mysql|neo4j"
    "|nextcloud|nginx|node|openjdk|oraclelinux|perl|php|postgres|python|r-base|rabbitmq|redis|registry|rockylinux|ruby"
    "|rust|solr|sonarqube|swift|telegraf|tomcat|traefik|ubuntu|vault|wordpress|zookeeper"
)
"""Images of Docker Hub that are named without a user, and that people build on. Others of such a name are none."""


class Kind(Enum):
    """How a line fails a build."""

    REFUSED = "the scanner cannot read it"
    INVALID = "what the scanner takes for its image cannot be one"
    ABSENT = "the image that the scanner finds in it is none of the build's"
    UNASKED = "with BuildKit the agent asks the wrong registry for its image"
    UNSEEN = "the scanner sees no FROM at all"


@dataclass(frozen=True)
class Problem:
    """A line that the build fails for. `reason` is a sentence without its full stop.

    `instruction` is what docker has there, here-documents included; `stage` is the one that it begins. `is_sure` is
    False where the image may be in its registry all the same.
    """

    kind: Kind
    line: int
    reason: str
    instruction: Instruction | None = None
    stage: Stage | None = None
    is_sure: bool = True

    @property
    def is_in_heredoc(self) -> bool:
        """Whether the line is one of a here-document."""
        return self.instruction is not None and self.line > self.instruction.last_line


class Reading:
    """A Dockerfile as docker reads it for a build, and as the scanner does that is told of `target`."""

    def __init__(self, content: bytes, build: AskedBuild, target: str) -> None:
        self.content = content
        self.asked = build
        self.target = target
        read = read_dockerfile if build.buildkit else read_without_buildkit
        self.dockerfile = read(content.decode("utf-8", "surrogateescape"))
        self._build = self._with_values(lambda name, value: _known(value, build.buildkit, ""))
        self.stages = read_stages(self.dockerfile, self._build)
        self.index = StageIndex(self.stages)
        self.executed = executed_stages(self.dockerfile, self.stages, self._build)

    @property
    def is_for_others(self) -> bool:
        """Whether another frontend than docker's reads the text, so that what docker makes of it does not count."""
        return self.asked.buildkit and names_another_frontend(self.dockerfile)

    @cached_property
    def scanned(self) -> ScannedText:
        """What the scanner reads."""
        unseen = self.asked.unseen_arguments if self.asked.buildkit else frozenset()
        told = {name: value for name, value in self._build.arguments.items() if name not in unseen}
        return scan_dockerfile(self.content, told, self.target)

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """What fails the build by how the scanner reads it, in the order of lines; not what docker refuses as well."""
        found = [problem for image in self.scanned.images if (problem := self._problem(image))]
        found += [
            Problem(Kind.REFUSED, argument.line, argument.refusal, self._instruction_at(argument.line))
            for argument in self.scanned.arguments
            if argument.refusal
        ]
        found += self._unknown_platforms()
        if not self.scanned.images and self.stages and not self.scanned.too_long:
            stage = self.stages[0]
            reason = "the agent's scanner finds no FROM, as no line begins with it and an image"
            found.append(Problem(Kind.UNSEEN, stage.instruction.line, reason, stage.instruction, stage))
        return tuple(sorted(found, key=lambda problem: problem.line))

    def _unknown_platforms(self) -> Iterator[Problem]:
        """Stages that the scanner does not see, for platforms that docker does not know without BuildKit."""
        for stage in self.stages:
            is_seen = stage.number not in self.executed or self.scanned_in(stage) is not None
            if stage.platform and not stage.asked_platform and not self.asked.buildkit and not is_seen:
                reason = f"without BuildKit docker knows no platform {printable(stage.platform)}"
                yield Problem(Kind.REFUSED, stage.instruction.line, reason, stage.instruction, stage)

    @cached_property
    def uncertain(self) -> frozenset[int]:
        """The numbers of the stages whose images hold what only the service or a shell on the agent knows."""
        return self._changed_by(lambda name, value: _known(value, self.asked.buildkit, "y"))

    @cached_property
    def private(self) -> frozenset[int]:
        """The numbers of the stages whose images hold values that must not be written into a file."""
        unseen, buildkit = self.asked.unseen_arguments, self.asked.buildkit
        return self._changed_by(lambda name, value: _known(value, buildkit, "") + ("." if name in unseen else ""))

    def parent_of(self, stage: Stage) -> Stage | None:
        """The stage that a stage is built on."""
        return self.index.find(stage.image, stage.number, takes_numbers=False)

    def has_own_platform(self, stage: Stage) -> bool:
        """Whether a stage gets the platform that its FROM asks for anyway: one that is built on another has its."""
        if stage.platform is None or self.parent_of(stage) is not None:
            return True
        return is_same_platform(self._platforms[stage.number], self.asked.platform)

    @cached_property
    def _platforms(self) -> tuple[str, ...]:
        """What each FROM asks for. Without BuildKit docker knows no BUILDPLATFORM, but it is meant all the same."""
        build = replace(self._build, buildkit=True)
        if self.asked.platform.startswith("windows"):
            # Such images are built on machines of their kind.
            build = replace(build, arguments={"BUILDPLATFORM": self.asked.platform, **build.arguments})
        stages = read_stages(self.dockerfile, build)
        return tuple(stage.asked_platform or "" for stage in stages)

    def scanned_in(self, stage: Stage) -> ScannedImage | None:
        """What the scanner takes for a stage's FROM."""
        return self._scanned_by_line.get(stage.instruction.line)

    def is_between(self, line: int) -> bool:
        """Whether a line belongs to no instruction."""
        instruction = self._instruction_at(line)
        ends = [heredoc.end_line for heredoc in instruction.heredocs] if instruction else []
        return instruction is None or line > max([instruction.last_line, *ends])

    def _with_values(self, known: Callable[[str, str], str]) -> AskedBuild:
        values = {name: known(name, value) for name, value in self.asked.arguments.items()}
        return replace(self.asked, arguments=values)

    def _changed_by(self, known: Callable[[str, str], str]) -> frozenset[int]:
        if not self.asked.arguments:
            return frozenset()
        others = read_stages(self.dockerfile, self._with_values(known))
        return frozenset(
            stage.number for stage, other in zip(self.stages, others, strict=True) if stage.image != other.image
        )

    def _instruction_at(self, line: int) -> Instruction | None:
        position = bisect_right(self._first_lines, line)
        return self.dockerfile.instructions[position - 1] if position else None

    @cached_property
    def _first_lines(self) -> list[int]:
        return [instruction.line for instruction in self.dockerfile.instructions]

    @cached_property
    def _scanned_by_line(self) -> dict[int, ScannedImage]:
        return {image.line: image for image in self.scanned.images}

    @cached_property
    def _stages_by_line(self) -> dict[int, Stage]:
        return {stage.instruction.line: stage for stage in self.stages}

    @cached_property
    def _images(self) -> frozenset[tuple[str, str, str]]:
        """What the build has in the end: with BuildKit any image of the text, as registries are asked for it."""
        counted = range(len(self.stages)) if self.asked.buildkit or not self.executed else self.executed
        bodies = bodies_of(self.dockerfile)
        return frozenset(
            complete_reference(name)
            for number in counted
            for name in self._images_of(self.stages[number], bodies[number])
        )

    def _images_of(self, stage: Stage, body: tuple[Instruction, ...]) -> Iterator[str]:
        if self.parent_of(stage) is None and reference_objection(stage.image) is None:
            yield stage.image
        for source in (source for instruction in body for source in sources_of(instruction)):
            if self.index.find(source, stage.number) is None and reference_objection(source) is None:
                yield source

    def _problem(self, scanned: ScannedImage) -> Problem | None:
        instruction = self._instruction_at(scanned.line)
        stage = self._stages_by_line.get(instruction.line) if instruction else None
        problem = self._kind_of(scanned, stage)
        if problem is None:
            return None
        kind, reason, is_sure = problem
        return Problem(kind, scanned.line, reason, instruction, stage, is_sure)

    def _kind_of(self, scanned: ScannedImage, stage: Stage | None) -> tuple[Kind, str, bool] | None:
        if scanned.refusal:
            return Kind.REFUSED, scanned.refusal, True
        if scanned.is_stage or scanned.image == SCRATCH:
            return None
        objection = reference_objection(scanned.image)
        if objection is not None:
            objection = "what it reads is not valid" if self._holds_secret(scanned.image) else objection
            return Kind.INVALID, f"the agent's scanner finds no image here: {objection}", True
        return self._kind_of_image(scanned.image, stage)

    def _kind_of_image(self, text: str, stage: Stage | None) -> tuple[Kind, str, bool] | None:
        image = complete_reference(text)
        shown = "another text" if self._holds_secret(text) else f"'{text}'"
        if self.asked.buildkit and image[2].startswith("@"):
            return None
        if image not in self._images:
            reason = f"the agent's scanner takes {shown} for an image here, which the build does not have"
            return Kind.ABSENT, f"{reason}: the agent asks for its digest in the end", self._is_missing(text, stage)
        if self.asked.buildkit and _is_asked_elsewhere(text):
            return Kind.UNASKED, f"the agent asks the wrong registry for the digest of {shown}", True
        return None

    def _is_missing(self, text: str, stage: Stage | None) -> bool:
        """Whether an image that the build does not have cannot be found elsewhere either.

        Without BuildKit nobody looks elsewhere. With it, one is missing that has the name of a stage or a table.
        """
        if not self.asked.buildkit:
            return True
        if stage is not None:
            return self.parent_of(stage) is not None
        return not re.search(r"[/:@]", text) and not _OFFICIAL.fullmatch(text)

    def _holds_secret(self, image: str) -> bool:
        values = (value for name, value in self.asked.arguments.items() if name in self.asked.unseen_arguments)
        return any(value and value in image for value in values)


def _known(value: str, buildkit: bool, unknown: str) -> str:
    """A build argument's value, `unknown` at the end of one that a template or a shell makes another of."""
    filled = filled_in(value)
    # Those of a build without BuildKit go through a shell.
    if not buildkit and not is_plain(filled):
        return f"x{unknown}"
    return value if filled == value else f"{filled}{unknown}"


def _is_asked_elsewhere(text: str) -> bool:
    """Whether the agent misses an image that docker finds. Source: acb, scan/dependencies.go and digest_remote.go.

    It asks Docker Hub for what has no dot in its first part, and does not put `library/` before what names Docker Hub.
    """
    first, slash, rest = text.partition("/")
    if not slash:
        return False
    if first in ("docker.io", "index.docker.io"):
        return "/" not in rest
    return "." not in first and (":" in first or first == "localhost" or first != first.lower())
