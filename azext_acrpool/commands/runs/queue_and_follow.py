"""The last steps of every command that queues a run: queue it, follow it, give back what was asked for."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..console.interrupts import Interrupts
from .capacity import ensured_capacity
from .ending import FollowedRun
from .follow import Follower
from .options import FollowOptions
from .queue import RunQueue

if TYPE_CHECKING:
    from azure.mgmt.containerregistrytasks.models import Run, RunRequest

__all__ = ["FollowOptions", "queue_and_follow"]


def queue_and_follow(
    request: "RunRequest",
    queue: RunQueue,
    options: FollowOptions,
    interrupts: Interrupts,
    accept: "Callable[[FollowedRun, Run], None]" = lambda followed, final: None,
) -> "Run | None":
    """Queue a run and follow it to its end; ends the process if it does not succeed.

    Returns the queued run with ``no_wait``, the finished one unless its log is on stdout, nothing otherwise. ``accept``
    is shown the finished run first, and may end the process.
    """
    follower = Follower(options, queue.pool, queue.narrator, queue.clock)
    with ensured_capacity(queue.pool, options, queue.runs, queue.narrator, queue.clock) as capacity:
        followed = queue.queue(request, interrupts, options.interrupt_action)
        if capacity is not None:
            with follower.leaving_on_interrupt(followed):
                capacity.confirm()
        if options.no_wait:
            return followed.run
        final = follower.follow(followed)
        accept(followed, final)
        return final if options.returns_run else None
