"""How true the emulator is: to the tables of the agent's answers, and to recordings of Azure.

    scripts/conformance                          the tables and recordings of the repository
    scripts/conformance --agent DIR --wire DIR   others of the same form
    scripts/conformance --verbose                also what differs

Prints a line `NAME: matched of total` for each; for a recording also how many of its requests are not the emulator's.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support")]

from agent_tables import TABLES  # noqa: E402
from comparison import Difference  # noqa: E402
from known_differences import reason_of  # noqa: E402
from recordings import WIRE, Recording, load_recordings, replay  # noqa: E402
from spec_examples import example_differences, load_examples  # noqa: E402
from tables import AGENT, Table, load_cases  # noqa: E402

EXAMPLES = "spec-examples"


def main(words: Sequence[str] | None = None) -> int:
    """The program: `words` are its arguments, those of the process without."""
    parser = argparse.ArgumentParser(prog="scripts/conformance", description=str(__doc__).partition("\n")[0])
    parser.add_argument("--agent", type=Path, default=AGENT, metavar="DIR", help="tables of the agent's answers")
    parser.add_argument("--wire", type=Path, default=WIRE, metavar="DIR", help="recordings of Azure")
    parser.add_argument("--verbose", action="store_true", help="print what differs")
    arguments = parser.parse_args(words)
    for table in TABLES:
        print_table(table, arguments.agent / table.file, arguments.verbose)
    for recording in load_recordings(arguments.wire):
        print_recording(recording, arguments.verbose)
    print_examples(arguments.wire / EXAMPLES, arguments.verbose)
    return 0


def print_table(table: Table, path: Path, verbose: bool) -> None:
    if not path.exists():
        return
    cases = load_cases(path, table.member)
    mismatches = list(table.mismatches(cases))
    print(f"{table.name}: {len(cases) - len(mismatches)} of {len(cases)}")
    for mismatch in mismatches if verbose else ():
        print(mismatch)


def print_recording(recording: Recording, verbose: bool) -> None:
    try:
        exchanges = replay(recording)
    except Exception as error:  # one recording that is odd must not hide what the others show
        print(f"{recording.name}: 0 of {len(recording.interactions)} (cannot be replayed: {error!r})")
        return
    emulated = [exchange for exchange in exchanges if exchange.is_emulated]
    matched = sum(not exchange.differences for exchange in emulated)
    others = len(exchanges) - len(emulated)
    aside = f" ({others} not the emulator's)" if others else ""
    print(f"{recording.name}: {matched} of {len(emulated)}{aside}")
    for exchange in emulated if verbose else ():
        print_differences(recording.name, f"#{exchange.number}.{exchange.poll} {exchange.label}", exchange.differences)


def print_examples(folder: Path, verbose: bool) -> None:
    differences = {example.name: example_differences(example) for example in load_examples(folder)}
    if not differences:
        return
    print(f"{EXAMPLES}: {sum(not found for found in differences.values())} of {len(differences)}")
    for name, found in differences.items() if verbose else ():
        print_differences(name, name, found)


def print_differences(name: str, label: str, differences: Sequence[Difference]) -> None:
    for difference in differences:
        reason = reason_of(name, difference)
        print(f"  {label}: {difference.where} {difference.what}{f' ({reason})' if reason else ''}")


if __name__ == "__main__":
    sys.exit(main())
