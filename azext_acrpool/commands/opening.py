"""Opening a session: what a command needs from outside, as az has it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..aside import start_aside
from ..clock import Clock, SystemClock
from ..web import hide_secrets_in_logs
from ..wording import harmless, printable
from .console.errors import CommandError, ExitCode
from .console.interrupts import Interrupts
from .console.narrator import Narrator
from .console.pages import print_pages
from .session import Session, Settings, Streams, User, Web, nobody_to_ask

if TYPE_CHECKING:
    from ..client.arm import ArmClient
    from ..client.runs import UploadTarget
    from ..context import AnyContext, UploadOptions, UploadResult
    from ..runlog.sources import SignedBlobs

__all__ = ["narrator_for", "open_session"]


def open_session(cli_ctx: Any, interrupts: Interrupts, hide: Callable[[str], str]) -> Session:
    """A session for the command that az runs now. `hide` takes the command's secrets out of what is told and logged."""
    hide_secrets_in_logs(hide)
    settings, narrator, clock = _read_settings(cli_ctx), narrator_for(cli_ctx, hide), SystemClock()
    return Session(
        connect=lambda: _connect(cli_ctx, clock, narrator),
        narrator=narrator,
        clock=clock,
        streams=Streams(getattr(sys.stdin, "buffer", None), sys.stdout, sys.stderr),
        interrupts=interrupts,
        user=User(_confirm, lambda: _caller(cli_ctx), sees_stdout=_is_terminal(sys.stdout)),
        settings=settings,
        web=_web(cli_ctx, verify=settings.verify_tls),
        start_aside=start_aside,
        print_pages=lambda pages: print_pages(cli_ctx, pages, sys.stdout, sees_stdout=_is_terminal(sys.stdout)),
    )


def _connect(cli_ctx: Any, clock: Clock, narrator: Narrator) -> ArmClient:
    from azure.cli.core.commands.client_factory import get_mgmt_service_client, get_subscription_id
    from azure.cli.core.profiles import ResourceType

    from ..client.arm import ArmClient

    _require_subscription(cli_ctx)
    return ArmClient(
        get_mgmt_service_client(cli_ctx, ResourceType.MGMT_CONTAINERREGISTRYTASKS),
        get_subscription_id(cli_ctx),
        cli_ctx.cloud.endpoints.resource_manager,
        clock=clock,
        tell=narrator.say,
    )


def _require_subscription(cli_ctx: Any) -> None:
    """Raises CommandError if the subscription that the command line names is none of the login's."""
    from azure.cli.core import azclierror
    from azure.cli.core._profile import Profile

    named = str(cli_ctx.data.get("subscription_id") or "")
    known = Profile(cli_ctx=cli_ctx).load_cached_subscriptions() if named else []
    # Without any, nobody is logged in, which az tells.
    if known and named.lower() not in [str(subscription.get("id")).lower() for subscription in known]:
        raise CommandError(
            azclierror.ResourceNotFoundError(
                f"Could not find subscription '{printable(named)}' among those of your login.",
                [
                    "List yours with: az account list -o table",
                    "If it is one of another tenant, log in to that with: az login --tenant TENANT",
                ],
            ),
            ExitCode.NOT_FOUND,
        )


def narrator_for(cli_ctx: Any, hide: Callable[[str], str] = str) -> Narrator:
    """The narrator that az's settings ask for: --only-show-errors, core.disable_progress_bar, a terminal or not."""
    animated = _is_terminal(sys.stderr) and not cli_ctx.config.getboolean("core", "disable_progress_bar", False)
    return Narrator(sys.stderr, quiet=bool(cli_ctx.only_show_errors), animated=animated, hide=hide)


def _read_settings(cli_ctx: Any) -> Settings:
    from azure.cli.core.extension import extension_exists
    from azure.cli.core.util import should_disable_connection_verify
    from knack.log import CliLogLevel

    level = cli_ctx.logging.log_level
    return Settings(
        verify_tls=not should_disable_connection_verify(),
        is_verbose=level is not None and level >= CliLogLevel.INFO,
        chose_output=_chose_output(cli_ctx),
        cloud=str(cli_ctx.cloud.name),
        vault_suffix=getattr(cli_ctx.cloud.suffixes, "keyvault_dns", None) or "",
        subscription=_other_subscription(cli_ctx),
        has_extension=extension_exists,
        variable=os.environ.get,
    )


def _other_subscription(cli_ctx: Any) -> str:
    """The subscription that the command line names, "" if it names none, or the current account's."""
    from azure.cli.core._profile import Profile
    from knack.util import CLIError

    named = str(cli_ctx.data.get("subscription_id") or "")
    if not named:
        return ""
    try:
        current = str(Profile(cli_ctx=cli_ctx).get_subscription_id())
    except CLIError:
        # Nobody is logged in, which the first request will tell.
        return named
    return "" if named.lower() == current.lower() else named


def _chose_output(cli_ctx: Any) -> bool:
    """Whether the command line or az's configuration says how the result is printed."""
    typed = cli_ctx.data.get("safe_params") or ()
    options = [name for name in typed if name == "-o" or name.startswith(("--o", "--q"))]
    named = any("--output".startswith(name) or "--query".startswith(name) or name == "-o" for name in options)
    return named or bool(cli_ctx.config.get("core", "output", fallback=""))


def _is_terminal(stream: Any) -> bool:
    return bool(getattr(stream, "isatty", lambda: False)())


def _confirm(question: str) -> bool:
    from knack.prompting import NoTTYException, prompt_y_n

    try:
        return bool(prompt_y_n(harmless(question)))
    except NoTTYException:
        raise nobody_to_ask() from None


def _caller(cli_ctx: Any) -> str:
    """Who is logged in, if role assignments know them by that name."""
    from azure.cli.core._profile import Profile

    user = Profile(cli_ctx=cli_ctx).get_subscription().get("user") or {}
    name = str(user.get("name") or "")
    return "" if name in ("systemAssignedIdentity", "userAssignedIdentity") else name


def _web(cli_ctx: Any, *, verify: bool) -> Web:
    def read_blobs() -> SignedBlobs:
        from ..client.blobs import BlobReader

        return BlobReader(verify=verify)

    def send(context: AnyContext, target: Callable[[], UploadTarget], options: UploadOptions) -> UploadResult:
        from ..context import upload

        return upload(context, target, options)

    def head_status(url: str) -> int | None:
        from ..client.blobs import head_status

        return head_status(url, verify=verify)

    def find_digest(login_server: str, repository: str, tag: str) -> str:
        from .._az_internals import find_manifest_digest

        return find_manifest_digest(cli_ctx, login_server, repository, tag)

    return Web(read_blobs, send, head_status, find_digest)
