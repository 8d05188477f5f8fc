"""The remote contexts of a recording, which the emulator does not fetch, as far as replies tell what is in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

__all__ = ["contexts_of"]

Item = Mapping[str, Any]
HUB = "registry.hub.docker.com"


def contexts_of(interactions: Sequence[Item]) -> dict[str, dict[str, str]]:
    """Files by the URL of their context: Dockerfiles on the images that were found in them, task files that push."""
    contexts: dict[str, dict[str, str]] = {}
    for step in _steps(interactions):
        images = [image for image in step["baseImageDependencies"] if image.get("type") == "Runtime"]
        if images and step.get("contextPath"):
            file = str(step.get("dockerFilePath") or "Dockerfile")
            contexts.setdefault(step["contextPath"], {})[file] = f"FROM {_name(images[0])}\n"
    for request, run in _runs(interactions):
        images = (run.get("properties") or {}).get("outputImages") or []
        if images and request.get("taskFilePath") and request.get("sourceLocation"):
            names = [f"$Registry/{_pushed(image, str(run['name']))}" for image in images]
            built = " ".join(f"-t {name}" for name in names)
            files = contexts.setdefault(request["sourceLocation"], {"Dockerfile": "FROM scratch\nCOPY . .\n"})
            steps = [f"  - build: {built} .", *(f"  - push: ['{name}']" for name in names)]
            files[request["taskFilePath"]] = "\n".join(["version: v1.1.0", "steps:", *steps, ""])
    return contexts


def _steps(interactions: Sequence[Item]) -> Iterator[Mapping[str, Any]]:
    for item in interactions:
        properties = item["body"].get("properties") if isinstance(item["body"], dict) else None
        step = properties.get("step") if isinstance(properties, dict) else None
        if isinstance(step, dict) and step.get("baseImageDependencies"):
            yield step


def _runs(interactions: Sequence[Item]) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any]]]:
    """The requests that were scheduled, each with its run as it was seen at last."""
    requests: dict[str, Mapping[str, Any]] = {}
    runs: dict[str, Mapping[str, Any]] = {}
    for item in interactions:
        body = item["body"]
        if isinstance(body, dict) and "/runs/" in str(body.get("id", "")):
            if item["method"] == "POST":
                requests[body["id"]] = item["request_body"] or {}
            runs[body["id"]] = body
    yield from ((request, runs[run_id]) for run_id, request in requests.items())


def _name(image: Mapping[str, Any]) -> str:
    registry = "" if image.get("registry") in (HUB, None) else f"{image['registry']}/"
    repository = str(image["repository"]).removeprefix("" if registry else "library/")
    return f"{registry}{repository}:{image.get('tag', 'latest')}"


def _pushed(image: Mapping[str, Any], run: str) -> str:
    tag = str(image.get("tag", "latest")).replace(run, "{{.Run.ID}}")
    return f"{image['repository']}:{tag}"
