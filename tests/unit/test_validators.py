"""What the command line may say."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from az_errors import printed_errors
from hypothesis import given
from hypothesis import strategies as st
from knack.validators import DefaultStr

from azext_acrpool._validators import (
    any_number,
    each_one_line,
    one_line,
    sendable,
    validate_build_arguments,
    validate_build_secrets,
    validate_image_names,
    validate_log_template,
    validate_login_server,
    validate_pool_name,
    validate_pool_of_run,
    validate_registry_name,
    validate_run_id_or_none,
    validate_run_ids,
    validate_run_timeout,
    validate_secret_build_arguments,
    validate_secret_task_values,
    validate_subnet,
    validate_tags,
    validate_task_name,
    validate_task_run_name,
    validate_task_values,
    whole_number,
    within,
)
from azext_acrpool.commands.given import is_filled_in
from azext_acrpool.commands.runs.buildkit.secrets import BuildSecret
from azext_acrpool.wording import printable

Capture = pytest.CaptureFixture[str]
Log = pytest.LogCaptureFixture


def command(suffix: str | None = ".azurecr.io") -> Any:
    suffixes = SimpleNamespace(**({"acr_login_server_endpoint": suffix} if suffix else {}))
    config = SimpleNamespace(getboolean=lambda *_: False)
    cloud = SimpleNamespace(suffixes=suffixes)
    return SimpleNamespace(
        cli_ctx=SimpleNamespace(cloud=cloud, config=config, only_show_errors=False, data={"subscription_id": None})
    )


@pytest.mark.parametrize(
    ("typed", "name", "told"),
    [
        ("myregistry", "myregistry", ""),
        ("MyRegistry1", "MyRegistry1", ""),
        (
            "myregistry.azurecr.io",
            "myregistry",
            "WARNING: 'myregistry.azurecr.io' is taken as registry 'myregistry'.\n",
        ),
        (
            "myregistry.AZURECR.IO",
            "myregistry",
            "WARNING: 'myregistry.AZURECR.IO' is taken as registry 'myregistry'.\n",
        ),
        (
            "myregistry-b2c3d4.azurecr.io",
            "myregistry",
            "WARNING: 'myregistry-b2c3d4.azurecr.io' is taken as registry 'myregistry'.\n",
        ),
        (
            " https://myregistry.azurecr.io/\n",
            "myregistry",
            "WARNING: 'https://myregistry.azurecr.io/' is taken as registry 'myregistry'.\n",
        ),
        ("myregistry\r\n", "myregistry", ""),
        (None, None, ""),
    ],
)
def test_registry_names_and_login_servers(typed: str | None, name: str | None, told: str, capsys: Capture) -> None:
    namespace = SimpleNamespace(registry_name=typed)
    validate_registry_name(command(), namespace)
    assert namespace.registry_name == name
    assert capsys.readouterr() == ("", told)


REGISTRY_ID = "/subscriptions/s1/resourceGroups/mygroup/providers/Microsoft.ContainerRegistry/registries/myregistry"
POOL_ID = f"{REGISTRY_ID}/agentPools/mypool"
NOWHERE = dict.fromkeys(("resource_group_name", "_subscription"))
POOL_TYPE = "Microsoft.ContainerRegistry/registries/agentPools"
NETWORK_ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v"


@pytest.mark.parametrize(
    ("typed", "beside"),
    [
        (REGISTRY_ID, {}),
        (f"{REGISTRY_ID}/\n", {}),
        (REGISTRY_ID.replace("resourceGroups", "resourcegroups").replace("Microsoft", "microsoft"), {}),
        (REGISTRY_ID, {"resource_group_name": "MYGROUP", "_subscription": "S1"}),
        (REGISTRY_ID, {"resource_group_name": DefaultStr("other"), "_subscription": DefaultStr("other")}),
    ],
)
def test_a_resource_id_names_subscription_and_group_too(typed: str, beside: dict[str, str]) -> None:
    cmd = command()
    namespace = SimpleNamespace(
        **{"registry_name": typed, "resource_group_name": None, "_subscription": None, **beside}
    )
    validate_registry_name(cmd, namespace)
    assert (namespace.registry_name, namespace.resource_group_name) == ("myregistry", "mygroup")
    assert (namespace._subscription, cmd.cli_ctx.data) == ("s1", {"subscription_id": "s1"})


LIST = "List your registries with: az acr list -o table\n"


@pytest.mark.parametrize(
    ("typed", "beside", "told", "advice"),
    [
        (
            REGISTRY_ID,
            {"resource_group_name": "other"},
            "--resource-group 'other' contradicts --registry, whose resource ID names 'mygroup'.",
            "Leave out --resource-group, or give the registry's name alone.\n",
        ),
        (
            REGISTRY_ID,
            {"_subscription": "s2"},
            "--subscription 's2' contradicts --registry, whose resource ID names 's1'.",
            "Leave out --subscription, or give the registry's name alone.\n",
        ),
        (
            POOL_ID,
            {},
            f"'{POOL_ID}' is the resource ID of a resource of type {POOL_TYPE}, not of a registry.",
            f"Its registry is: {REGISTRY_ID}\n",
        ),
        (
            NETWORK_ID,
            {},
            (
                f"'{NETWORK_ID}' is the resource ID of a resource of type Microsoft.Network/virtualNetworks, not of a"
                " registry."
            ),
            LIST,
        ),
        (
            "/subscriptions/s/resourceGroups/g",
            {},
            (
                "'/subscriptions/s/resourceGroups/g' is not the resource ID of a registry, which looks like"
                " /subscriptions/../resourceGroups/../providers/Microsoft.ContainerRegistry/registries/.."
            ),
            LIST,
        ),
    ],
)
def test_what_cannot_be_the_id_of_a_registry_is_a_usage_error(
    typed: str, beside: dict[str, str], told: str, advice: str, caplog: Log, capsys: Capture
) -> None:
    namespace = SimpleNamespace(
        **{"registry_name": typed, "resource_group_name": None, "_subscription": None, **beside}
    )
    assert refused(partial(validate_registry_name, command()), namespace, caplog) == [told]
    assert capsys.readouterr() == ("", advice)


def test_what_az_filled_in_is_known_afterwards() -> None:
    namespace = SimpleNamespace(
        registry_name=DefaultStr("myregistry.azurecr.io"), resource_group_name=DefaultStr("mygroup\n")
    )
    validate_registry_name(command(), namespace)
    assert (namespace.registry_name, namespace.resource_group_name) == ("myregistry", "mygroup")
    assert is_filled_in(namespace.registry_name)
    assert is_filled_in(namespace.resource_group_name)


def test_cloud_without_a_login_server_suffix() -> None:
    namespace = SimpleNamespace(registry_name="myregistry.anything.example")
    validate_registry_name(command(None), namespace)
    assert namespace.registry_name == "myregistry"


NO_NAMES = ("four", "a" * 51, "my-registry", "my_registry", "", "https://myregistry", "a/b/c/d")


@pytest.mark.parametrize(
    ("typed", "told", "recommended"),
    [
        *(
            (
                name,
                f"'{name}' cannot be the name of a registry: it must be 5 to 50 letters and digits.",
                "List your registries with: az acr list -o table\n",
            )
            for name in NO_NAMES
        ),
        (
            "myregistry.azurecr.cn",
            (
                "'myregistry.azurecr.cn' is not a login server of the current cloud, whose login servers end in"
                " '.azurecr.io'."
            ),
            "Give the registry's name alone, or choose the cloud with: az cloud set --name CLOUD\n",
        ),
    ],
)
def test_what_cannot_be_a_registry_is_a_usage_error(
    typed: str, told: str, recommended: str, caplog: Log, capsys: Capture
) -> None:
    with pytest.raises(SystemExit) as ended:
        validate_registry_name(command(), SimpleNamespace(registry_name=typed))
    assert ended.value.code == 2
    assert printed_errors(caplog) == [told]
    assert capsys.readouterr() == ("", recommended)


def refused(validate: Callable[[Any], None], namespace: Any, log: Log) -> list[str]:
    """What az prints when a value is refused, which must end it with exit code 2."""
    log.clear()
    with pytest.raises(SystemExit) as ended:
        validate(namespace)
    assert ended.value.code == 2
    return printed_errors(log)


def test_a_resource_group_is_one_line(caplog: Log) -> None:
    namespace = SimpleNamespace(registry_name="myregistry", resource_group_name="my\ngroup")
    assert refused(partial(validate_registry_name, command()), namespace, caplog) == [
        "--resource-group must be one line of text: it holds a line end or control character, as its character 3."
    ]


ID = "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/n"


VNET_ID = ID.removesuffix("/subnets/n")
NO_SUBNET = dict.fromkeys(("subnet_id", "subnet", "vnet_name", "vnet_resource_group"))


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"subnet_id": ID},
        {"subnet": ID},
        {"subnet": "n", "vnet_name": "v"},
        {"subnet": "n", "vnet_name": "v", "vnet_resource_group": "My (hub) group"},
        {"subnet": "n", "vnet_name": VNET_ID},
    ],
)
def test_subnets(given: dict[str, str]) -> None:
    namespace = SimpleNamespace(**{**NO_SUBNET, **{name: f"{text}\n" for name, text in given.items()}})
    validate_subnet(namespace)
    assert vars(namespace) == {**NO_SUBNET, **given}


TWICE = "--subnet-id cannot be used with --subnet, --vnet-name or --vnet-resource-group."
BY_ID = "Give both names, or the resource ID with --subnet-id.\n"


@pytest.mark.parametrize(
    ("given", "told", "recommended"),
    [
        ({"subnet_id": ID, "subnet": "n"}, TWICE, "Give the subnet only once.\n"),
        ({"subnet_id": ID, "vnet_name": "v"}, TWICE, "Give the subnet only once.\n"),
        ({"subnet": "n"}, "--subnet needs --vnet-name too.", BY_ID),
        ({"vnet_name": "v"}, "--vnet-name needs --subnet too.", BY_ID),
        (
            {"subnet": ID, "vnet_name": "v"},
            "--subnet is a resource ID, which names the network already.",
            "Leave out --vnet-name.\n",
        ),
        (
            {"subnet": "n", "vnet_name": VNET_ID, "vnet_resource_group": "g"},
            "--vnet-name is a resource ID, which names the resource group already.",
            "Leave out --vnet-resource-group.\n",
        ),
        ({"subnet_id": ID, "vnet_resource_group": "g"}, TWICE, "Give the subnet only once.\n"),
        ({"vnet_resource_group": "g"}, "--vnet-resource-group needs --vnet-name and --subnet too.", BY_ID),
    ],
)
def test_contradictory_subnets(
    given: dict[str, str], told: str, recommended: str, caplog: Log, capsys: Capture
) -> None:
    with pytest.raises(SystemExit) as ended:
        validate_subnet(SimpleNamespace(**{**NO_SUBNET, **given}))
    assert ended.value.code == 2
    assert printed_errors(caplog) == [told]
    assert capsys.readouterr() == ("", recommended)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {"subnet": "n?a", "vnet_name": "v"},
            "--subnet 'n?a' cannot be a name: it must be up to 80 letters, digits, periods, hyphens and underscores.",
        ),
        (
            {"subnet": "n", "vnet_name": "v/subnets/x"},
            "--vnet-name 'v/subnets/x' is neither the name nor the resource ID of a virtual network.",
        ),
        (
            {"subnet_id": f"{ID}\nx"},
            "--subnet-id must be one line of text: it holds a line end or control character, as its character 90.",
        ),
        (
            {"subnet": "n", "vnet_name": ID},
            f"--vnet-name '{ID}' is neither the name nor the resource ID of a virtual network.",
        ),
        (
            {"subnet": "n", "vnet_name": "v", "vnet_resource_group": "g/x"},
            "--vnet-resource-group 'g/x' cannot be the name of a resource group.",
        ),
    ],
)
def test_names_that_would_make_another_subnet_id(given: dict[str, str], told: str, caplog: Log) -> None:
    namespace = SimpleNamespace(**{**NO_SUBNET, **given})
    assert refused(validate_subnet, namespace, caplog) == [told]


def read(texts: list[str] | None) -> Any:
    namespace = SimpleNamespace(arg=texts)
    validate_build_arguments(command(), namespace)
    return namespace.arg


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [("A=b", "A", "b"), ("A=", "A", ""), ("A=b=c d", "A", "b=c d"), ("FROM_ENV", "FROM_ENV", "here"), ("A", "A", "")],
)
def test_build_arguments(monkeypatch: pytest.MonkeyPatch, text: str, name: str, value: str) -> None:
    monkeypatch.setenv("FROM_ENV", "here")
    monkeypatch.delenv("A", raising=False)
    assert read([text]) == [{"type": "Argument", "name": name, "value": value, "isSecret": False}]


def test_build_argument_without_a_value_is_told(capsys: Capture) -> None:
    read(["SURELY_NOT_SET_ANYWHERE"])
    assert capsys.readouterr() == (
        "",
        "WARNING: Build argument SURELY_NOT_SET_ANYWHERE is empty: there is no environment variable of that name.\n",
    )


def test_no_build_arguments() -> None:
    assert read(None) is None


def test_secret_build_arguments_are_marked_and_not_logged(caplog: Log, capsys: Capture) -> None:
    namespace = SimpleNamespace(secret_arg=["TOKEN=hunter2"])
    with caplog.at_level("DEBUG"):
        validate_secret_build_arguments(command(), namespace)
    assert namespace.secret_arg == [{"type": "Argument", "name": "TOKEN", "value": "hunter2", "isSecret": True}]
    assert caplog.text == ""
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        (None, None),
        ([""], []),
        (["id=npm,env=TOKEN", "id=TOKEN"], [BuildSecret("npm", "hunter2"), BuildSecret("TOKEN", "hunter2")]),
    ],
)
def test_build_secrets_are_read_and_not_logged(
    typed: list[str] | None,
    read: list[BuildSecret] | None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: Log,
    capsys: Capture,
) -> None:
    monkeypatch.setenv("TOKEN", "hunter2")
    namespace = SimpleNamespace(secret=typed, secret_arg=None, buildkit=False, cache=None)
    with caplog.at_level("DEBUG"):
        validate_build_secrets(command(), namespace)
    assert (namespace.secret, namespace.secret_arg) == (read, None)
    assert caplog.text == ""
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        (["id=npm,env=SURELY_NOT_SET_ANYWHERE"], "Secret 'npm' names an environment variable that is not set."),
        ([[]], "--secret has no value."),
    ],
)
def test_what_cannot_be_a_build_secret(typed: list[Any], told: str, caplog: Log) -> None:
    assert refuse_build_secrets(typed, caplog) == [told]


@pytest.mark.parametrize("typed", [["KEY=hunter2"], ["KEY"], ["KEY=hunter2", "", "IDS=id=x,y"]], ids=" ".join)
def test_secret_is_short_for_secret_build_arg_in_a_command_line_of_az_own(
    typed: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("KEY", "hunter2")
    before = {"type": "Argument", "name": "BEFORE", "value": "", "isSecret": True}
    key = {"type": "Argument", "name": "KEY", "value": "hunter2", "isSecret": True}
    namespace = SimpleNamespace(secret=typed, secret_arg=[before], buildkit=False, cache=None)
    validate_build_secrets(command(), namespace)
    assert (namespace.secret, namespace.secret_arg[:2]) == ([], [before, key])
    assert capsys.readouterr().err == (
        "--secret is taken for --secret-build-arg: write that out, or give what RUN --mount=type=secret is to find as"
        " id=NAME.\n"
    )


@pytest.mark.parametrize(
    ("typed", "buildkit", "cache"),
    [
        (["SURELY_NOT_SET_ANYWHERE"], False, None),
        (["name=npmrc,src=.npmrc"], False, None),
        (["KEY=x", "id=y"], False, None),
        (["id"], False, None),
        (["a b=x"], False, None),
        (["KEY=x"], True, None),
        (["KEY=x"], False, "off"),
    ],
    ids=repr,
)
def test_what_is_no_build_argument_is_a_slip_in_a_secret(
    typed: list[str], buildkit: bool, cache: str | None, caplog: Log
) -> None:
    told = "--secret number 1 has a part that is none of id=, src=, env= and type=."
    assert refuse_build_secrets(typed, caplog, buildkit=buildkit, cache=cache)[0] == told


def refuse_build_secrets(
    typed: list[Any], caplog: Log, *, buildkit: bool = False, cache: str | None = None
) -> list[str]:
    namespace = SimpleNamespace(secret=typed, secret_arg=None, buildkit=buildkit, cache=cache)
    return refused(partial(validate_build_secrets, command()), namespace, caplog)


def test_build_arguments_mean_what_they_mean_to_az(monkeypatch: pytest.MonkeyPatch) -> None:
    from azure.cli.command_modules.acr._validators import validate_arg

    monkeypatch.setenv("FROM_ENV", "here")
    texts = ["A=b", "B=", "FROM_ENV", "SURELY_NOT_SET_ANYWHERE"]
    namespace = SimpleNamespace(arg=list(texts))
    validate_arg(namespace)
    assert read(texts) == namespace.arg


NO_BUILD_ARGUMENT = "A build argument must have a name without blanks before its '=', as NAME=VALUE."


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("=x", NO_BUILD_ARGUMENT),
        ("A B=x", NO_BUILD_ARGUMENT),
        ("\xa0=x", NO_BUILD_ARGUMENT),
        (
            "A\nB",
            "A build argument must be one line of text: it holds a line end or control character, as its character 2.",
        ),
        ("\ud800", "A build argument cannot be sent: it holds a byte that is no text in UTF-8, as its character 1."),
        ("A\0", "A build argument cannot be sent: it holds a NUL character, as its character 2."),
        (
            "A=b\udcff",
            (
                "The value of build argument A cannot be sent: it holds a byte that is no text in UTF-8, as its"
                " character 2."
            ),
        ),
    ],
)
def test_what_cannot_be_a_build_argument(text: str, told: str, caplog: Log) -> None:
    for validate in (validate_build_arguments, validate_secret_build_arguments):
        namespace = SimpleNamespace(arg=[text], secret_arg=[text])
        assert refused(partial(validate, command()), namespace, caplog) == [told]


def test_values_of_many_lines_are_values() -> None:
    assert read(["KEY=a\nb\n"])[0]["value"] == "a\nb\n"


TASK_VALUES = [("A=b", "A", "b"), ("A=", "A", ""), ("A=b=c d", "A", "b=c d"), ("A", "A", "")]


@pytest.mark.parametrize(("text", "name", "value"), TASK_VALUES)
def test_task_values(text: str, name: str, value: str) -> None:
    namespace = SimpleNamespace(set_value=[text], set_secret=[text])
    validate_task_values(namespace)
    validate_secret_task_values(namespace)
    found = {"type": "SetValue", "name": name, "value": value}
    assert namespace == SimpleNamespace(
        set_value=[{**found, "isSecret": False}], set_secret=[{**found, "isSecret": True}]
    )


def test_no_task_values() -> None:
    namespace = SimpleNamespace(set_value=None, set_secret=None)
    validate_task_values(namespace)
    validate_secret_task_values(namespace)
    assert namespace == SimpleNamespace(set_value=None, set_secret=None)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("=x", "{} must have a name without blanks before its '=', as NAME=VALUE."),
        ("a b=x", "{} must have a name without blanks before its '=', as NAME=VALUE."),
        ("a=\0", "The value of {} a cannot be sent: it holds a NUL character, as its character 1."),
    ],
)
def test_what_cannot_be_a_task_value(text: str, told: str, caplog: Log) -> None:
    namespace = SimpleNamespace(set_value=[text], set_secret=[text])
    assert refused(validate_task_values, namespace, caplog) == [told.format("--set")]
    assert refused(validate_secret_task_values, namespace, caplog) == [told.format("--set-secret")]


@pytest.mark.parametrize("name", ["abc", "A-pool-of-20-letters", None])
def test_pool_names(name: str | None) -> None:
    validate_pool_name(SimpleNamespace(agent_pool_name=name))
    validate_pool_of_run(SimpleNamespace(agent_pool_name=name))


def test_an_empty_pool_stands_for_none_where_runs_go(caplog: Log) -> None:
    namespace = SimpleNamespace(agent_pool_name="", registry_name="myregistry")
    validate_pool_of_run(namespace)
    assert refused(validate_pool_name, namespace, caplog) == [
        "'' cannot be the name of an agent pool: it must be 3 to 20 letters, digits and hyphens."
    ]


@pytest.mark.parametrize("name", ["ab", "a" * 21, "my_pool", "mypool/../x", "my\npool", "\x1b[31m"])
def test_what_cannot_be_a_pool(name: str, caplog: Log, capsys: Capture) -> None:
    for validate in (validate_pool_name, validate_pool_of_run):
        namespace = SimpleNamespace(agent_pool_name=name, registry_name="myregistry")
        assert refused(validate, namespace, caplog) == [
            f"'{printable(name)}' cannot be the name of an agent pool: it must be 3 to 20 letters, digits and hyphens."
        ]
        listing = "List the registry's agent pools with: az acr agentpool list -r myregistry -o table\n"
        assert capsys.readouterr() == ("", listing)


@pytest.mark.parametrize("typed", ["mypool", " mypool", "mypool\r\n"])
def test_what_a_tool_leaves_around_a_name_is_left_out(typed: str) -> None:
    namespace = SimpleNamespace(agent_pool_name=typed, task_name=typed)
    validate_pool_name(namespace)
    validate_task_name(namespace)
    assert (namespace.agent_pool_name, namespace.task_name) == ("mypool", "mypool")


def test_the_id_of_a_pool_is_not_its_name(caplog: Log, capsys: Capture) -> None:
    for validate, option in ((validate_pool_name, "-n"), (validate_pool_of_run, "--agent-pool")):
        namespace = SimpleNamespace(agent_pool_name=POOL_ID, registry_name="other")
        assert refused(validate, namespace, caplog) == [
            f"'{POOL_ID}' is the resource ID of an agent pool, where its name is wanted."
        ]
        advice = f"Give the names of registry and pool: -r myregistry {option} mypool\n"
        assert capsys.readouterr() == ("", advice)


@pytest.mark.parametrize("name", ["tasks", "my_task-1", "a" * 50])
def test_task_names(name: str) -> None:
    validate_task_name(SimpleNamespace(task_name=name))


@pytest.mark.parametrize("name", ["", "task", "a" * 51, "my.task", "mytask/runs", "my\ntask", "t\u00e4sks"])
def test_what_cannot_be_a_task(name: str, caplog: Log) -> None:
    namespace = SimpleNamespace(task_name=name, registry_name=None)
    assert refused(validate_task_name, namespace, caplog) == [
        (
            f"'{printable(name)}' cannot be the name of a task: it must be 5 to 50 letters, digits, hyphens and"
            " underscores."
        )
    ]


@pytest.mark.parametrize("name", ["hello", "samples/hello:v1", "$Registry/hello:{{.Run.ID}}"])
def test_image_names(name: str) -> None:
    validate_image_names(SimpleNamespace(image_names=None))
    validate_image_names(SimpleNamespace(image_names=["good:v1", name]))
    validate_log_template(SimpleNamespace(log_template=name))


NO_IMAGE = "'{}' cannot be the name of an image: {}."


@pytest.mark.parametrize(
    ("name", "told", "example"),
    [
        ("hello:feature/x", "its tag 'feature/x' holds '/', which no tag may", "samples/hello:v1"),
        ("Samples/MyImage:V1", "'Samples' in its repository is not in lower case", "samples/myimage:V1"),
        ("My Image", "it holds a blank", "samples/hello:v1"),
        ("{{.Run.ID}}/Hello", "'Hello' in its repository is not in lower case", "samples/hello:v1"),
    ],
)
def test_what_cannot_be_an_image(name: str, told: str, example: str, caplog: Log, capsys: Capture) -> None:
    for option, validate, namespace in (
        ("--image", validate_image_names, SimpleNamespace(image_names=["good:v1", name])),
        ("--log-template", validate_log_template, SimpleNamespace(log_template=name)),
    ):
        assert refused(validate, namespace, caplog) == [NO_IMAGE.format(name, told)]
        advice = f"Give it as REPOSITORY:TAG, for example: {option} {example}\n"
        assert capsys.readouterr() == ("", advice)


def test_an_image_is_one_line_and_a_log_may_be_kept_nowhere(caplog: Log) -> None:
    assert refused(validate_image_names, SimpleNamespace(image_names=["a\nb"]), caplog) == [
        "--image must be one line of text: it holds a line end or control character, as its character 2."
    ]
    assert refused(validate_image_names, SimpleNamespace(image_names=[""]), caplog) == [
        NO_IMAGE.format("", "it is empty")
    ]
    validate_log_template(SimpleNamespace(log_template=None))
    validate_log_template(SimpleNamespace(log_template=""))


@pytest.mark.parametrize(
    ("server", "good"), [("docker.io", True), ("localhost:5000", True), ("", False), ("a b", False)]
)
def test_login_servers(server: str, good: bool, caplog: Log) -> None:
    namespace = SimpleNamespace(login_server=server)
    if good:
        validate_login_server(namespace)
    else:
        told = f"'{server}' cannot be a login server, which is a host name."
        assert refused(validate_login_server, namespace, caplog) == [told]


@pytest.mark.parametrize(
    ("tags", "read"),
    [
        (None, None),
        ([""], {}),
        (["a=b", "c", "d=e=f", "\u00e4 x=<%&>"], {"a": "b", "c": "", "d": "e=f", "\u00e4 x": "<%&>"}),
        ([f"{'n' * 512}={'v' * 256}"], {"n" * 512: "v" * 256}),
    ],
)
def test_tags(tags: list[str] | None, read: dict[str, str] | None) -> None:
    namespace = SimpleNamespace(tags=tags)
    validate_tags(namespace)
    assert namespace.tags == read


@pytest.mark.parametrize(
    ("tags", "told"),
    [
        (["=x"], "A tag in --tags has no name."),
        ([f"t{number}" for number in range(51)], "51 --tags are too many: a resource has at most 50."),
        (["n" * 513], f"Tag '{'n' * 40}' is too long: names have at most 512 characters, values 256."),
        ([f"name={'v' * 257}"], "Tag 'name' is too long: names have at most 512 characters, values 256."),
        *(
            (
                [f"a{char}b=c"],
                (
                    f"'a{printable(char)}b' cannot be the name of a tag: it must hold none of < > % & \\ ? / and no"
                    " control characters."
                ),
            )
            for char in "<>%&\\?/\n"
        ),
        (
            ["a=\ud800"],
            "A value in --tags cannot be sent: it holds a byte that is no text in UTF-8, as its character 1.",
        ),
    ],
)
def test_what_cannot_be_tags(tags: list[str], told: str, caplog: Log) -> None:
    assert refused(validate_tags, SimpleNamespace(tags=tags), caplog) == [told]


@pytest.mark.parametrize(
    ("seconds", "warning"),
    [
        (None, ""),
        (28800, ""),
        (300, ""),
        (
            299,
            (
                "WARNING: --timeout 299 is less than the 300 seconds that are the least for the service, which may"
                " refuse it.\n"
            ),
        ),
    ],
)
def test_run_timeouts(seconds: int | None, warning: str, capsys: Capture) -> None:
    validate_run_timeout(command(), SimpleNamespace(timeout=seconds))
    assert capsys.readouterr() == ("", warning)


@pytest.mark.parametrize("seconds", [0, -1, 28801, 10**30, -(10**30)])
def test_run_timeouts_that_the_service_refuses(seconds: int, caplog: Log) -> None:
    assert refused(partial(validate_run_timeout, command()), SimpleNamespace(timeout=seconds), caplog) == [
        "--timeout must be a number of seconds from 1 to 28800."
    ]


@pytest.mark.parametrize("number", [0, -5, 10**30])
def test_numbers_out_of_bounds(number: int, caplog: Log) -> None:
    validate = within("cpu", "--cpu", least=1)
    validate(SimpleNamespace(cpu=None))
    validate(SimpleNamespace(cpu=1))
    assert refused(validate, SimpleNamespace(cpu=number), caplog) == ["--cpu must be a number from 1 to 2147483647."]


@pytest.mark.parametrize(
    ("text", "number"), [("0", 0), ("007", 7), ("-1", -1), ("+5", 5), (" 5", 5), ("5 \n", 5), ("9" * 100, 10**100 - 1)]
)
def test_whole_numbers(text: str, number: int) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize(
    "text", ["", " ", "-", "- 5", "1_000", "1 000", "1e3", "1.0", "0x10", "\u0665", "\uff15", "five"]
)
def test_what_python_reads_as_a_number_and_nobody_types_is_none(text: str) -> None:
    with pytest.raises(ArgumentTypeError) as refusal:
        whole_number(text)
    assert str(refusal.value) == f"'{printable(text)}' is not a whole number, written in digits from 0 to 9."


def test_texts(caplog: Log) -> None:
    for validate in (one_line("target", "--target"), sendable("target", "--target")):
        for text in (None, "", "final", "gr\u00fc\u00df \U0001f600"):
            validate(SimpleNamespace(target=text))
        for text, what in (("ab\0", "a NUL character"), ("ab\udc80", "a byte that is no text in UTF-8")):
            assert refused(validate, SimpleNamespace(target=text), caplog) == [
                f"--target cannot be sent: it holds {what}, as its character 3."
            ]
    sendable("target", "--target")(SimpleNamespace(target="a\nb"))
    for text in ("a\nb", "a\rb", "a\x1b[31m", "a\x9b", "a\u2028"):
        assert refused(one_line("target", "--target"), SimpleNamespace(target=text), caplog) == [
            "--target must be one line of text: it holds a line end or control character, as its character 2."
        ]
    each_one_line("schedule", "--schedule")(SimpleNamespace(schedule=None))
    each_one_line("schedule", "--schedule")(SimpleNamespace(schedule=["daily", "", "Mon"]))
    assert refused(each_one_line("schedule", "--schedule"), SimpleNamespace(schedule=["Mon", "a\nb"]), caplog) == [
        "--schedule must be one line of text: it holds a line end or control character, as its character 2."
    ]


@pytest.mark.parametrize("number", [10**30, -(10**30), 2**31])
def test_numbers_that_the_service_cannot_hold(number: int, caplog: Log) -> None:
    any_number("count", "--count")(SimpleNamespace(count=-1))
    assert refused(any_number("count", "--count"), SimpleNamespace(count=number), caplog) == [
        "--count must be a number from -2147483647 to 2147483647."
    ]


def test_an_option_without_a_value(caplog: Log) -> None:
    """As Python's parser before 3.13 reads `--option=--`."""
    nothing: list[str] = []
    for validate, parameter, told in (
        (partial(validate_registry_name, command()), "registry_name", "--registry has no value."),
        (validate_pool_name, "agent_pool_name", "The name of an agent pool has no value."),
        (validate_pool_of_run, "agent_pool_name", "The name of an agent pool has no value."),
        (validate_task_name, "task_name", "The name of a task has no value."),
        (validate_task_run_name, "taskrun_name", "The name of a task run has no value."),
        (one_line("target", "--target"), "target", "--target has no value."),
        (partial(validate_run_timeout, command()), "timeout", "--timeout must be a number of seconds from 1 to 28800."),
    ):
        assert refused(validate, SimpleNamespace(**{parameter: nothing}), caplog) == [told]
    assert refused(validate_image_names, SimpleNamespace(image_names=[nothing]), caplog) == ["--image has no value."]


