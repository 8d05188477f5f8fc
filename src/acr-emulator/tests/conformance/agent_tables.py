"""All tables of the agent's answers."""

from __future__ import annotations

from build_table import BUILD
from log_table import LOG
from plan_table import PLAN
from render_table import RENDER
from scan_table import SCAN

__all__ = ["TABLES"]

TABLES = (SCAN, RENDER, PLAN, BUILD, LOG)
