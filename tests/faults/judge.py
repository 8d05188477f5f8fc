"""What is right and what is wrong about how a command ended. Rules, not golden texts.

A rule takes what was seen and says what is wrong, or nothing. None of them knows which fault it was, but for what the
fault makes impossible to know.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from command_lines import SECRETS, Aim, CommandLine
from elsewhere import Strayed
from evidence import Ending, Seen

__all__ = ["Evidence", "judge", "judge_stopped"]

INTERRUPTED = 130
# Where az itself looks for something, whatever the command.
HOSTS_OF_AZ = frozenset({"azcliprod.blob.core.windows.net"})
# Bytes. More than any command takes, and less than an unpacked reply.
MOST_MEMORY = 200_000_000
# What tells that something may have happened, or that it has. That a proxy may have answered does not.
MAY = re.compile(
    r"\b(may|might) (already |still |not |also )*(be|go|exist|have (been|begun|ended|happened|succeeded|taken))\b"
    r"|\b(whether|unknown|unconfirmed|not known|goes on|could not be (read|told|found out)|cannot be (read|told))\b"
    r"|\bhad (already )?\w+ed\b|: Succeeded after ",
    re.IGNORECASE,
)
NEXT = re.compile(
    r"\baz [a-z]|https://|\b(Check|Try|See|Use|Give|Look|Repeat|Ask|List|Log in|Change|Choose|Run) ", re.IGNORECASE
)
# All but tabs, ends of lines, and colours.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]|\x1b(?!\[[0-9;]*m)")
SIGNATURE = re.compile(r"\bsig=[^&\s]{4,}|Bearer \S+|eyJ0ZXN0")


@dataclass(frozen=True)
class Evidence:
    """All that is known of a try. `strays_to` are the hosts that may be asked for something, besides Azure's own.

    `lied`: Azure's replies were not true. `believable`: and nobody could tell.
    """

    line: CommandLine
    ending: Ending
    seen: Seen
    strayed: Sequence[Strayed] = ()
    strays_to: frozenset[str] = field(default_factory=frozenset)
    lied: bool = False
    believable: bool = False

    @property
    def aim(self) -> Aim:
        """What the command was asked for."""
        return self.line.aim

    @property
    def told(self) -> str:
        """What a person reads."""
        return f"{self.ending.stdout}\n{self.ending.stderr}"


def judge(evidence: Evidence) -> list[str]:
    """What is wrong, each as `rule: what`; empty if all is right."""
    if evidence.ending.crash:
        return [f"traceback: {evidence.ending.crash.strip().splitlines()[-1]}"]
    if evidence.ending.late:
        return [f"does not end: {evidence.ending.late}"]
    return list(dict.fromkeys(_of_rules(evidence, RULES)))


def judge_stopped(evidence: Evidence, *, has_begun: bool) -> list[str]:
    """What is wrong about how a command bears a signal that asks it to end.

    `has_begun`: it has made a request. Before that az itself may still be at its start, of which the extension knows
    nothing: the signal may end it then as it ends any program, and all that counts is that nothing has begun.
    """
    ending = evidence.ending
    if ending.late:
        return [f"does not end: {ending.late}"]
    if not has_begun and ending.exit_code != 0 and evidence.seen.before.may_become(evidence.seen.settled):
        return []
    wrong = judge(evidence) if ending.exit_code == 0 or ending.crash else list(_of_rules(evidence, STOPPED))
    if ending.exit_code not in (0, INTERRUPTED):
        wrong.append(f"exit code: {ending.exit_code}, not {INTERRUPTED}: {_last_line(ending.stderr)}")
    return wrong


def _of_rules(evidence: Evidence, names: Iterable[str]) -> Iterator[str]:
    return (f"{name}: {wrong}" for name in names for wrong in RULES[name](evidence))


def _true_success(evidence: Evidence) -> Iterator[str]:
    """Exit 0 only for what happened.

    What a reading command prints of replies that lied is what they said. Where ARM itself says that there is no such
    thing, whoever is to see it gone has nobody else to ask.
    """
    is_hearsay = evidence.aim.prints_what_is_read and evidence.lied
    is_hearsay |= evidence.aim.believes_absence and evidence.believable
    if evidence.ending.exit_code == 0 and not is_hearsay and not evidence.aim.done(evidence.seen):
        yield f"exit 0, but it was not done: {_shown(evidence.seen)}"


def _own_run(evidence: Evidence) -> Iterator[str]:
    """Nobody's run but our own is reported with exit 0."""
    names = {name for name in evidence.seen.rivals if re.search(rf"\b{name}\b", evidence.told)}
    own = {name for name in evidence.seen.own_runs if re.search(rf"\b{name}\b", evidence.told)}
    if evidence.ending.exit_code == 0 and names and not own:
        yield f"somebody else's run is taken for ours: {', '.join(sorted(names))}"


