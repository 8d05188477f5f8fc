"""What az does not promise: used where it is as expected, nothing done where it is not."""

from __future__ import annotations

import io
import sys
from types import SimpleNamespace
from typing import Any

import pytest
from az_invocations import invoke
from azure.cli.command_modules.acr import ACRCommandsLoader, _docker_utils, repository
from azure.cli.core.mock import DummyCli
from knack.events import EVENT_CLI_POST_EXECUTE, EVENT_CLI_SUCCESSFUL_EXECUTE
from knack.util import CommandResultItem

from azext_acrpool._az_internals import (
    error_at_end,
    explain_lost_output,
    find_manifest_digest,
    is_program,
    leave_out_az_own_loader,
    refuses_ids,
    take_ids_in_turn,
)
from azext_acrpool.client.errors import AcrError, ConnectionLostError, NotFoundError

OWN = ACRCommandsLoader.__new__(ACRCommandsLoader)


def cli(loaders: Any) -> Any:
    return SimpleNamespace(invocation=SimpleNamespace(commands_loader=SimpleNamespace(cmd_to_loader_map=loaders)))


def test_az_own_loader_is_left_out_for_our_commands_only() -> None:
    loaders = {"acr build": [OWN], "acr show": [OWN]}
    assert leave_out_az_own_loader(cli(loaders), ["acr build", "acr agentpool wait"])
    assert loaders == {"acr build": [], "acr show": [OWN]}


@pytest.mark.parametrize(
    "loaders", [{}, None, [], {"acr build": "odd"}, {"acr build": [OWN, object()]}, {"acr build": [object()]}]
)
def test_nothing_is_done_if_az_is_not_as_expected(loaders: Any) -> None:
    before = dict(loaders) if isinstance(loaders, dict) else loaders
    assert not leave_out_az_own_loader(cli(loaders), ["acr build"])
    assert loaders == before


@pytest.mark.parametrize("context", [None, SimpleNamespace(), SimpleNamespace(invocation=None)])
def test_nothing_is_done_without_an_invocation(context: Any) -> None:
    assert not leave_out_az_own_loader(context, ["acr build"])


def test_az_hands_over_what_it_does_for_each_id() -> None:
    done: list[Any] = []

    def run_job(namespace: str, command: str) -> str:
        done.append((namespace, command))
        return namespace

    invocation = SimpleNamespace(_run_job=run_job, _run_jobs_serially=print, _run_jobs_concurrently=print)
    assert take_ids_in_turn(SimpleNamespace(invocation=invocation), lambda jobs: [job() for job in reversed(jobs)])
    for way in (invocation._run_jobs_serially, invocation._run_jobs_concurrently):
        assert way([("a", "show"), ("b", "show")], ["A", "B"]) == (["b", "a"], [])
    assert done == [("b", "show"), ("a", "show")] * 2


@pytest.mark.parametrize(
    "context", [None, SimpleNamespace(invocation=None), SimpleNamespace(invocation=SimpleNamespace(_run_job=print))]
)
def test_ids_are_left_to_az_if_it_is_not_as_expected(context: Any) -> None:
    before = dict(vars(context.invocation)) if context and context.invocation else None
    assert not take_ids_in_turn(context, lambda jobs: [])
    assert before is None or vars(context.invocation) == before


def test_what_az_says_of_ids_is_told_from_other_errors() -> None:
    def parse_ids_arguments() -> None:
        raise ValueError("invalid resource ID")

    assert not refuses_ids(None)
    assert not refuses_ids(ValueError())
    with pytest.raises(ValueError, match="invalid") as raised:
        parse_ids_arguments()
    assert refuses_ids(raised.value)


def test_the_program_is_told_from_one_that_has_az_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    context = object()
    assert not is_program(context)
    assert not is_program(None)
    monkeypatch.setitem(sys.modules, "__main__", SimpleNamespace(az_cli=context))
    assert is_program(context)
    assert not is_program(object())


def seen_at_the_end(*, work: BaseException | None = None, afterwards: BaseException | None = None) -> list[Any]:
    """What a command line is seen to end with whose command raises an error, or which is interrupted by one later."""
    seen: list[BaseException | None] = []
    context = DummyCli()

    def raise_if_any(error: BaseException | None) -> None:
        if error is not None:
            raise error

    context.register_event(EVENT_CLI_SUCCESSFUL_EXECUTE, lambda *_, **__: raise_if_any(afterwards))
    context.register_event(EVENT_CLI_POST_EXECUTE, lambda context, **_: seen.append(error_at_end(context)))
    invoke(context, lambda _: raise_if_any(work))
    return seen


