"""The emulator's contract with the agent: it answers what acb was seen to answer.

What is known to differ is listed in DIFFERENT, each with the reason; an entry that no longer differs fails the test.
"""

from __future__ import annotations

import pytest
from agent_tables import TABLES
from tables import AGENT, Table, load_cases

DIFFERENT: dict[str, dict[str, str]] = {}
"""By the name of the table and the ID of the case: why the answer differs."""


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_is_answered_as_by_the_agent(table: Table) -> None:
    cases = load_cases(AGENT / table.file, table.member)
    mismatches = {mismatch.case: str(mismatch) for mismatch in table.mismatches(cases)}

    unknown = [text for case, text in mismatches.items() if case not in DIFFERENT.get(table.name, {})]
    assert not unknown, "\n".join(unknown)
    assert DIFFERENT.get(table.name, {}).keys() <= mismatches.keys()
