"""What az runs on the parsed command line before a command. A bad value ends the command as a usage error."""

from __future__ import annotations

from .build_secrets import validate_build_secrets
from .caches import CACHES, cache_place
from .flags import mark_typed, none_unless_typed
from .names import (
    validate_image_names,
    validate_log_template,
    validate_login_server,
    validate_pool_name,
    validate_pool_of_ids,
    validate_pool_of_run,
    validate_task_name,
    validate_task_run_name,
    validate_timer_name,
)
from .numbers import any_number, validate_run_timeout, whole_number, within
from .pairs import (
    validate_build_arguments,
    validate_secret_build_arguments,
    validate_secret_task_values,
    validate_tags,
    validate_task_values,
)
from .registries import validate_registry_name
from .runs import validate_run_id, validate_run_id_or_none, validate_run_ids
from .subnets import validate_subnet
from .texts import each_one_line, one_line, sendable

__all__ = [
    "CACHES",
    "any_number",
    "cache_place",
    "each_one_line",
    "mark_typed",
    "none_unless_typed",
    "one_line",
    "sendable",
    "validate_build_arguments",
    "validate_build_secrets",
    "validate_image_names",
    "validate_log_template",
    "validate_login_server",
    "validate_pool_name",
    "validate_pool_of_ids",
    "validate_pool_of_run",
    "validate_registry_name",
    "validate_run_id",
    "validate_run_id_or_none",
    "validate_run_ids",
    "validate_run_timeout",
    "validate_secret_build_arguments",
    "validate_secret_task_values",
    "validate_subnet",
    "validate_tags",
    "validate_task_name",
    "validate_task_run_name",
    "validate_task_values",
    "validate_timer_name",
    "whole_number",
    "within",
]