@pytest.mark.parametrize("error", [KeyboardInterrupt(), ValueError("odd"), SystemExit(3)], ids=repr)
def test_az_tells_at_its_end_what_ended_it(error: BaseException) -> None:
    assert seen_at_the_end(work=error) == [error]
    assert seen_at_the_end(afterwards=error) == [error]


def test_az_tells_at_its_end_of_an_interruption_while_it_told_of_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    interruption = KeyboardInterrupt()
    seen: list[BaseException | None] = []
    context = DummyCli()

    def interrupted(_: Exception) -> int:
        raise interruption

    monkeypatch.setattr(context, "exception_handler", interrupted)
    context.register_event(EVENT_CLI_POST_EXECUTE, lambda context, **_: seen.append(error_at_end(context)))
    with pytest.raises(KeyboardInterrupt):
        invoke(context, fail)
    assert seen == [interruption]


def fail(_: Any) -> None:
    raise ValueError("odd")


def test_az_tells_at_its_end_that_nothing_went_wrong() -> None:
    assert seen_at_the_end() == [None]
    assert error_at_end(SimpleNamespace()) is None


FULL = OSError(28, "No space left on device")


class Full(io.StringIO):
    def __init__(self, error: OSError) -> None:
        super().__init__()
        self._error = error

    def write(self, text: str) -> int:
        raise self._error


def print_result(error: OSError) -> None:
    """Let az print a result to where that fails."""
    context = DummyCli()
    assert explain_lost_output(context, lambda error: LookupError(error.strerror))
    context.output.out(CommandResultItem("a result"), formatter=lambda _: "a result", out_file=Full(error))


def test_a_result_that_cannot_be_printed_is_explained() -> None:
    with pytest.raises(LookupError, match="No space left on device") as lost:
        print_result(FULL)
    assert lost.value.__cause__ is FULL


@pytest.mark.parametrize("error", [BrokenPipeError(32, "Broken pipe"), OSError(5, "Input/output error")])
def test_a_reader_who_is_gone_misses_nothing(error: OSError) -> None:
    print_result(error)


@pytest.mark.parametrize("context", [None, SimpleNamespace(), SimpleNamespace(output=None)])
def test_without_an_output_nothing_is_explained(context: Any) -> None:
    assert not explain_lost_output(context, lambda error: error)


def test_a_copy_that_a_command_is_given_is_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    program, other = cli({}), cli({})
    monkeypatch.setattr(sys.modules["__main__"], "az_cli", program, raising=False)
    assert is_program(SimpleNamespace(invocation=program.invocation))
    assert not is_program(other)
    assert not is_program(SimpleNamespace(invocation=None))


class _Registry:
    """In place of az's own ways to a registry: a login that is given, and what the registry says of each tag."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, answer: str | Exception) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self._answer = answer
        monkeypatch.setattr(_docker_utils, "_get_aad_token", self._log_in)
        monkeypatch.setattr(repository, "_get_manifest_digest", self._find)

    def _log_in(self, _: Any, login_server: str, only_refresh: bool, repository: str, *rest: Any) -> str:
        assert (only_refresh, rest) == (False, (None, "metadata_read"))
        return f"token for {login_server}/{repository}"

    def _find(self, *asked: Any) -> str:
        self.asked.append(asked)
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


def test_a_registry_says_which_manifest_a_tag_is(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = _Registry(monkeypatch, "sha256:1")
    assert find_manifest_digest(DummyCli(), "r.azurecr.io", "app", "v1") == "sha256:1"
    nobody = "00000000-0000-0000-0000-000000000000"
    assert registry.asked == [("r.azurecr.io", "app", "v1", nobody, "token for r.azurecr.io/app")]


@pytest.mark.parametrize(
    ("answer", "error", "message"),
    [
        (
            _docker_utils.RegistryException("unknown tag", 404),
            NotFoundError,
            "Registry r.azurecr.io has no image 'a:v1'.",
        ),
        (_docker_utils.RegistryException("denied\x1b", 401), ConnectionLostError, "r.azurecr.io: denied\\x1b"),
        (ConnectionError("a pool of connections"), ConnectionLostError, "r.azurecr.io cannot be reached."),
        (AttributeError("no such thing in this az"), ConnectionLostError, "r.azurecr.io: no such thing in this az"),
    ],
    ids=["none", "refused", "unreachable", "another az"],
)
def test_a_registry_that_does_not_say(
    monkeypatch: pytest.MonkeyPatch, answer: Exception, error: type[AcrError], message: str
) -> None:
    _Registry(monkeypatch, answer)
    with pytest.raises(error) as raised:
        find_manifest_digest(DummyCli(), "r.azurecr.io", "a", "v1")
    assert raised.value.message == message
