"""The rules: what each finds, and what it lets pass."""

from __future__ import annotations

from dataclasses import replace

import pytest
from command_lines import LINES, PASSWORD, CommandLine
from elsewhere import Strayed
from evidence import Ending, Pool, Run, Seen, State
from judge import Evidence, judge, judge_stopped

ONE, TWO = {"mypool": Pool(1, "Succeeded")}, {"mypool": Pool(2, "Succeeded")}
MYTASK = {"mytask": {"properties": {"status": "Enabled"}}}
BEFORE = State(ONE, {}, MYTASK)
SUCCEEDED, RUNNING = {"cf1": Run("Succeeded")}, {"cf1": Run("Running")}
NOT_DONE = "wrong success: exit 0, but it was not done"
UNKNOWN = "It may have been done. See it with: az acr task list-runs -r myregistry"


def line(title: str) -> CommandLine:
    return next(line for line in LINES if line.title == title)


def evidence(title: str, ending: Ending, after: State, **changes: object) -> Evidence:
    found = Evidence(line(title), ending, Seen(BEFORE, after, after, ending.printed))
    return replace(found, **changes)  # type: ignore[arg-type]


def runs(**by_name: str) -> State:
    return State(ONE, {name: Run(status) for name, status in by_name.items()}, MYTASK)


def done(stdout: str = "", stderr: str = "", printed: object = None) -> Ending:
    return Ending(0, stdout, stderr, printed)


def failed(stderr: str = UNKNOWN, code: int = 1) -> Ending:
    return Ending(code, "", stderr)


SHOWN = {"name": "mypool", "count": 1}
RIGHT = {
    "a build that succeeded": evidence("build", done("Run cf1 \x1b[32mok\x1b[0m\n"), runs(cf1="Succeeded")),
    "a build that failed": evidence("build", failed(), runs(cf1="Failed")),
    "a build that queued nothing": evidence("build", failed("No. Try again."), BEFORE),
    "a run that goes on and is named": evidence(
        "build", failed("Run cf1 goes on: az acr task logs"), runs(cf1="Running")
    ),
    "a run that succeeded unseen": evidence("build", failed("Run cf1 may have ended. See it."), runs(cf1="Succeeded")),
    "a run that nobody waits for": evidence("build no-wait", done(), runs(cf1="Running")),
    "a pool with its count back": evidence("build with capacity", done(), runs(cf1="Succeeded")),
    "a pool that is told to be left raised": evidence(
        "build with capacity",
        done("", "ERROR: type: az acr agentpool update -r r -n mypool --count 1"),
        State(TWO, SUCCEEDED, MYTASK),
    ),
    "a pool as it is": evidence("show", done(printed=SHOWN), BEFORE),
    "a result as az prints it": evidence("show", done('{"name": "mypool", "a": "\x9b2J"}', printed=SHOWN), BEFORE),
    "a pool as a reply that lied had it": evidence("show", done(printed={"name": 5}), BEFORE, lied=True),
    "a pool that ARM says is gone": evidence("wait deleted", done(), BEFORE, believable=True),
    "a pool without a record": evidence(
        "build with capacity", done(), State(TWO, SUCCEEDED, MYTASK), lied=True, believable=True
    ),
    "a change that was seen to its end": evidence(
        "delete", failed("Agent pool 'mypool': Succeeded after 1 s\nInterrupted. See it.", 130), State({}, {}, MYTASK)
    ),
    "a run that ended meanwhile": evidence(
        "build", failed("It had already ended. See it.", 130), runs(cf1="Succeeded")
    ),
    "a finding with its remedy": evidence(
        "check-health", Ending(1, "", "", [{"remedy": "Delete it with: az acr agentpool delete"}]), BEFORE
    ),
    "a host that may be asked": evidence(
        "show",
        done(printed=SHOWN),
        BEFORE,
        strayed=[Strayed("CONNECT", "elsewhere.example.com", has_token=False, body_bytes=0)],
        strays_to=frozenset({"elsewhere.example.com"}),
    ),
    "a rival's run beside our own": evidence(
        "build",
        done("cf1 came before cf2"),
        BEFORE,
        seen=Seen(BEFORE, runs(cf1="Running", cf2="Succeeded"), BEFORE, rivals=frozenset({"cf1"})),
    ),
}


@pytest.mark.parametrize("tried", RIGHT.values(), ids=RIGHT)
def test_what_is_right(tried: Evidence) -> None:
    assert judge(tried) == []


