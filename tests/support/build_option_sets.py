"""Options of builds with BuildKit, made up: hostile texts in all that a user may type."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from azext_acrpool.commands.runs.buildkit.secrets import BuildSecret

__all__ = ["DOCKERFILE", "MARK", "OptionSet", "option_set"]

MARK = "MARKED"
"""Is in every secret value."""

PIECES = (
    *(" ", "  ", "\t", "\n", "\r", "\r\n", "\v", "\x01", "\x1b[31m", "\x7f", "\x85", "\xa0", "\u2028"),
    *("\ufeff", "\ufffd", "\U0001f600", "\u00e9", "e\u0301", "\u202e", "\ud7ff", "\U0010ffff"),
    *("'", '"', "''", "\\", "\\'", "\\n", "$", "$$", "$HOME", "${X:-y}", "$(id)", "`id`", "$ID", "!", "~", "*", "?"),
    *("{", "}", "{{", "}}", "{{.Run.ID}}", "{{ .Build.ID }}", "{{.Values.hidden_0}}", '{{"x"}}', "{{/*", "{{-", "-}}"),
    *("<", ">", "<no value>", "<<EOL", "EOL", "#", " # ", "\n#", "\n# x\n", "\n- ", ": ", "&a", "*a", "!!binary"),
    *(";", "&", "|", "%", "%s", "%0A", "[", "]", "(", ")", ",", "=", "@", ":", "null", "true", "0x1f", "secrets"),
    *("-f", " -f x ", " -t x ", " --target x ", " --build-arg A=b ", "--", ".", "plain", "a/b:c", "1.2.3"),
)
NAMES = ("A", "B_1", "VERSION", "lower", "_x", "GIT_COMMIT", "MY_secrets", "hidden_0", "Values")
NAMES_FOR_THE_LINE = (
    *("PATH", "HOME", "PWD", "DOCKER_BUILDKIT", "DOCKER_HOST", "BUILDKIT_INLINE_CACHE", "ACRPOOL_SECRET_0"),
    *("LD_PRELOAD", "x.y", "A-B", "A$B", "it's", "{{x}}", "\u00e9", "-f", "1", "<x>", "#x"),
)
PROXIES = ("HTTP_PROXY", "https_proxy", "no_proxy")
PLAIN = ("", "1.2.3", "mcr.microsoft.com/base:1@sha256:0", "{{.Run.Registry}}/base:{{ .Run.ID }}", "a=b,c", "-x", "%s")
BLANKS = " \t\n\r\v\x85\xa0\u2028"
IMAGES = (
    *("app", "app:v1", "team/app:v1", "app:{{.Run.ID}}", "app:{{ .Run.Date }}", "my-secrets:1"),
    *("myregistry.azurecr.io/app:1", "{{.Run.Registry}}/app:{{.Run.ID}}", "{{ .Run.RegistryName }}.azurecr.io/app"),
    *("library/app:1", "other.azurecr.io/app:1"),
    *('app:{{ printf "%s-%s" .Run.ID .Run.OS }}', "app:{{ .Run.Date | upper }}", "{{ lower .Run.Registry }}/app:2"),
    *("app:{{.Values.no}}v", 'app:v{{.Values.no}}-{{ print "x" }}', '{{ trim " library" }}/app'),
    *("{{if .Run.ID}}a{{else}}b{{end}}/app:1", "{{ .Run.OS | lower }}/{{.Run.Architecture}}:1"),
    *("myregistry.azurecr.iox/app", "{{.Run.Registry}}x/app:1", "{{.Run.RegistryName}}/app:1"),
)
# With the registry before them, these are no names: docker refuses them, as in a plain build.
NO_IMAGES = ("localhost:5000/app:1", "MyRegistry.azurecr.io/app", "app:$ID")
DOCKERFILES = ("", "Dockerfile", "docker/app.Dockerfile", "a+b@c=d,e%f", "secrets/Dockerfile", "-x", "-t")
TARGETS = (None, "", "final", "build-1.x", "my_secrets")
DOCKERFILE = "FROM scratch AS build-1.x\nFROM scratch AS my_secrets\nFROM scratch AS final\n"
PLATFORMS = (None, "linux", "Linux", "linux/amd64", "Linux/ARM/v7", "linux/arm64/v8", "linux/x86", "linux/386")
REMOTE = (
    ("https://github.com/org/repo.git", "/workspace/build"),
    ("https://github.com/org/repo.git#main:sub/folder", "/workspace/build/sub/folder"),
    ("git@github.com:org/repo.git#v1", "/workspace/build"),
    ("https://user:tok%3Den@dev.azure.com/org/project/_git/repo#main", "/workspace/build"),
    ("https://host.example/a.tar.gz?a=b&c=$d;e*[f]{{x}}'#g", "/workspace/build"),
    ("https://host.example/a.tgz?sig=secrets%2B&x=<y>#d", "/workspace/build"),
    ("oci://myregistry.azurecr.io/art:v1", "/workspace/build"),
)


@dataclass(frozen=True)
class OptionSet:
    """`options` are those of `az acr build`, but for `source`, "" for a folder. docker is to run in `directory`."""

    options: dict[str, Any]
    source: str
    directory: str


def hostile_text(random: Random) -> str:
    """A text of anything."""
    return "".join(random.choice(PIECES) for _ in range(random.randrange(9)))


def option_set(seed: int) -> OptionSet:
    """The option set of that number; the same each time."""
    random = Random(seed)
    source, directory = random.choice(REMOTE) if random.random() < 0.4 else ("", "/workspace")
    images = random.sample(IMAGES, random.randrange(4))
    caches = bool(images) and random.random() < 0.5
    if not caches and random.random() < 0.1:
        images.append(random.choice(NO_IMAGES))
    dockerfile = random.choice(DOCKERFILES)
    options = {
        "buildkit": True,
        "cache": "registry" if caches else random.choice((None, "off")),
        "image_names": images,
        "no_push": random.random() < 0.3,
        "docker_file_path": dockerfile,
        "target": random.choice(TARGETS),
        "platform": random.choice(PLATFORMS),
        "arg": [_argument(random) for _ in range(random.randrange(6))],
        "secret_arg": [_secret_argument(random) for _ in range(random.randrange(3))],
        "secret": [_secret(random, number) for number in range(random.randrange(3))],
    }
    return OptionSet(options, source, directory)


def _argument(random: Random) -> dict[str, Any]:
    names = random.choice((NAMES, NAMES, NAMES, NAMES_FOR_THE_LINE, PROXIES))
    value = random.choice(PLAIN) if random.random() < 0.3 else hostile_text(random)
    if names is NAMES_FOR_THE_LINE:
        value = "".join(char for char in value.replace("{{ .", "{{.") if char not in BLANKS)
    return {"type": "Argument", "name": random.choice(names), "value": value, "isSecret": False}


def _secret_argument(random: Random) -> dict[str, Any]:
    name = random.choice((*NAMES, *PROXIES))
    return {"type": "Argument", "name": name, "value": _hidden(random), "isSecret": True}


def _secret(random: Random, number: int) -> BuildSecret:
    return BuildSecret(
        random.choice((f"tok{number}", f"my-secrets/{number}.json", f"a=b@c:{number}%")), _hidden(random)
    )


def _hidden(random: Random) -> str:
    return "" if random.random() < 0.1 else f"{hostile_text(random)}{MARK}{hostile_text(random)}"