ANY = st.text(st.characters(), max_size=60)
VALIDATORS: list[Callable[[Any], None]] = [
    partial(validate_registry_name, command()),
    partial(validate_build_arguments, command()),
    partial(validate_secret_build_arguments, command()),
    validate_task_values,
    validate_secret_task_values,
    validate_tags,
    validate_image_names,
    validate_log_template,
    validate_pool_name,
    validate_pool_of_run,
    validate_task_name,
    validate_task_run_name,
    validate_login_server,
    validate_subnet,
    one_line("target", "--target"),
    sendable("target", "--target"),
    each_one_line("texts", "--text"),
]


@given(st.sampled_from(VALIDATORS), ANY, st.lists(ANY, max_size=3))
def test_every_text_is_accepted_or_a_usage_error(validate: Callable[[Any], None], text: str, texts: list[str]) -> None:
    lists = dict.fromkeys(("arg", "secret_arg", "set_value", "set_secret", "tags", "image_names", "texts"), texts)
    single = (
        "registry_name",
        "agent_pool_name",
        "task_name",
        "taskrun_name",
        "login_server",
        "subnet_id",
        "subnet",
        "vnet_name",
        "vnet_resource_group",
        "target",
        "log_template",
    )
    with suppress(SystemExit):
        validate(SimpleNamespace(**lists, **dict.fromkeys(single, text), resource_group_name=text))


