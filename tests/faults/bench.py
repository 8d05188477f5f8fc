"""Where cases are tried: an emulator, a proxy for what strays, a build context, and commands in this process."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from az_harness import Emulator
from cases import Case, requests_of
from catalogue import Request
from command_lines import CommandLine
from elsewhere import Elsewhere, elsewhere
from evidence import Seen, State
from in_process import InProcess
from judge import Evidence, judge
from registries import GROUP, Emulated, TryRegistry

__all__ = ["Bench", "bench"]

# The commands' clock moves this emulator's, so that none of it takes real time.
_OPTIONS = ("--pool-seconds", "3", "--retry-after", "1")
# Within so many seconds all ends that a command has begun.
_SETTLING = 60.0
# Somebody else's run. It takes long enough to be followed.
_RIVAL = {
    "type": "DockerBuildRequest",
    "imageNames": ["somebody-elses:v1"],
    "isPushEnabled": True,
    "dockerFilePath": "Dockerfile",
    "sourceLocation": "https://github.com/a/b.git#main",
    "platform": {"os": "Linux", "architecture": "amd64"},
}


@dataclass(frozen=True)
class Bench:
    """Tries cases, one after the other."""

    emulated: Emulated
    commands: InProcess
    strayed: Elsewhere
    context: Path

    def learn(self, line: CommandLine) -> list[Request]:
        """The requests of a command line when all goes well. Raises AssertionError if it does not."""
        with self.emulated.registry() as registry:
            before = self._begin(line, registry)
            ending, replies = self.commands.run(self._arguments(line, registry), seconds=line.seconds, quiet=line.quiet)
            journal = self.emulated.journal()
            seen = Seen(before, registry.state(), self._settled(registry), ending.printed)
            wrong = judge(Evidence(line, ending, seen, self.strayed.take()))
            assert not wrong, f"{line.title} goes wrong by itself: {wrong} {ending}"
            assert ending.exit_code == 0, f"{line.title} fails by itself: {ending}"
            return requests_of(registry.name, journal, replies)

    def try_out(self, case: Case) -> list[str]:
        """What is wrong about how the command bears it."""
        line, faults = case.line, [fault for _, fault in case.faults]
        with self.emulated.registry() as registry:
            before = self._begin(line, registry)
            rivals: set[str] = set()
            self.emulated.set_faults([fault.rule(request, registry.name) for request, fault in case.faults])
            is_rival = any(fault.rival for fault in faults)
            ending, _ = self.commands.run(
                self._arguments(line, registry),
                seconds=line.seconds if all(fault.times for fault in faults) else 2 * line.seconds,
                quiet=line.quiet,
                meanwhile=(lambda: rivals.add(self._queue_rival(line, registry))) if is_rival else None,
            )
            self.emulated.clear_faults()
            after = registry.state()
            seen = Seen(before, after, self._settled(registry), ending.printed, frozenset(rivals))
        return judge(
            Evidence(
                line,
                ending,
                seen,
                self.strayed.take(),
                frozenset().union(*(fault.strays_to for fault in faults)),
                lied=any(fault.lies for fault in faults),
                unpacked=any(fault.unpacks for fault in faults),
            )
        )

    def _begin(self, line: CommandLine, registry: TryRegistry) -> State:
        for method, path, body in line.before:
            registry.ask(method, path, body)
        before = registry.state()
        self.strayed.take()
        self.emulated.set_faults([])
        return before

    def _arguments(self, line: CommandLine, registry: TryRegistry) -> list[str]:
        places = {"registry": registry.name, "context": str(self.context), "group": GROUP}
        return [word.format(**places) for word in line.arguments.split()]

    def _settled(self, registry: TryRegistry) -> State:
        self.emulated.advance(_SETTLING)
        return registry.state()

    def _queue_rival(self, line: CommandLine, registry: TryRegistry) -> str:
        pool = {"agentPoolName": "mypool"} if "--agent-pool mypool" in line.arguments else {}
        return str(registry.ask("POST", "scheduleRun", {**_RIVAL, **pool})["name"])


@contextmanager
def bench() -> Iterator[Bench]:
    """A place to try cases, whose environment is this process's own while it is there."""
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        context = folder / "context"
        context.mkdir()
        (context / "Dockerfile").write_text("FROM scratch\nARG PASSWORD\nRUN sleep 5\n", "utf-8")
        with Emulator(folder / "emulator", _OPTIONS) as emulator, elsewhere() as strayed:
            certificate = emulator.environment["REQUESTS_CA_BUNDLE"]
            os.environ.update(strayed.environment)
            os.environ.update(
                REQUESTS_CA_BUNDLE=certificate,
                AZURE_CONFIG_DIR=str(folder / "settings"),
                AZURE_EXTENSION_DIR=str(folder / "no-extensions"),
            )
            emulated = Emulated(emulator.url, certificate)
            yield Bench(emulated, InProcess(emulated), strayed, context)
