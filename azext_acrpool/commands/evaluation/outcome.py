"""What came of an evaluation of a pool's policy."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...client.errors import AcrError
from ...pool import Pool
from ...scaling.activity import Activity
from ...scaling.policy import Policy
from ...scaling.rules import Action, Decision
from ..console.errors import explain

__all__ = ["Evaluation"]


@dataclass(frozen=True)
class Evaluation:
    """What came of it. `pool` is as it was read; `policy`, `activity` and `decision` are None as far as it did not come
    to that.

    `is_carried_out`: the service has accepted what was decided. `is_contested`: it has not, as somebody else is
    changing the pool. `went_back_to` is the count that was asked for once it showed that a run had come while the pool
    was scaled in. `problem` is why it failed, to follow a colon, "" if it did not; `advice` is what to type.
    """

    pool: Pool
    policy: Policy | None = None
    activity: Activity | None = None
    decision: Decision | None = None
    is_carried_out: bool = False
    is_contested: bool = False
    went_back_to: int | None = None
    problem: str = ""
    advice: tuple[str, ...] = ()

    @property
    def action(self) -> Action:
        """What was decided; nothing, if it did not come to a decision."""
        return self.decision.action if self.decision else Action.NONE

    def failed(self, problem: str, *advice: str) -> Evaluation:
        """The same, failed."""
        return replace(self, problem=problem, advice=advice)

    def failed_by(self, error: AcrError, what: str) -> Evaluation:
        """The same, failed by an error; `what` could not be done begins the sentence that says so."""
        told = explain(error)
        return self.failed(f"{what}: {told.error.error_msg}", *told.error.recommendations)
