"""Task files: what a text says (`read_task`), and what acb makes of it before it runs (`complete_task`).

`plan_task` does both. Rules and texts: acb, graph/ and pkg/volume.
"""

from __future__ import annotations

from .defaults import complete_task, plan_task
from .document import read_task
from .graph import ROOT, Order, order_of
from .model import Mount, Network, Secret, Step, Task, TaskOptions, Volume

__all__ = [
    "ROOT",
    "Mount",
    "Network",
    "Order",
    "Secret",
    "Step",
    "Task",
    "TaskOptions",
    "Volume",
    "complete_task",
    "order_of",
    "plan_task",
    "read_task",
]
