"""How az loads itself, how it logs in to registries and how it ends, which azure-cli does not promise.

If not as expected, nothing is done.
"""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from .aside import do_within
from .client.errors import ConnectionLostError, NotFoundError
from .wording import printable

__all__ = [
    "error_at_end",
    "explain_lost_output",
    "find_manifest_digest",
    "is_program",
    "leave_out_az_own_loader",
    "refuses_ids",
    "take_ids_in_turn",
]

_AZ_OWN_MODULE = "azure.cli.command_modules.acr"
# Seconds that a registry has to answer: login, and a tag. az's own waits for as long as the network takes.
_REGISTRY_LIMIT = 20.0
_NOT_FOUND = 404


def leave_out_az_own_loader(cli_ctx: Any, commands: Iterable[str]) -> bool:
    """Keep az's own acr module from loading the arguments of `commands`, which this extension declares completely.

    That takes az about 0.3 s each time and is overridden afterwards. Returns whether it was done.
    """
    try:
        loaders = cli_ctx.invocation.commands_loader.cmd_to_loader_map
        own = {name: loaders[name] for name in commands if loaders.get(name)}
        if not all(type(loader).__module__ == _AZ_OWN_MODULE for found in own.values() for loader in found):
            return False
        # az adds our loader to these lists after this.
        loaders.update({name: [] for name in own})
    except (AttributeError, TypeError, KeyError):
        return False
    return bool(own)


def is_program(cli_ctx: Any) -> bool:
    """Whether this is the command line of the program az, so that the process ends with it.

    Otherwise a program of somebody else's has az inside. A command is given a copy of az's own, of the same invocation.
    """
    program = getattr(sys.modules.get("__main__"), "az_cli", None)
    if cli_ctx is None or program is None:
        return False
    invocation = getattr(cli_ctx, "invocation", None)
    return program is cli_ctx or (invocation is not None and getattr(program, "invocation", None) is invocation)


def error_at_end(cli_ctx: Any) -> BaseException | None:
    """What ended the command line, when az raises the last of its events; None for a success.

    az keeps an error to itself, KeyboardInterrupt too, for which it exits with 1 without a word. What comes while az
    tells of another error is still under way.
    """
    kept: BaseException | None = getattr(getattr(cli_ctx, "result", None), "error", None)
    return sys.exc_info()[1] or kept


def refuses_ids(error: BaseException | None) -> bool:
    """Whether az ended the command line since --ids are none, or since neither they nor the names are given.

    It exits with 1 then, where every other error of usage has another exit code.
    """
    traceback = error.__traceback__ if error is not None else None
    while traceback is not None:
        if traceback.tb_frame.f_code.co_name == "parse_ids_arguments":
            return True
        traceback = traceback.tb_next
    return False


def take_ids_in_turn(cli_ctx: Any, run_each: Callable[[list[Callable[[], Any]]], list[Any]]) -> bool:
    """Let az hand what it does for each of several --ids to `run_each`, which does it and returns the results.

    az does it side by side in threads, where no signal is heard, goes on after an interruption, and exits with 0 when
    one of them has succeeded. Returns whether it was done.
    """
    invocation = getattr(cli_ctx, "invocation", None)
    run_job = getattr(invocation, "_run_job", None)
    ways = ("_run_jobs_serially", "_run_jobs_concurrently")
    if not callable(run_job) or not all(callable(getattr(invocation, way, None)) for way in ways):
        return False

    def run_jobs(jobs: list[tuple[Any, Any]], _ids: Any) -> tuple[list[Any], list[Any]]:
        return run_each([partial(run_job, *job) for job in jobs]), []

    vars(invocation).update(dict.fromkeys(ways, run_jobs))
    return True


def explain_lost_output(cli_ctx: Any, explain: Callable[[OSError], Exception]) -> bool:
    """Make az end with what `explain` makes of it when the result cannot be printed. Returns whether it was done.

    It takes that for a bug of its own and shows a traceback. A terminal that is gone (EIO) is a reader that is gone,
    which is nothing to az if it is a pipe.
    """
    print_result = getattr(getattr(cli_ctx, "output", None), "out", None)
    if not callable(print_result):
        return False

    def out(*args: Any, **named: Any) -> None:
        try:
            print_result(*args, **named)
        except OSError as error:
            if error.errno != errno.EIO:
                raise explain(error) from error

    cli_ctx.output.out = out
    return True


def find_manifest_digest(cli_ctx: Any, login_server: str, repository: str, tag: str) -> str:
    """Which manifest a tag is, as the registry says, where az logs in as it does for its own commands.

    Nobody is asked for a password, and no admin user's is used. Raises NotFoundError if the registry has no such image,
    and ConnectionLostError if it cannot be asked, for whatever reason.
    """
    from knack.util import CLIError

    def ask() -> str:
        from azure.cli.command_modules.acr import _docker_utils
        from azure.cli.command_modules.acr import repository as repositories

        permission = _docker_utils.RepoAccessTokenPermission.METADATA_READ.value
        log_in: Callable[..., str] = vars(_docker_utils)["_get_aad_token"]
        find: Callable[..., str] = vars(repositories)["_get_manifest_digest"]
        token = log_in(cli_ctx, login_server, False, repository, None, permission)
        return str(find(login_server, repository, tag, _docker_utils.EMPTY_GUID, token))

    try:
        return do_within(_REGISTRY_LIMIT, ask)
    except TimeoutError:
        raise ConnectionLostError(f"{login_server} has not answered within {_REGISTRY_LIMIT:.0f} s.") from None
    except OSError:
        # What it says names pools of connections, and is long.
        raise ConnectionLostError(f"{login_server} cannot be reached.") from None
    except (CLIError, ValueError, LookupError, AttributeError, TypeError, ImportError) as error:
        if getattr(error, "status_code", None) == _NOT_FOUND:
            raise NotFoundError(f"Registry {login_server} has no image '{repository}:{tag}'.", status=404) from error
        raise ConnectionLostError(f"{login_server}: {printable(str(error))}") from error
