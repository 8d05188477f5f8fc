"""The task that deploy makes."""

from __future__ import annotations

from dataclasses import replace

import pytest
import requests
import yaml

from azext_acrpool.client.arm import as_json
from azext_acrpool.client.registries import Registry
from azext_acrpool.commands.autoscale.deployment import is_deployment, new_deployment, require_source, source_of
from azext_acrpool.commands.autoscale.interval import Interval
from azext_acrpool.commands.console.errors import UsageError
from azext_acrpool.commands.runs.definition import decoded

REGISTRY = Registry("my-subscription", "mygroup", "myregistry", location="westus2")
SOURCE = "https://files.example/acrpool-0.1.0-py3-none-any.whl"


def definition(group: str = "mygroup", cloud: str = "AzureCloud", every: str = "10m") -> str:
    registry = Registry("my-subscription", group, "myregistry", location="westus2")
    return decoded(new_deployment(registry, Interval.parse(every), SOURCE, cloud).step.get("encodedTaskContent"))


def command_of(text: str) -> str:
    (step,) = yaml.safe_load(text)["steps"]
    return str(step["cmd"])


def test_the_task() -> None:
    task = as_json(new_deployment(REGISTRY, Interval.parse("10m"), SOURCE, "AzureCloud"))
    content = task["properties"]["step"].pop("encodedTaskContent")
    assert task == {
        "location": "westus2",
        "identity": {"type": "SystemAssigned"},
        "properties": {
            "status": "Enabled",
            "platform": {"os": "Linux", "architecture": "amd64"},
            "agentConfiguration": {"cpu": 2},
            "timeout": 540,
            "step": {
                "type": "EncodedTask",
                "values": [{"name": "extensionSource", "value": SOURCE, "isSecret": False}],
            },
            "trigger": {
                "timerTriggers": [{"name": "autoscale", "schedule": "*/10 * * * *", "status": "Enabled"}],
            },
            "credentials": {"sourceRegistry": {"loginMode": "None"}},
        },
    }
    assert decoded(content) == (
        "# Written by az acr agentpool autoscale deploy, which writes it anew: change it with that.\n"
        "version: v1.1.0\n"
        "steps:\n"
        "  - cmd: >-\n"
        "      mcr.microsoft.com/azure-cli sh -c 'az login --identity --output none"
        ' && az extension add --yes --only-show-errors --source "{{.Values.extensionSource}}"'
        " && az acr agentpool autoscale run -r myregistry -g mygroup --subscription my-subscription'\n"
        "    disableWorkingDirectoryOverride: true\n"
        "    timeout: 480\n"
    )


def test_where_permissions_are_per_repository_nothing_is_said_of_a_login() -> None:
    registry = replace(REGISTRY, role_assignment_mode="AbacRepositoryPermissions")
    assert "credentials" not in as_json(new_deployment(registry, Interval(10), SOURCE, "AzureCloud"))["properties"]


def test_a_group_with_parentheses_stays_one_word_in_both_shells() -> None:
    assert command_of(definition(group="my(group)")).endswith(
        """ run -r myregistry -g '"'"'my(group)'"'"' --subscription my-subscription'"""
    )


def test_another_cloud_is_named_before_the_login() -> None:
    assert " sh -c 'az cloud set --name AzureUSGovernment && az login" in command_of(
        definition(cloud="AzureUSGovernment")
    )


def test_of_a_url_with_a_signature_the_query_is_a_secret() -> None:
    task = new_deployment(REGISTRY, Interval.parse("1h"), f"{SOURCE}?sv=1&sig=s3cret", "AzureCloud")
    assert [(value["name"], value["value"], value["isSecret"]) for value in task.step["values"]] == [
        ("extensionSource", SOURCE, False),
        ("extensionSourceQuery", "sv=1&sig=s3cret", True),
    ]
    command = command_of(decoded(task.step["encodedTaskContent"]))
    assert ' --source "{{.Values.extensionSource}}?{{.Values.extensionSourceQuery}}#.whl" && ' in command


@pytest.mark.parametrize(
    ("query", "sent"),
    [("sig=a%2fb%3d", "sig=a%2Fb%3D"), ("sig=%61%7e", "sig=a~"), ("a=[1]", "a=%5B1%5D"), ("a=50%", "a=50%25")],
    ids=["lower case", "needless", "brackets", "stray"],
)
def test_a_secret_is_spelled_as_az_spells_it_in_errors(query: str, sent: str) -> None:
    task = new_deployment(REGISTRY, Interval.parse("1h"), f"{SOURCE}?{query}", "AzureCloud")
    assert [value["value"] for value in task.step["values"]] == [SOURCE, sent]
    # So requests has it, with which az downloads, and what it raises holds this URL.
    assert requests.Request("GET", f"{SOURCE}?{sent}#.whl").prepare().url == f"{SOURCE}?{sent}#.whl"


