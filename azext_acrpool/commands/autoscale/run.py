"""`az acr agentpool autoscale run`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from azure.cli.core import azclierror

from ...client.errors import AcrError, NotFoundError, TransientError
from ...client.registries import RegistryId
from ...pool import agentpool_command
from ..command import command
from ..console.errors import CommandError, UsageError
from ..console.values import require_number
from ..evaluation.evaluation import Evaluation, evaluate
from ..evaluation.telling import as_data, line_of, problem_of, warning_of
from ..session import RegistryOptions, Session

__all__ = ["AutoscaleRunOptions", "run_autoscale"]

# Seconds between evaluations, unless asked for otherwise. A pool takes minutes to grow: to look at it more often than
# the shortest gains nothing. No longer than a policy's idle time can be.
_INTERVAL: Final = 60
_SHORTEST_INTERVAL: Final = 10
_LONGEST_INTERVAL: Final = 24 * 3600
# A number or a duration.
_FIGURE: Final = re.compile(r"\d+(?: (?:s|min|h)\b)?")


@dataclass(frozen=True, kw_only=True)
class AutoscaleRunOptions(RegistryOptions):
    """The command line of `run`. `interval` is in seconds, None for every minute."""

    agent_pool_name: str | None = None
    what_if: bool = False
    loop: bool = False
    interval: int | None = None

    @property
    def pool_names(self) -> tuple[str, ...]:
        """The pools that are named."""
        return (self.agent_pool_name,) if self.agent_pool_name else ()


@command(AutoscaleRunOptions)
def run_autoscale(session: Session, options: AutoscaleRunOptions) -> list[dict[str, Any]]:
    """Evaluate the policies of a registry's pools, once or for ever."""
    _require_sound_interval(options)
    registry = session.locate_registry(options)
    if options.loop:
        _Loop(session, options, registry).run()
    evaluations = evaluate(session, registry, options.pool_names, what_if=options.what_if)
    if not evaluations:
        session.narrator.say(_no_policies(registry))
    for evaluation in evaluations:
        if not evaluation.problem:
            _tell(session, evaluation, what_if=options.what_if)
    result = [as_data(evaluation, what_if=options.what_if) for evaluation in evaluations]
    _require_no_problem(evaluations, result)
    return result


def _require_sound_interval(options: AutoscaleRunOptions) -> None:
    if options.interval is not None and not options.loop:
        raise UsageError("--interval needs --loop: without it, there is one evaluation.")
    require_number("--interval", options.interval, least=_SHORTEST_INTERVAL, most=_LONGEST_INTERVAL, unit="seconds")


def _tell(session: Session, evaluation: Evaluation, *, what_if: bool) -> None:
    session.narrator.say(line_of(evaluation, what_if=what_if))
    if warning := warning_of(evaluation):
        session.narrator.warn(warning)


def _no_policies(registry: RegistryId) -> str:
    enable = agentpool_command(registry.name, "POOL", "autoscale enable", "--max-count", "N")
    return f"No agent pool of registry '{registry.name}' has an autoscale policy. Give one a policy with: {enable}"


def _require_no_problem(evaluations: Sequence[Evaluation], result: list[dict[str, Any]]) -> None:
    """Raise CommandError, with the result all the same, for evaluations that failed."""
    failed = [evaluation for evaluation in evaluations if evaluation.problem]
    if not failed:
        return
    # In order, and what helps several of them once.
    advice = dict.fromkeys(text for evaluation in failed for text in evaluation.advice)
    raise CommandError(azclierror.AzureResponseError("\n".join(map(problem_of, failed)), list(advice)), result=result)


@dataclass(frozen=True)
class _Loop:
    """Evaluations again and again. A line is told again only when something else has been meanwhile."""

    session: Session
    options: AutoscaleRunOptions
    registry: RegistryId
    _told: dict[str, str] = field(default_factory=dict)

    def run(self) -> NoReturn:
        """Until interrupted. Raises CommandError, and AcrErrors that will not pass."""
        has_worked = False
        while True:
            pause = float(_INTERVAL if self.options.interval is None else self.options.interval)
            try:
                self._evaluate()
                has_worked = True
            except AcrError as error:
                # What is refused from the first on goes on being refused; later, somebody may be at roles or networks.
                if isinstance(error, NotFoundError) or not (has_worked or isinstance(error, TransientError)):
                    raise
                pause = max(pause, error.retry_after or 0.0)
                self._say_once("", f"WARNING: Nothing could be evaluated, which is tried again: {error.message}")
            self.session.clock.sleep(pause)

    def _evaluate(self) -> None:
        what_if = self.options.what_if
        evaluations = evaluate(self.session, self.registry, self.options.pool_names, what_if=what_if)
        self._told.pop("", None)
        if not evaluations:
            self._say_once("no policies", _no_policies(self.registry))
        for evaluation in evaluations:
            name, line = evaluation.pool.name, line_of(evaluation, what_if=what_if)
            if evaluation.problem:
                end = "" if line.endswith(".") or not evaluation.advice else "."
                line = " ".join([f"WARNING: {line}{end}", *evaluation.advice])
            elif evaluation.is_carried_out:
                self._told.pop(name, None)
            self._say_once(name, line)
            if warning := warning_of(evaluation):
                self._say_once(f"{name} costs", f"WARNING: {warning}")

    def _say_once(self, about: str, line: str) -> None:
        """Minutes that pass and runs that come and go make no other line."""
        gist = " ".join(_FIGURE.sub("", line).split())
        if self._told.get(about) != gist:
            self._told[about] = gist
            self.session.narrator.say(line)
