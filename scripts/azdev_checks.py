"""Run az's own checks for extensions, `azdev style` and `azdev linter`, with no clone of azure-cli and no network.

azdev looks for extensions as folders with an egg-info and for one file of an azure-cli clone; both are made in a
scratch folder, so that nothing is left in the checkout.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = Path(sys.executable).parent
PACKAGE = "azext_acrpool"
# The default set of rule types fetches files from the web.
RULE_TYPES = ("params", "commands", "command_groups", "help_entries")

# azdev linter loads all of az with its help before it looks at our commands. With az's module `acr` alone
# it finds the same in a fifth of the time. (The empty command is what another module of az leaves behind.)
LINTER = """\
from azdev.__main__ import main
from azure.cli.core import MainCommandsLoader

load_modules = MainCommandsLoader._load_modules


def load_acr(loader, arguments, _modules):
    loader.cli_ctx.invocation.data["command_string"] = ""
    return load_modules(loader, arguments, ["acr"])


MainCommandsLoader._load_modules = load_acr
main()
"""

# azdev reads this file of azure-cli when it is imported, for its command coverage report, which is not run here.
COVERAGE_SETTINGS = "\n".join(
    (
        *(f"{key}: ''" for key in ("CMD_PATTERN", "QUO_PATTERN", "END_PATTERN", "DOCS_END_PATTERN", "NOT_END_PATTERN")),
        *(f"{key}: ''" for key in ("NUMBER_SIGN_PATTERN", "RED", "ORANGE", "GREEN", "BLUE", "GOLD")),
        *(f"{key}: []" for key in ("GLOBAL_PARAMETERS", "GENERIC_UPDATE_PARAMETERS", "WAIT_CONDITION_PARAMETERS")),
        *(
            f"{key}: []"
            for key in ("OTHER_PARAMETERS", "CLI_OWN_MODULES", "EXCLUDE_MODULES", "GLOBAL_EXCLUDE_COMMANDS")
        ),
        "EXCLUDE_COMMANDS: {}",
        *(
            f"{key}: {value}"
            for key, value in (("RED_PCT", 30), ("ORANGE_PCT", 60), ("GREEN_PCT", 80), ("BLUE_PCT", 100))
        ),
        "ENCODING: utf-8",
    )
)


def lay_out(scratch: Path) -> tuple[Path, dict[str, str]]:
    """Make what azdev wants to see; returns the extension's folder and the environment to run azdev in."""
    extension = scratch / "extension"
    shutil.copytree(ROOT / PACKAGE, extension / PACKAGE, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.py", "README.md", "linter_exclusions.yml", "pylintrc", ".flake8"):
        shutil.copy2(ROOT / name, extension)
    settings = scratch / "azure-cli" / "scripts" / "ci" / "cmdcov.yml"
    settings.parent.mkdir(parents=True)
    settings.write_text(COVERAGE_SETTINGS, "utf-8")
    environment = {
        **os.environ,
        "PATH": f"{COMMANDS}{os.pathsep}{os.environ.get('PATH', '')}",
        # azdev finds its settings only in an activated environment.
        "VIRTUAL_ENV": str(COMMANDS.parent),
        "AZDEV_CLI_REPO_PATH": str(scratch / "azure-cli"),
        "AZDEV_EXT_REPO_PATHS": str(extension),
        "AZDEV_CONFIG_DIR": str(scratch / "azdev"),
        "AZURE_EXTENSION_DEV_SOURCES": str(extension),
        "AZURE_EXTENSION_DIR": str(scratch / "no-extensions"),
        "AZURE_CONFIG_DIR": str(scratch / "azure"),
        "AZURE_CORE_COLLECT_TELEMETRY": "no",
    }
    return extension, environment


def main() -> int:
    # Who stops this finds no scratch folder left.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory() as folder:
        extension, environment = lay_out(Path(folder))
        for steps in (
            [sys.executable, "setup.py", "--quiet", "egg_info"],
            [sys.executable, "-c", "from azdev.operations.setup import _copy_config_files; _copy_config_files()"],
            [str(COMMANDS / "azdev"), "style", PACKAGE],
            [sys.executable, "-c", LINTER, "linter", PACKAGE, "--rule-types", *RULE_TYPES],
        ):
            done = subprocess.run(steps, cwd=extension, env=environment, check=False)
            if done.returncode:
                return done.returncode
    return 0


if __name__ == "__main__":
    sys.exit(main())