def test_a_task_run_has_a_name_that_leads_to_it() -> None:
    namespace = SimpleNamespace(taskrun_name=" my_task-run1\n")
    validate_task_run_name(namespace)
    assert namespace.taskrun_name == "my_task-run1"


@pytest.mark.parametrize("wrong", ["", " ", ".", "..", "mytaskrun/..", "a?b", "my\nrun"])
def test_what_cannot_be_the_name_of_a_task_run_is_refused(wrong: str, caplog: Log, capsys: Capture) -> None:
    namespace = SimpleNamespace(taskrun_name=wrong, registry_name="myregistry")
    assert refused(validate_task_run_name, namespace, caplog) == [
        (
            f"'{printable(wrong.strip())}' cannot be the name of a task run: it must be letters, digits, hyphens and"
            " underscores."
        )
    ]
    assert capsys.readouterr().err == "List the registry's task runs with: az acr taskrun list -r myregistry -o table\n"


def test_ids_of_runs_are_told_by_themselves() -> None:
    namespace = SimpleNamespace(run_id=[" cf1\n", "cf2"], registry_name="myregistry")
    validate_run_ids(namespace)
    assert namespace.run_id == ["cf1", "cf2"]


@pytest.mark.parametrize("wrong", ["", "cf1,cf2", "../cf1", "a/runs/cf1", "cf\0", "cf1?x"])
def test_what_cannot_be_the_id_of_a_run_is_refused(wrong: str, capsys: Capture, caplog: Log) -> None:
    with pytest.raises(SystemExit) as ending:
        validate_run_ids(SimpleNamespace(run_id=["cf1", wrong], registry_name="myregistry"))
    assert ending.value.code == 2


@pytest.mark.parametrize(("given", "kept"), [(None, None), ("", None), (" cf1\n", "cf1")], ids=["none", "empty", "ID"])
def test_a_run_whose_log_is_shown_may_be_left_open(given: str | None, kept: str | None) -> None:
    namespace = SimpleNamespace(run_id=given, registry_name="myregistry")
    validate_run_id_or_none(namespace)
    assert namespace.run_id == kept


def test_blanks_are_no_run_whose_log_is_shown() -> None:
    with pytest.raises(SystemExit) as ending:
        validate_run_id_or_none(SimpleNamespace(run_id=" ", registry_name="myregistry"))
    assert ending.value.code == 2
