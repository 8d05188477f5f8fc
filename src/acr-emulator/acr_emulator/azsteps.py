"""Where steps of tasks run that are run on this machine: az of this machine, with settings and an identity of its own.

Nothing of the user's environment reaches a step but what az needs to run at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from .azconfig import CA_BUNDLE, az_environment, trusted_certificates, write_settings
from .executor import CheckExecutor, Job
from .executor.azure_cli_steps import AzureCliSteps, Place
from .server import RunningServer

__all__ = ["azure_cli_steps_on_host"]

PASSED_ON = (
    *("PATH", "LANG", "LC_ALL"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"),
    # Where Python keeps what it has compiled, without which az takes half a minute to start.
    "PYTHONPYCACHEPREFIX",
    # What no program of Windows starts without.
    *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "COMSPEC", "PATHEXT"),
)


@contextmanager
def azure_cli_steps_on_host(
    executor: CheckExecutor, server: RunningServer, environ: Mapping[str, str], directory: Path
) -> Iterator[None]:
    """Run commands of az's image on this machine during the block, in folders of their own below `directory`.

    `environ` is the user's environment. What still runs at the end of the block is killed. Raises ValueError for a
    server that takes others' tokens than its own, since whoever reaches it could have commands run as this user.
    """
    if not server.emulator.identities.is_strict:
        raise ValueError("where tasks execute commands, the option own_tokens_only has to be on")

    @contextmanager
    def place(job: Job) -> Iterator[Place]:
        # Files that somebody still holds open on Windows go with `directory`.
        folder = TemporaryDirectory(prefix="step-", dir=directory, ignore_cleanup_errors=True)
        with folder as name, server.emulator.identities.lent(job.identity) as secret:
            yield _place(Path(name), server, environ, secret)

    steps = AzureCliSteps(place)
    executor.azure_cli_steps = steps
    try:
        yield
    finally:
        steps.end()


def _place(folder: Path, server: RunningServer, environ: Mapping[str, str], secret: str) -> Place:
    """An empty place; az has no account there, so that `az login --identity` is for the step to do."""
    folders = {name: folder / name for name in ("azure", "extensions", "home", "temporary", "workspace")}
    for path in folders.values():
        path.mkdir(mode=0o700)
    bundle = folder / CA_BUNDLE
    bundle.write_bytes(trusted_certificates(environ) + b"\n" + server.ca_pem)
    write_settings(folders["azure"], server)
    own = {
        **az_environment(
            folders["azure"], bundle, server, {**environ, "AZURE_EXTENSION_DIR": str(folders["extensions"])}
        ),
        "IDENTITY_HEADER": secret,
        "PIP_CERT": str(bundle),
        "HOME": str(folders["home"]),
        "USERPROFILE": str(folders["home"]),
        **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(folders["temporary"])),
    }
    passed_on = {name: environ[name] for name in PASSED_ON if name in environ}
    return Place(folders["workspace"], passed_on, own, (secret,))
