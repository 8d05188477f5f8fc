"""Another world for the commands: a session made of fakes, and a clock that jumps.

For tests of the extension, and of what others build on it. Nothing here reaches a network, a terminal or the user.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from .client.errors import ConnectionLostError
from .client.secrets import secret_mask
from .commands.command import definition_of, errors_shown, outcome
from .commands.console.interrupts import Interrupts
from .commands.console.narrator import Narrator
from .commands.console.result import Result
from .commands.session import Session, Settings, Streams, User, Web, nobody_to_ask

if TYPE_CHECKING:
    from azure.cli.core.azclierror import AzCLIError

    from .client.arm import ArmClient
    from .client.runs import UploadTarget
    from .commands.console.pages import Page
    from .context import AnyContext, UploadOptions, UploadResult
    from .runlog.sources import SignedBlobs

__all__ = ["EPOCH", "FakeSession", "Finished", "JumpingClock"]

EPOCH = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)


class JumpingClock:
    """Starts at EPOCH. Sleeping moves it on at once, reading it a little; `at` makes things happen meanwhile."""

    def __init__(self) -> None:
        self.time = 0.0
        self.sleeps: list[float] = []
        self._actions: list[tuple[float, Callable[[], None]]] = []

    def monotonic(self) -> float:
        """Seconds since EPOCH."""
        # No two readings of a real clock are the same.
        self.time += 1e-6
        return self.time

    def now(self) -> datetime:
        """The time in UTC."""
        return EPOCH + timedelta(seconds=self.time)

    def sleep(self, seconds: float) -> None:
        """Do what comes due within `seconds`, and be that much later."""
        if seconds <= 0:
            raise ValueError("a loop that sleeps no time burns the processor")
        self.sleeps.append(seconds)
        until = self.time + seconds
        while self._actions and self._actions[0][0] <= until:
            due, action = self._actions.pop(0)
            self.time = max(self.time, due)
            action()
        self.time = until

    def at(self, seconds: float, action: Callable[[], None]) -> None:
        """Call `action` when the clock has come to `seconds`; what it raises comes out of the sleep."""
        self._actions.append((seconds, action))
        self._actions.sort(key=lambda entry: entry[0])


@dataclass(frozen=True)
class Finished:
    """How a command ended: the data that az is given to print, the exit code, and what the command wrote itself.

    An error stands on stderr as az prints it: the message, then what is recommended, each from a line of its own.
    """

    result: Any
    exit_code: int
    stdout: str
    stderr: str

    @property
    def told(self) -> list[str]:
        """The lines on stderr."""
        return self.stderr.splitlines()


def _no_registry(login_server: str, repository: str, tag: str) -> str:
    raise ConnectionLostError(f"{login_server} is not there.")


@dataclass
class FakeSession:
    """Runs commands over `arm`, one after the other.

    `answers` are the user's, in order, to what a command asks; without one there is no terminal. `animated`: stderr is
    a terminal, on which a line changes in place. `blobs`, `upload` (which does an upload), `head_status` and
    `manifest_digest` stand for what is reached by URL. `page_sizes` are those of the lists that came in pages.
    """

    arm: ArmClient
    clock: JumpingClock = field(default_factory=JumpingClock)
    settings: Settings = field(default_factory=Settings)
    stdin: bytes = b""
    answers: list[bool] = field(default_factory=list)
    questions: list[str] = field(default_factory=list)
    user_name: str = "dev@example.com"
    sees_stdout: bool = False
    only_show_errors: bool = False
    animated: bool = False
    blobs: SignedBlobs | None = None
    page_sizes: list[int] = field(default_factory=list)
    upload: Callable[[AnyContext, Callable[[], UploadTarget], UploadOptions], UploadResult] | None = None
    head_status: Callable[[str], int | None] = lambda _: 200
    manifest_digest: Callable[[str, str, str], str] = _no_registry

    def run(self, command: Callable[..., Any], **options: Any) -> Finished:
        """Call a command with the options that its dataclass has, as az would; a signal interrupts it meanwhile."""
        definition, stdout, stderr = definition_of(command), io.StringIO(), io.StringIO()
        hide = secret_mask(options)
        result, exit_code = None, 0

        def show(error: AzCLIError) -> None:
            for text in (error.error_msg, *error.recommendations):
                stderr.write(f"{text}\n")

        try:
            with Interrupts() as interrupts, errors_shown(show, hide, interrupts):
                session = self._session(stdout, stderr, interrupts, hide)
                result = outcome(
                    lambda: definition.function(session, definition.options(**options)),
                    interrupts,
                    show=show,
                    hide=hide,
                )
        except SystemExit as ending:
            exit_code = int(ending.code or 0)
        if isinstance(result, Result):
            result, exit_code = result.data, int(result.exit_code)
        return Finished(result, exit_code, stdout.getvalue(), stderr.getvalue())

    def open(self, stdout: io.StringIO, stderr: io.StringIO) -> Session:
        """A session of its own, for a part of a command: what is said goes to the streams given."""
        return self._session(stdout, stderr, Interrupts())

    def _session(
        self, stdout: io.StringIO, stderr: io.StringIO, interrupts: Interrupts, hide: Callable[[str], str] = str
    ) -> Session:
        return Session(
            connect=lambda: self.arm,
            narrator=Narrator(
                stderr,
                quiet=self.only_show_errors,
                animated=self.animated,
                hide=hide,
                log=lambda text: self._log(stderr, text),
            ),
            clock=self.clock,
            streams=Streams(io.BytesIO(self.stdin), stdout, stderr),
            interrupts=interrupts,
            user=User(self._confirm, lambda: self.user_name, self.sees_stdout),
            settings=self.settings,
            web=Web(self._read_blobs, self._upload, self.head_status, self.manifest_digest),
            start_aside=lambda work: work(),
            print_pages=self._print_pages,
        )

    def _log(self, stderr: io.StringIO, text: str) -> None:
        """What az's logger does with a warning."""
        if not self.only_show_errors:
            stderr.write(f"WARNING: {text}\n")

    def _confirm(self, question: str) -> bool:
        self.questions.append(question)
        if not self.answers:
            raise nobody_to_ask()
        return self.answers.pop(0)

    def _print_pages(self, pages: Iterable[Page]) -> list[Any]:
        """All that would be printed, for the command to return; of each page it is known how many items it had."""
        items: list[Any] = []
        for page in pages:
            self.page_sizes.append(len(page.items))
            items += page.items
        return items

    def _read_blobs(self) -> SignedBlobs:
        if self.blobs is None:
            raise LookupError("it was not said what blobs there are")
        return self.blobs

    def _upload(self, context: AnyContext, target: Callable[[], UploadTarget], options: UploadOptions) -> UploadResult:
        if self.upload is None:
            raise LookupError("it was not said what becomes of an upload")
        return self.upload(context, target, options)
