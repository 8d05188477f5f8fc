"""Executors: what an emulated agent does with a run."""

from __future__ import annotations

from .check import CheckExecutor
from .model import Event, Executor, ImageDependency, ImageReference, Job, LogLine, Outcome, Source

__all__ = [
    "CheckExecutor",
    "Event",
    "Executor",
    "ImageDependency",
    "ImageReference",
    "Job",
    "LogLine",
    "Outcome",
    "Source",
]