def _honest_failure(evidence: Evidence) -> Iterator[str]:
    """Whoever fails although it was done says that it may have been. Reading and waiting do nothing."""
    failed = evidence.ending.exit_code != 0
    seen = replace(evidence.seen, after=evidence.seen.settled)
    if failed and evidence.aim.changes and evidence.aim.done(seen) and not MAY.search(evidence.told):
        yield f"exit {evidence.ending.exit_code} as if nothing had happened, but it was done"


def _one_run(evidence: Evidence) -> Iterator[str]:
    """No more runs than were asked for."""
    if len(evidence.seen.own_runs) > evidence.aim.runs:
        yield f"{len(evidence.seen.own_runs)} runs were queued: {', '.join(evidence.seen.own_runs)}"


def _no_orphan(evidence: Evidence) -> Iterator[str]:
    """A run that goes on is named, or if nobody could know its name, the list of runs is."""
    if not evidence.aim.follows:
        return
    for name, run in evidence.seen.own_runs.items():
        if run.is_active and not re.search(rf"\b{name}\b|az acr task list-runs", evidence.ending.stderr):
            yield f"run {name} goes on ({run.status}), and nobody says so"


def _count_restored(evidence: Evidence) -> Iterator[str]:
    """A pool whose instances were raised for a run has its old ones again, or a line tells the command for it.

    The command line is tried with --only-show-errors, so all that is told is told at a level that nothing hides. Where
    ARM says that the pool is gone, or has no record of what it was raised from, there is nothing to go back to.
    """
    name = evidence.aim.keeps_count_of
    if not name or evidence.believable:
        return
    before, settled = evidence.seen.before.pools[name], evidence.seen.settled.pools.get(name)
    if settled is None or settled.count == before.count:
        return
    if not re.search(rf"{name}.*--count {before.count}\b", evidence.ending.stderr):
        yield f"the pool is left with {settled.count} instances, not {before.count}, and no command is named for it"


def _no_secret(evidence: Evidence) -> Iterator[str]:
    """No signature, token or password is shown."""
    shown = f"{evidence.told}\n{evidence.ending.printed}"
    for secret in SECRETS:
        if secret in shown:
            yield "a password is shown"
    if SIGNATURE.search(shown):
        yield "a signature or token is shown"


def _no_control(evidence: Evidence) -> Iterator[str]:
    """Nothing moves the cursor or sets a title. What az prints of a result is for az to encode."""
    found = CONTROL.search(evidence.ending.stderr if _is_json(evidence.ending.stdout) else evidence.told)
    if found:
        yield f"the terminal gets {found[0]!r}"


def _next_step(evidence: Evidence) -> Iterator[str]:
    """A failure says what to type or to look at next, on stderr or in the result, where check-health says it."""
    ending = evidence.ending
    if ending.exit_code != 0 and not NEXT.search(f"{ending.stderr}\n{ending.printed}"):
        yield f"exit {ending.exit_code} without a next step: {_last_line(ending.stderr)}"


def _no_stray(evidence: Evidence) -> Iterator[str]:
    """Tokens and bodies go nowhere but to Azure, and nothing goes to hosts that nobody named."""
    for request in evidence.strayed:
        if request.host not in evidence.strays_to | evidence.line.hosts | HOSTS_OF_AZ or request.has_token:
            yield f"{request.method} to {request.host}{' with the token' if request.has_token else ''}"


def _bounded_memory(evidence: Evidence) -> Iterator[str]:
    """A reply may not take all memory."""
    if evidence.ending.memory > MOST_MEMORY:
        yield f"{evidence.ending.memory >> 20} MiB of memory"


RULES: dict[str, Callable[[Evidence], Iterator[str]]] = {
    "wrong success": _true_success,
    "wrong run": _own_run,
    "silent change": _honest_failure,
    "second run": _one_run,
    "orphan": _no_orphan,
    "pool left raised": _count_restored,
    "secret": _no_secret,
    "control characters": _no_control,
    "no next step": _next_step,
    "strayed": _no_stray,
    "memory": _bounded_memory,
}


# What counts of a command that was asked to end: it need not say what to type about a thing that it has not done.
STOPPED = tuple(name for name in RULES if name != "no next step")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _last_line(text: str) -> str:
    return (text.strip().splitlines() or ["(nothing on stderr)"])[-1]


def _shown(seen: Seen) -> str:
    runs = {name: run.status for name, run in seen.own_runs.items()}
    pools = {name: f"{pool.count} {pool.state}" for name, pool in seen.after.pools.items()}
    return f"runs {runs}, pools {pools}, result {str(seen.printed)[:80]}"
