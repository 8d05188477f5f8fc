"""How true the emulator is: to the tables of the agent's answers, and to recordings of Azure.

    scripts/conformance                          the tables and recordings of the repository
    scripts/conformance --agent DIR --wire DIR   others of the same form
    scripts/conformance --verbose                also what differs

Prints a line `NAME: matched of total` for each.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support")]

from build_table import BUILD  # noqa: E402
from log_table import LOG  # noqa: E402
from plan_table import PLAN  # noqa: E402
from render_table import RENDER  # noqa: E402
from scan_table import SCAN  # noqa: E402
from tables import AGENT, Table, load_cases  # noqa: E402

TABLES = (SCAN, RENDER, PLAN, BUILD, LOG)


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/conformance", description=str(__doc__).partition("\n")[0])
    parser.add_argument("--agent", type=Path, default=AGENT, metavar="DIR", help="tables of the agent's answers")
    parser.add_argument("--wire", type=Path, default=HERE / "wire", metavar="DIR", help="recordings of Azure")
    parser.add_argument("--verbose", action="store_true", help="print what differs")
    arguments = parser.parse_args()
    for table in TABLES:
        print_table(table, arguments.agent / table.file, arguments.verbose)
    return 0


def print_table(table: Table, path: Path, verbose: bool) -> None:
    if not path.exists():
        return
    cases = load_cases(path, table.member)
    mismatches = list(table.mismatches(cases))
    print(f"{table.name}: {len(cases) - len(mismatches)} of {len(cases)}")
    for mismatch in mismatches if verbose else ():
        print(mismatch)


if __name__ == "__main__":
    sys.exit(main())
