"""Where command lines are tried: an emulator, a proxy for what strays, and a build context."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol
from unittest import mock

from acr_emulator.options import EmulatorOptions
from acr_emulator.server import running_server
from acr_emulator.world import World
from az_commands import AzCommands
from az_harness import Emulator
from az_processes import Start
from cases import Case, requests_of
from catalogue import Fault, Request
from command_lines import MOUNTED_SECRET, NEW_SCHEDULE, CommandLine
from elsewhere import Elsewhere, elsewhere
from evidence import Ending, Seen, State
from in_process import InProcess, Reply
from judge import Evidence, judge
from registries import GROUP, Emulated, TryRegistry
from senders import over_tls, within_this_process

__all__ = ["Bench", "Trial", "az_bench", "in_process_bench", "learn", "try_out"]

# What commands in this process wait for is never real: their clock moves the emulator's.
_SLOW = EmulatorOptions(pool_seconds=3, retry_after=1)
_QUICK = ("--pool-seconds", "1", "--retry-after", "1", "--agent-speed", "4")
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


Faults = Sequence[tuple[Request, Fault]]


class Commands(Protocol):
    """Runs command lines, one way or another."""

    def run(
        self, arguments: list[str], *, seconds: float, quiet: bool, meanwhile: Callable[[], None] | None = None
    ) -> Ending:
        """How the command ended. `meanwhile` is called when it has begun; `seconds` is how long it may take."""


@dataclass(frozen=True)
class Trial:
    """A command line, and the registry of its own that it is tried on."""

    line: CommandLine
    registry: TryRegistry
    arguments: list[str]
    before: State

    def queue_rival(self) -> str:
        """Queue somebody else's run, where the command line queues one; returns its name."""
        pool = {"agentPoolName": "mypool"} if "--agent-pool mypool" in self.line.arguments else {}
        return str(self.registry.ask("POST", "scheduleRun", {**_RIVAL, **pool})["name"])

    def seen(self, ending: Ending, rivals: frozenset[str] = frozenset()) -> Seen:
        """What is there now that the command has ended, and what will be."""
        self.registry.emulated.clear_faults()
        after = self.state()
        self.registry.emulated.advance(_SETTLING)
        return Seen(self.before, after, self.state(), ending.printed, rivals)

    def state(self) -> State:
        """What is there now, as far as it concerns the command line."""
        return self.registry.state(with_tasks=self.line.is_about_tasks)


@dataclass(frozen=True)
class Bench:
    """Where command lines are tried, one after the other."""

    emulated: Emulated
    strayed: Elsewhere
    folder: Path

    @property
    def context(self) -> Path:
        """A build context."""
        return self.folder / "context"

    @property
    def secret(self) -> Path:
        """A file with a build secret."""
        return self.folder / "secret"

    @contextmanager
    def trying(self, line: CommandLine, faults: Faults = ()) -> Iterator[Trial]:
        """A registry that is as the command line wants it, where these go wrong; it is gone at the end."""
        with self.emulated.registry() as registry:
            for method, path, body in line.before:
                registry.ask(method, path, body)
            if line.settled:
                self.emulated.advance(_SETTLING)
            files = {"context": str(self.context), "secret": str(self.secret)}
            places = {"registry": registry.name, "group": GROUP, "schedule": NEW_SCHEDULE, **files}
            arguments = [word.format(**places) for word in line.arguments.split()]
            trial = Trial(line, registry, arguments, registry.state(with_tasks=line.is_about_tasks))
            self.strayed.take()
            self.emulated.set_faults([fault.rule(request, registry.name) for request, fault in faults])
            yield trial


def learn(bench: Bench, commands: InProcess, line: CommandLine) -> list[Request]:
    """The requests of a command line when all goes well. Raises AssertionError if it does not."""
    with bench.trying(line) as trial:
        bench.emulated.begin_journal()
        replies: list[Reply] = []
        ending = commands.run(trial.arguments, seconds=line.seconds, quiet=line.quiet, replies=replies)
        journal = bench.emulated.journal()
        wrong = judge(Evidence(line, ending, trial.seen(ending), bench.strayed.take()))
        assert not wrong, f"{line.title} goes wrong by itself: {wrong} {ending}"
        assert ending.exit_code == 0, f"{line.title} fails by itself: {ending}"
        return requests_of(trial.registry.name, journal, replies)


def try_out(bench: Bench, commands: Commands, case: Case) -> list[str]:
    """What is wrong about how a command bears what goes wrong."""
    line, faults = case.line, [fault for _, fault in case.faults]
    rivals: set[str] = set()
    with bench.trying(line, case.faults) as trial:
        ending = commands.run(
            trial.arguments,
            seconds=line.seconds if all(fault.times for fault in faults) else 2 * line.seconds,
            quiet=line.quiet,
            meanwhile=(lambda: rivals.add(trial.queue_rival())) if any(fault.rival for fault in faults) else None,
        )
        seen = trial.seen(ending, frozenset(rivals))
    hosts = frozenset(host for fault in faults for host in fault.strays_to)
    lied, believable = any(fault.lies for fault in faults), any(fault.believable for fault in faults)
    return judge(Evidence(line, ending, seen, bench.strayed.take(), hosts, lied, believable))


@contextmanager
def in_process_bench() -> Iterator[tuple[Bench, InProcess]]:
    """A place to try commands in this process, whose environment is the place's while it is there."""
    with _scratch() as folder, running_server(World(), _SLOW) as server, elsewhere() as strayed:
        certificate = folder / "ca.pem"
        certificate.write_bytes(server.ca_pem)
        environment = {
            **strayed.environment,
            "REQUESTS_CA_BUNDLE": str(certificate),
            "AZURE_CONFIG_DIR": str(folder / "settings"),
            "AZURE_EXTENSION_DIR": str(folder / "no-extensions"),
        }
        emulated = Emulated(server.url, within_this_process(server))
        with mock.patch.dict(os.environ, environment):
            yield Bench(emulated, strayed, _filled(folder)), InProcess(emulated)


@contextmanager
def az_bench(extensions: Path, start: Start) -> Iterator[tuple[Bench, AzCommands]]:
    """A place to try az processes, with an emulator that is a process too."""
    with _scratch() as folder, Emulator(folder / "emulator", _QUICK) as emulator, elsewhere() as strayed:
        az = emulator.az(folder / "az", extensions, start)
        temporary = folder / "temporary"
        temporary.mkdir()
        environment = {**az.environment, **strayed.environment, "TMPDIR": str(temporary)}
        emulated = Emulated(emulator.url, over_tls(emulator.url, emulator.environment["REQUESTS_CA_BUNDLE"]))
        commands = AzCommands(replace(az, environment=environment), temporary)
        yield Bench(emulated, strayed, _filled(folder)), commands


@contextmanager
def _scratch() -> Iterator[Path]:
    with TemporaryDirectory() as folder:
        yield Path(folder)


def _filled(folder: Path) -> Path:
    """The folder, with what is built in it."""
    (folder / "secret").write_text(MOUNTED_SECRET, "utf-8")
    (folder / "context").mkdir()
    (folder / "context" / "Dockerfile").write_text("FROM scratch\nARG PASSWORD\nRUN sleep 5\n", "utf-8")
    return folder
