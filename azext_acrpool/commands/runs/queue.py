"""Queueing a run on behalf of a command."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from azure.cli.core import azclierror

from ...client.runs import Runs, RunUnconfirmedError
from ...clock import Clock
from ..console.errors import ExitCode, InterruptedCommandError, fail
from ..console.interrupts import Interrupts
from ..console.narrator import Narrator
from .ending import FollowedRun, leave_interrupted
from .options import OnInterrupt
from .pool import RunPool

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import RunRequest

__all__ = ["RunQueue"]


@dataclass(frozen=True)
class RunQueue:
    """Queues runs of one registry.

    ``destination`` says where runs go, for messages; it may be empty. ``pool`` is the agent pool they go to, None for
    shared agents.
    """

    runs: Runs
    registry_name: str
    destination: str
    narrator: Narrator
    clock: Clock
    pool: RunPool | None = None

    def queue(
        self, request: "RunRequest", interrupts: Interrupts, on_interrupt: OnInterrupt = OnInterrupt.CANCEL
    ) -> FollowedRun:
        """Queue a run, once, and say so. Ends the process when it is not known whether there is a run.

        An interruption meanwhile is put off until the run's ID is known, and then does to the run what
        ``on_interrupt`` says.
        """
        followed: FollowedRun | None = None
        try:
            with interrupts.deferred():
                scheduled = self.runs.schedule(request)
                followed = FollowedRun(scheduled.run, self.runs, self.registry_name, scheduled.found_again)
        except RunUnconfirmedError as error:
            self._fail_unconfirmed(error)
        except KeyboardInterrupt:
            if followed is None:
                raise InterruptedCommandError(
                    "Interrupted while a run was being queued: it may be queued all the same.", self._how_to_look()
                ) from None
            raise leave_interrupted(followed, on_interrupt, self.narrator, self.clock) from None
        if followed.found_again:
            self.narrator.say(
                f"The reply to the request that queues the run was lost. Run {followed.run_id} is the only one queued "
                "since then that fits, and is taken for it."
            )
        self.narrator.say(f"Queued run {followed.run_id}{f' on {self.destination}' if self.destination else ''}")
        return followed

    def _fail_unconfirmed(self, error: RunUnconfirmedError) -> NoReturn:
        fail(azclierror.AzureConnectionError(str(error), self._how_to_look()), ExitCode.FAILED)

    def _how_to_look(self) -> str:
        return f"See whether there is a run before trying again: az acr task list-runs -r {self.registry_name} -o table"
