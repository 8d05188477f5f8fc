"""Names of images in task files: wrong ones are told before anything is sent."""

from __future__ import annotations

from pathlib import Path

import pytest
from run_azure import Azure

from azext_acrpool.commands.runs.run import run
from azext_acrpool.commands.runs.step_images import require_image_names

RIGHT = (
    "steps:\n  - build: -t $Registry/app:$ID -t {{.Run.Registry}}/app:{{.Values.tag}} --tag=app .",
    "steps:\n  - build: . -f Dockerfile\n  - push: [$Registry/app:v1, 'localhost:5000/a']",
    "steps:\n  - cmd: bash -t App:1",
    "version: v1.1.0\nalias:\n  directive: '@'\nsteps:\n  - build: -t @repo/app:1 .",
    "steps:\n  - build: -t app:$(date) -t ${NAME} -t %NAME% .",
    # What is no task for certain.
    "steps:\n  - build: -t 'app .",
    "steps:\n  - build: {a: b}\n  - push: App\n  - 5",
    "{{if .Values.x}}\nsteps:\n  - build: -t App:1 .\n{{end}}",
    "FROM scratch\n",
    "",
)
WRONG = {
    "steps:\n  - build: -t App:1 .": "'App:1', which cannot be one: 'App' in its repository is not in lower case.",
    "steps:\n  - build: --tag=app:feature/{{.Run.ID}} .": (
        "'app:feature/x', which cannot be one: its tag 'feature/x' holds '/', which no tag may."
    ),
    "steps:\n  - push: ['$Registry/app:']": ("'$Registry/app:', which cannot be one: there is no tag after its ':'."),
    "steps:\n  - build: -t app . -t": "'', which cannot be one: it is empty.",
}


@pytest.mark.parametrize("text", RIGHT)
def test_what_may_be_right_is_left_to_the_service(text: str) -> None:
    require_image_names(text)


@pytest.mark.parametrize("text", WRONG)
@pytest.mark.parametrize("source", ["folder", "/dev/null"])
def test_an_image_that_cannot_be_is_told_before_anything_is_sent(
    azure: Azure, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, text: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    place = tmp_path / "folder" if source == "folder" else tmp_path
    (place / "task.yaml").write_text(text)
    finished = azure.call(run, source_location=source, file="task.yaml")
    assert finished.exit_code == 2
    assert finished.told[0] == f"The task's steps name an image {WRONG[text]}"
    assert azure.uploads == azure.sent("POST /scheduleRun") == []