WRONG = {
    "nothing was built": (
        evidence("build", done(), BEFORE),
        f"{NOT_DONE}: runs {{}}, pools {{'mypool': '1 Succeeded'}}, result None",
    ),
    "the run failed": (
        evidence("build", done(), runs(cf1="Failed")),
        f"{NOT_DONE}: runs {{'cf1': 'Failed'}}, pools {{'mypool': '1 Succeeded'}}, result None",
    ),
    "ARM says that the pool is gone, which is no reason to have built": (
        evidence("build", done(), BEFORE, believable=True),
        f"{NOT_DONE}: runs {{}}, pools {{'mypool': '1 Succeeded'}}, result None",
    ),
    "another pool is shown": (
        evidence("show", done(printed={"name": "x"}), BEFORE),
        f"{NOT_DONE}: runs {{}}, pools {{'mypool': '1 Succeeded'}}, result {{'name': 'x'}}",
    ),
    "a rival's run is followed": (
        evidence(
            "build",
            done("cf1 is built"),
            BEFORE,
            seen=Seen(BEFORE, runs(cf1="Running", cf2="Succeeded"), BEFORE, rivals=frozenset({"cf1"})),
        ),
        "wrong run: somebody else's run is taken for ours: cf1",
    ),
    "a change that was made is not told": (
        evidence("delete", failed("No JSON: a proxy may have answered. Try again."), State({}, {}, MYTASK)),
        "silent change: exit 1 as if nothing had happened, but it was done",
    ),
    "two runs": (
        evidence("build", done(), runs(cf1="Succeeded", cf2="Succeeded")),
        "second run: 2 runs were queued: cf1, cf2",
    ),
    "a run goes on unnamed": (
        evidence("build", failed("It was interrupted. Try again."), runs(cf1="Running")),
        "orphan: run cf1 goes on (Running), and nobody says so",
    ),
    "a pool is left raised": (
        evidence("build with capacity", done("", "mypool: --count COUNT"), State(TWO, SUCCEEDED, MYTASK)),
        "pool left raised: the pool is left with 2 instances, not 1, and no command is named for it",
    ),
    "a password": (evidence("show", done(PASSWORD, printed=SHOWN), BEFORE), "secret: a password is shown"),
    "a signature": (
        evidence("show", done("https://x/y?sv=1&sig=abcd%3D", printed=SHOWN), BEFORE),
        "secret: a signature or token is shown",
    ),
    "a title": (
        evidence("show", done("\x1b]0;x\x07", printed=SHOWN), BEFORE),
        "control characters: the terminal gets '\\x1b'",
    ),
    "an escape in one byte": (
        evidence("show", done("\x9b2J", printed=SHOWN), BEFORE),
        "control characters: the terminal gets '\\x9b'",
    ),
    "no word about what next": (
        evidence("show", failed("No."), BEFORE),
        "no next step: exit 1 without a next step: No.",
    ),
    "a token for others": (
        evidence("show", done(printed=SHOWN), BEFORE, strayed=[Strayed("GET", "x.example", True, 0)]),
        "strayed: GET to x.example with the token",
    ),
    "much memory": (
        evidence("show", replace(done(printed=SHOWN), memory=400 << 20), BEFORE),
        "memory: 400 MiB of memory",
    ),
    "a traceback": (
        evidence("show", replace(failed(), crash="Traceback\n  x\nKeyError: 'x'"), BEFORE),
        "traceback: KeyError: 'x'",
    ),
    "no end": (evidence("show", replace(failed(), late="still at work"), BEFORE), "does not end: still at work"),
}


@pytest.mark.parametrize(("tried", "found"), WRONG.values(), ids=WRONG)
def test_what_is_wrong(tried: Evidence, found: str) -> None:
    assert judge(tried) == [found]


@pytest.mark.parametrize(
    ("ending", "has_begun", "found"),
    [
        (failed("Interrupted.", 130), True, []),
        (
            done(),
            True,
            [f"{NOT_DONE}: runs {{}}, pools {{'mypool': '1 Succeeded'}}, result None"],
        ),
        (failed("", -15), True, ["exit code: -15, not 130: (nothing on stderr)"]),
        (failed("", -15), False, []),
        (replace(failed(), late="still at work"), True, ["does not end: still at work"]),
        (replace(failed(), crash="KeyError: 'x'"), True, ["traceback: KeyError: 'x'", "exit code: 1, not 130"]),
    ],
)
def test_a_command_that_was_asked_to_end(ending: Ending, has_begun: bool, found: list[str]) -> None:
    judged = judge_stopped(evidence("create", ending, BEFORE), has_begun=has_begun)
    assert [what.partition(f": {UNKNOWN}")[0] for what in judged] == found


@pytest.mark.parametrize(
    ("status", "found"),
    [("Succeeded", []), ("Running", []), ("Canceled", ["exit code: -15, not 130: (nothing on stderr)"])],
)
def test_an_early_signal_is_not_blamed_for_what_ends_by_itself(status: str, found: list[str]) -> None:
    going_on = runs(cf1="Running")
    tried = evidence("cancel-run", failed("", -15), runs(cf1=status))
    tried = replace(tried, seen=replace(tried.seen, before=going_on))
    judged = judge_stopped(tried, has_begun=False)
    assert [what for what in judged if what.startswith("exit code")] == found


def test_an_early_signal_may_leave_nothing_behind() -> None:
    tried = evidence("build", failed("", -15), runs(cf1="Running"))
    assert judge_stopped(tried, has_begun=False) == [
        "orphan: run cf1 goes on (Running), and nobody says so",
        "exit code: -15, not 130: (nothing on stderr)",
    ]