def test_an_empty_query_is_none() -> None:
    task = new_deployment(REGISTRY, Interval.parse("1h"), f"{SOURCE}?", "AzureCloud")
    assert [value["name"] for value in task.step["values"]] == ["extensionSource"]
    assert "extensionSourceQuery" not in decoded(task.step["encodedTaskContent"])


def test_what_deploy_has_made_is_known_by_its_definition() -> None:
    task = new_deployment(REGISTRY, Interval.parse("1h"), SOURCE, "AzureCloud")
    assert (is_deployment(task), source_of(task)) == (True, SOURCE)
    task.step["encodedTaskContent"] = "dmVyc2lvbjogdjEuMS4wCg=="
    assert not is_deployment(task)


@pytest.mark.parametrize(
    ("text", "shown", "cron", "timeout"),
    [
        ("5m", "5m", "*/5 * * * *", 240),
        ("6min", "6m", "*/6 * * * *", 288),
        ("30m", "30m", "*/30 * * * *", 900),
        ("60m", "1h", "0 * * * *", 900),
        ("6h", "6h", "0 */6 * * *", 900),
        (" 24 H ", "24h", "0 0 * * *", 900),
    ],
)
def test_intervals(text: str, shown: str, cron: str, timeout: int) -> None:
    interval = Interval.parse(text)
    assert (str(interval), interval.cron, interval.step_timeout) == (shown, cron, timeout)
    assert Interval.of(cron) == interval


def test_what_it_costs() -> None:
    costs = [(interval.runs_a_month, round(interval.dollars_a_month, 2)) for interval in map(Interval, (10, 60))]
    assert costs == [(4320, 51.84), (720, 8.64)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("7m", "--every 7m does not go evenly into an hour. Nearest are 6m and 10m."),
        ("5h", "--every 5h does not go evenly into a day. Nearest are 4h and 6h."),
        ("90m", "--every 90m does not go evenly into a day. Nearest are 1h and 2h."),
        ("4m", "--every 4m is not from 5m to 24h."),
        ("25h", "--every 25h is not from 5m to 24h."),
        ("soon", "--every 'soon' is no interval."),
        ("10", "--every '10' is no interval."),
    ],
)
def test_intervals_that_do_not_go(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        Interval.parse(text)
    assert caught.value.error.error_msg == message


@pytest.mark.parametrize(
    "url",
    [
        SOURCE,
        f"{SOURCE}?sv=2024&sig=a%2Fb%3D",
        "http://127.0.0.1:8080/acrpool-0.1.0-py3-none-any.whl",
        "http://localhost/acrpool-0.1.0-py3-none-any.whl",
    ],
    ids=["https", "signed", "own address", "own name"],
)
def test_urls_of_wheels(url: str) -> None:
    require_source(url)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        (
            "http://files.example/acrpool-1-py3-none-any.whl?sig=s3cret",
            (
                "--extension-source 'http://files.example/acrpool-1-py3-none-any.whl' is not a URL that begins with"
                " https://."
            ),
        ),
        (
            "./acrpool-1-py3-none-any.whl",
            "--extension-source './acrpool-1-py3-none-any.whl' is not a URL that begins with https://.",
        ),
        (
            "https://files.example/$(id)/acrpool-1-py3-none-any.whl",
            (
                "--extension-source 'https://files.example/$(id)/acrpool-1-py3-none-any.whl' has characters that have"
                " to be percent-encoded in a URL."
            ),
        ),
        (
            "https://me:s3cret@files.example/acrpool-1-py3-none-any.whl",
            (
                "--extension-source 'https://files.example/acrpool-1-py3-none-any.whl' has a user name or a fragment,"
                " which is not sent on."
            ),
        ),
        (
            "https://[/acrpool-1-py3-none-any.whl",
            "--extension-source 'https://[/acrpool-1-py3-none-any.whl' is no URL: Invalid IPv6 URL.",
        ),
        (
            "https://files.example:port/acrpool-1-py3-none-any.whl",
            "--extension-source 'https://files.example:port/acrpool-1-py3-none-any.whl' is no URL that az can fetch.",
        ),
        (
            "https://files.example/other-1-py3-none-any.whl",
            (
                "--extension-source 'https://files.example/other-1-py3-none-any.whl' is not the URL of a wheel of this"
                " extension."
            ),
        ),
    ],
    ids=["http", "path", "shell", "user", "address", "port", "other"],
)
def test_what_is_no_url_of_a_wheel(url: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        require_source(url)
    assert caught.value.error.error_msg == message
