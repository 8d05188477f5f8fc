"""Finding the context root, the Dockerfile and the ignore file."""

from __future__ import annotations

import errno
import io
import os
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whole_messages import raises

from azext_acrpool.context import (
    ContextError,
    ContextNotFoundError,
    ContextOptions,
    DockerfileNotFoundError,
    DockerIgnoreError,
    UnusableFileError,
    prepare,
)
from azext_acrpool.context.source import listed_path


def make(root: Path, *files: str, **contents: str) -> None:
    for name in files:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(contents.get(name, f"FROM {name}\n"))


def test_the_dockerfile_of_the_context_is_the_default(tmp_path: Path) -> None:
    make(tmp_path, "ctx/Dockerfile", "Dockerfile")
    context = prepare(ContextOptions(Path("ctx"), cwd=tmp_path))
    assert context.root == (tmp_path / "ctx").resolve()
    assert context.dockerfile_name == "Dockerfile"
    assert context.ignore_file is None
    assert context.notes == ()
    assert context.extra_files == ()


def test_a_lower_case_dockerfile_will_do(tmp_path: Path) -> None:
    make(tmp_path, "dockerfile")
    assert prepare(ContextOptions(tmp_path)).dockerfile_name == "dockerfile"


def test_a_run_needs_no_dockerfile(tmp_path: Path) -> None:
    make(tmp_path, "acb.yaml", ".dockerignore")
    context = prepare(ContextOptions(tmp_path, needs_dockerfile=False, always_sent=("acb.yaml",)))
    assert context.dockerfile_name == ""
    assert context.selection.always == {".dockerignore", "acb.yaml"}


def test_dash_f_is_found_in_the_current_folder_as_docker_does(tmp_path: Path) -> None:
    make(tmp_path, "ctx/build/app.Dockerfile", "ctx/Dockerfile")
    context = prepare(ContextOptions(Path(), "build/app.Dockerfile", cwd=tmp_path / "ctx"))
    assert context.dockerfile_name == "build/app.Dockerfile"
    assert context.notes == ()


def test_dash_f_in_both_places_takes_the_current_folder_and_says_so(tmp_path: Path) -> None:
    make(tmp_path, "D", "ctx/D")
    context = prepare(ContextOptions(Path("ctx"), "D", cwd=tmp_path))
    assert context.extra_files[0].content == b"FROM D\n"
    note = (
        "--file 'D' is in the current folder and in the context. The one in the current folder is used, as Docker does."
        f" For the other, pass '{tmp_path / 'ctx' / 'D'}'."
    )
    assert context.notes == (note,)


@pytest.mark.skipif(os.name == "nt", reason="Windows needs a privilege for links")
@pytest.mark.parametrize(
    ("link", "target"),
    [("d", "d"), ("d/D", "D"), ("d/D.dockerignore", "D.dockerignore"), ("d/D.dockerignore", "gone")],
)
def test_what_is_wrong_where_docker_does_not_look_is_no_error(tmp_path: Path, link: str, target: str) -> None:
    make(tmp_path, "d/D", "ctx/a")
    (tmp_path / "ctx" / link).parent.mkdir(exist_ok=True)
    (tmp_path / "ctx" / link).symlink_to(target)
    context = prepare(ContextOptions(Path("ctx"), "d/D", cwd=tmp_path))
    assert context.extra_files[0].content == b"FROM d/D\n"
    assert context.notes == ()


def test_dash_f_only_in_the_context_is_taken_and_said(tmp_path: Path) -> None:
    make(tmp_path, "ctx/D")
    context = prepare(ContextOptions(Path("ctx"), "D", cwd=tmp_path))
    assert context.dockerfile_name == "D"
    below = tmp_path / "ctx" / "D"
    assert context.notes == (f"--file 'D' is not in the current folder; the one in the context is used, '{below}'.",)


def test_dash_f_below_a_context_that_is_a_link_is_inside(tmp_path: Path) -> None:
    make(tmp_path, "real/D")
    (tmp_path / "link").symlink_to("real")
    context = prepare(ContextOptions(Path("link"), "link/D", cwd=tmp_path))
    assert context.root == (tmp_path / "real").resolve()
    assert (context.dockerfile_name, context.extra_files) == ("D", ())


def test_a_dockerfile_that_is_a_link_is_its_target(tmp_path: Path) -> None:
    make(tmp_path, "docker/app")
    (tmp_path / "Dockerfile").symlink_to("docker/app")
    assert prepare(ContextOptions(tmp_path)).dockerfile_name == "docker/app"


def test_a_dockerfile_outside_comes_along_under_a_name_of_its_own(tmp_path: Path) -> None:
    make(tmp_path, "app.Dockerfile", "ctx/a")
    options = ContextOptions(Path("ctx"), "app.Dockerfile", cwd=tmp_path)
    context = prepare(options)
    extra, _ = context.extra_files
    assert extra.content == b"FROM app.Dockerfile\n"
    assert extra.name == context.dockerfile_name == prepare(options).dockerfile_name
    make(tmp_path, f"ctx/{extra.name}")
    assert prepare(options).dockerfile_name not in (extra.name, "")


def test_a_dockerfile_from_standard_input(tmp_path: Path) -> None:
    context = prepare(ContextOptions(tmp_path, "-", stdin=io.BytesIO(b"FROM scratch\n")))
    extra, _ = context.extra_files
    assert (extra.name, extra.content) == (context.dockerfile_name, b"FROM scratch\n")


@pytest.mark.parametrize("stdin", [None, io.BytesIO(b"\n")])
def test_an_empty_standard_input_is_no_dockerfile(tmp_path: Path, stdin: io.BytesIO | None) -> None:
    with raises(DockerfileNotFoundError, "--file - reads the Dockerfile from standard input, which is empty."):
        prepare(ContextOptions(tmp_path, "-", stdin=stdin))


def test_a_missing_dockerfile_names_the_places(tmp_path: Path) -> None:
    no_file = f"There is no Dockerfile in '{tmp_path}'. Name one with --file, or '-' to read it from standard input."
    with raises(DockerfileNotFoundError, no_file):
        prepare(ContextOptions(tmp_path))
    (tmp_path / "ctx").mkdir()
    places = f"'{tmp_path / 'D'}' or '{tmp_path / 'ctx' / 'D'}'"
    with raises(DockerfileNotFoundError, f"There is no Dockerfile at {places}."):
        prepare(ContextOptions(Path("ctx"), "D", cwd=tmp_path))


def test_a_source_that_is_no_folder(tmp_path: Path) -> None:
    make(tmp_path, "file")
    with raises(ContextNotFoundError, "The source location 'file' is not a folder."):
        prepare(ContextOptions(Path("file"), cwd=tmp_path))
    with raises(ContextNotFoundError, "The source location 'gone' does not exist."):
        prepare(ContextOptions(Path("gone"), cwd=tmp_path))


def test_the_ignore_file_beside_the_dockerfile_is_preferred(tmp_path: Path) -> None:
    make(tmp_path, "docker/app.Dockerfile", "docker/app.Dockerfile.dockerignore", ".dockerignore")
    context = prepare(ContextOptions(Path(), "docker/app.Dockerfile", cwd=tmp_path))
    assert context.ignore_file == tmp_path / "docker/app.Dockerfile.dockerignore"
    assert context.selection.always == {"docker/app.Dockerfile", "docker/app.Dockerfile.dockerignore"}
    assert context.selection.never == {".dockerignore"}
    assert context.notes == ("'app.Dockerfile.dockerignore' beside the Dockerfile is used instead of '.dockerignore'.",)


def test_the_ignore_file_beside_a_dockerfile_outside(tmp_path: Path) -> None:
    make(tmp_path, "app", "app.dockerignore", "ctx/.dockerignore")
    context = prepare(ContextOptions(Path("ctx"), "app", cwd=tmp_path))
    assert context.ignore_file == tmp_path / "app.dockerignore"
    assert context.selection.always == frozenset()


def test_the_ignore_file_that_only_az_finds_is_used_with_a_note(tmp_path: Path) -> None:
    make(tmp_path, "app", "ctx/app.dockerignore", "ctx/.dockerignore")
    context = prepare(ContextOptions(Path("ctx"), "app", cwd=tmp_path))
    assert context.ignore_file == (tmp_path / "ctx/app.dockerignore").resolve()
    note = (
        f"'{context.root / 'app.dockerignore'}' is used instead of '.dockerignore', as az does. Docker looks for "
        f"'{tmp_path / 'app.dockerignore'}': move it there."
    )
    assert context.notes == (note,)


def test_a_malformed_pattern_names_the_file(tmp_path: Path) -> None:
    make(tmp_path, "Dockerfile")
    (tmp_path / ".dockerignore").write_bytes(b"\xef\xbb\xbf# rules\r\na\r\n[\r\n")
    with pytest.raises(DockerIgnoreError) as refused:
        prepare(ContextOptions(tmp_path))
    assert refused.value.file == str(tmp_path / ".dockerignore")
    assert refused.value.line == 3


@pytest.mark.parametrize(
    ("rules", "path", "left_out"),
    [
        ("", ".git", True),
        ("a", ".git", True),
        ("!**/config", ".git", True),
        ("!.*", ".git", True),
        ("!.git", ".git", False),
        ("!**/.git/HEAD", ".git", False),
        (".git\n!.gitignore", ".git", True),
        ("!.git", ".venv", True),
    ],
)
def test_version_control_is_left_out_unless_an_exception_spells_it(
    tmp_path: Path, rules: str, path: str, left_out: bool
) -> None:
    make(tmp_path, "Dockerfile")
    (tmp_path / ".dockerignore").write_text(rules)
    assert (path in prepare(ContextOptions(tmp_path)).selection.left_out_names) is left_out


def test_an_exception_for_a_part_of_version_control_brings_back_that_part_only(tmp_path: Path) -> None:
    make(tmp_path, "Dockerfile")
    (tmp_path / ".dockerignore").write_text("!.git/HEAD")
    ignore = prepare(ContextOptions(tmp_path)).selection.ignore
    assert not ignore.excludes(".git/HEAD")
    assert ignore.excludes(".git/config")
    assert not ignore.excludes(".gitignore")


def test_names_are_spelled_as_listed(tmp_path: Path) -> None:
    make(tmp_path, "Docker/Dockerfile")
    assert listed_path(tmp_path, "docker/dockerfile", folds_case=False) == "docker/dockerfile"
    assert listed_path(tmp_path, "docker", folds_case=True) == "Docker"
    assert listed_path(tmp_path, "Docker/DOCKERFILE", folds_case=True) == "Docker/Dockerfile"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_an_ignore_file_that_is_not_utf8(tmp_path: Path) -> None:
    make(tmp_path, "Dockerfile")
    (tmp_path / ".dockerignore").write_bytes(b"caf\xe9\n")
    assert prepare(ContextOptions(tmp_path)).selection.ignore.excludes(os.fsdecode(b"caf\xe9"))


def test_one_byte_order_mark_is_dropped_and_no_more(tmp_path: Path) -> None:
    make(tmp_path, "Dockerfile")
    (tmp_path / ".dockerignore").write_text("\ufeff\ufeffa\n")
    ignore = prepare(ContextOptions(tmp_path)).selection.ignore
    assert ignore.excludes("\ufeffa")
    assert not ignore.excludes("a")


TOO_LARGE = "It has more than 4.2 MB, the most that is read"
LARGE = b"x" * (4 * 2**20 + 1)


def test_an_ignore_file_without_end(tmp_path: Path) -> None:
    make(tmp_path, "Dockerfile")
    (tmp_path / ".dockerignore").write_bytes(LARGE)
    with raises(UnusableFileError, f"'{tmp_path / '.dockerignore'}' cannot be used: {TOO_LARGE}."):
        prepare(ContextOptions(Path(), cwd=tmp_path))


def test_a_dockerfile_without_end_outside_the_context(tmp_path: Path) -> None:
    (tmp_path / "context").mkdir()
    (tmp_path / "Dockerfile").write_bytes(LARGE)
    with raises(UnusableFileError, f"'{tmp_path / 'Dockerfile'}' cannot be used: {TOO_LARGE}."):
        prepare(ContextOptions(Path("context"), "Dockerfile", cwd=tmp_path))


def test_standard_input_without_end(tmp_path: Path) -> None:
    with raises(UnusableFileError, f"'standard input' cannot be used: {TOO_LARGE}."):
        prepare(ContextOptions(Path(), "-", cwd=tmp_path, stdin=io.BytesIO(LARGE)))


def test_links_in_a_circle(tmp_path: Path) -> None:
    make(tmp_path, "Dockerfile")
    for name in ("context", "Other"):
        (tmp_path / name).symlink_to(name)
    reason = os.strerror(errno.ELOOP)
    with raises(UnusableFileError, f"'{tmp_path / 'context'}' cannot be used: {reason}."):
        prepare(ContextOptions(Path("context"), cwd=tmp_path))
    with raises(UnusableFileError, f"'{tmp_path / 'Other'}' cannot be used: {reason}."):
        prepare(ContextOptions(Path(), "Other", cwd=tmp_path))


@pytest.mark.parametrize("dockerfile", ["x" * 5000, "a\0b"])
def test_what_cannot_be_a_path_is_no_dockerfile(tmp_path: Path, dockerfile: str) -> None:
    with pytest.raises(DockerfileNotFoundError):
        prepare(ContextOptions(Path(), dockerfile, cwd=tmp_path))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are Unix's")
def test_a_pipe_is_no_dockerfile(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with raises(
        DockerfileNotFoundError,
        "--file 'pipe' is not a file. To read the Dockerfile from a pipe, give --file - and let standard input be that "
        "pipe.",
    ):
        prepare(ContextOptions(Path(), "pipe", cwd=tmp_path))


@pytest.mark.parametrize("place", ["", "ctx"])
def test_a_folder_is_no_dockerfile(tmp_path: Path, place: str) -> None:
    (tmp_path / place / "docker").mkdir(parents=True)
    (tmp_path / "ctx").mkdir(exist_ok=True)
    with raises(DockerfileNotFoundError, "--file 'docker' is a folder. Name the Dockerfile in it."):
        prepare(ContextOptions(Path("ctx"), "docker", cwd=tmp_path))


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="there is no such device")
def test_a_device_is_no_dockerfile(tmp_path: Path) -> None:
    with raises(DockerfileNotFoundError, "--file '/dev/null' is not a file."):
        prepare(ContextOptions(tmp_path, "/dev/null"))


@pytest.mark.skipif(os.name == "nt", reason="Windows needs a privilege for links")
@pytest.mark.usefixtures("case_matters")
@pytest.mark.parametrize(("name", "others"), [("Dockerfile", ()), ("Dockerfile", ("dockerfile",)), ("dockerfile", ())])
def test_a_dockerfile_that_is_a_link_to_nothing(tmp_path: Path, name: str, others: tuple[str, ...]) -> None:
    (tmp_path / name).symlink_to("gone")
    make(tmp_path, *others)
    with raises(DockerfileNotFoundError, f"--file '{name}' is a link to 'gone', where nothing is."):
        prepare(ContextOptions(Path(), name, cwd=tmp_path))
    told = f"'{name}' in '.' is a link to 'gone', where nothing is. Name another Dockerfile with --file."
    with raises(DockerfileNotFoundError, told):
        prepare(ContextOptions(Path(), cwd=tmp_path))


@pytest.mark.skipif(os.name == "nt", reason="Windows deletes no folder that somebody is in")
def test_a_current_folder_that_was_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "context/Dockerfile", "Other")
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    context, dockerfile = tmp_path / "context", str(tmp_path / "Other")
    assert prepare(ContextOptions(context)).dockerfile_name == "Dockerfile"
    assert prepare(ContextOptions(context, dockerfile)).extra_files[0].content == b"FROM Other\n"
    with raises(DockerfileNotFoundError, f"There is no Dockerfile at 'Other' or '{context / 'Other'}'."):
        prepare(ContextOptions(context, "Other"))
    with raises(UnusableFileError, f"'.' cannot be used: {os.strerror(errno.ENOENT)}."):
        prepare(ContextOptions(Path()))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(source=st.text(st.characters(), max_size=30), dockerfile=st.text(st.characters(), max_size=30))
def test_every_path_is_a_context_or_a_clean_error(tmp_path: Path, source: str, dockerfile: str) -> None:
    make(tmp_path, "Dockerfile")
    with suppress(ContextError):
        prepare(ContextOptions(Path(source), cwd=tmp_path))
    with suppress(ContextError):
        prepare(ContextOptions(Path(), dockerfile, cwd=tmp_path))


IGNORE_FILES = pytest.mark.parametrize("name", [".dockerignore", "Dockerfile.dockerignore"])


def cannot_be_used(path: Path, reason: str) -> str:
    return f"'{path}' cannot be used: {reason}."


@IGNORE_FILES
def test_an_ignore_file_that_is_a_folder(tmp_path: Path, name: str) -> None:
    make(tmp_path, "Dockerfile")
    (tmp_path / name).mkdir()
    with raises(UnusableFileError, cannot_be_used(tmp_path / name, "It is a folder")):
        prepare(ContextOptions(tmp_path))


@IGNORE_FILES
@pytest.mark.skipif(os.name == "nt", reason="Windows needs a privilege for links")
def test_an_ignore_file_that_is_a_link(tmp_path: Path, name: str) -> None:
    make(tmp_path, "Dockerfile")
    (tmp_path / name).symlink_to("gone")
    with raises(UnusableFileError, cannot_be_used(tmp_path / name, "It is a link to something that does not exist")):
        prepare(ContextOptions(tmp_path))
    (tmp_path / "gone").write_text("rule\n")
    assert prepare(ContextOptions(tmp_path)).selection.ignore.excludes("rule")


@IGNORE_FILES
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are Unix's")
def test_an_ignore_file_that_is_a_pipe(tmp_path: Path, name: str) -> None:
    make(tmp_path, "Dockerfile")
    os.mkfifo(tmp_path / name)
    with raises(UnusableFileError, cannot_be_used(tmp_path / name, "It is not a file")):
        prepare(ContextOptions(tmp_path))


@IGNORE_FILES
@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root reads everything")
def test_an_ignore_file_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    make(tmp_path, "Dockerfile", name)
    (tmp_path / name).chmod(0)
    with raises(UnusableFileError, cannot_be_used(tmp_path / name, os.strerror(errno.EACCES))):
        prepare(ContextOptions(tmp_path))


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="there is no such device")
def test_an_ignore_file_without_rules_may_be_a_device(tmp_path: Path) -> None:
    make(tmp_path, "Dockerfile")
    (tmp_path / ".dockerignore").symlink_to("/dev/null")
    assert prepare(ContextOptions(tmp_path)).selection.ignore.rules == ()


@IGNORE_FILES
@pytest.mark.parametrize(
    "content",
    ["secrets\n".encode("utf-16"), "secrets\n".encode("utf-16-be"), "\ufeff日本".encode("utf-16-le"), b"a\0b\n"],
)
def test_an_ignore_file_that_docker_would_find_no_rule_in(tmp_path: Path, name: str, content: bytes) -> None:
    make(tmp_path, "Dockerfile")
    (tmp_path / name).write_bytes(content)
    reason = "It is not in UTF-8 but in UTF-16, or holds NUL bytes. Save it as UTF-8"
    with raises(UnusableFileError, cannot_be_used(tmp_path / name, reason)):
        prepare(ContextOptions(tmp_path))


def test_an_ignore_file_of_a_name_that_is_too_long_is_none(tmp_path: Path) -> None:
    make(tmp_path, "x" * 250)
    assert prepare(ContextOptions(tmp_path, "x" * 250, cwd=tmp_path)).ignore_file is None


@pytest.fixture
def case_matters(tmp_path: Path) -> None:
    (tmp_path / "probe").touch()
    if (tmp_path / "PROBE").exists():
        pytest.skip("names differ by more than case here")


@pytest.mark.usefixtures("case_matters")
def test_an_ignore_file_in_another_case_is_told(tmp_path: Path) -> None:
    make(tmp_path, "Dockerfile", ".Dockerignore")
    context = prepare(ContextOptions(tmp_path))
    assert context.ignore_file is None
    note = "'.Dockerignore' is not used: an ignore file is named '.dockerignore', in lower case."
    assert context.notes == (note,)
    make(tmp_path, ".dockerignore")
    assert prepare(ContextOptions(tmp_path)).notes == ()


@pytest.mark.usefixtures("case_matters")
def test_an_ignore_file_beside_the_dockerfile_in_another_case_is_told(tmp_path: Path) -> None:
    make(tmp_path, "d/App", "d/App.DockerIgnore", "d/app.dockerignore", ".dockerignore")
    context = prepare(ContextOptions(Path(), "d/App", cwd=tmp_path))
    assert context.ignore_file == tmp_path.resolve() / ".dockerignore"
    note = (
        "'App.DockerIgnore' is not used: the ignore file of 'App' is named 'App.dockerignore', its ending in lower "
        "case."
    )
    assert context.notes == (note,)
    make(tmp_path, "d/App.dockerignore")
    assert prepare(ContextOptions(Path(), "d/App", cwd=tmp_path)).notes == (
        "'App.dockerignore' beside the Dockerfile is used instead of '.dockerignore'.",
    )


@pytest.mark.usefixtures("case_matters")
@pytest.mark.parametrize("name", ["DockerFile", "DOCKERFILE", "Containerfile", "containerfile"])
def test_a_dockerfile_of_another_name_is_told(tmp_path: Path, name: str) -> None:
    make(tmp_path, f"ctx/{name}", "ctx/Dockerfile.dockerignore")
    path = Path("ctx", name)
    there = f"There is no Dockerfile in 'ctx', but '{name}'. To build that, give --file '{path}'."
    with raises(DockerfileNotFoundError, there):
        prepare(ContextOptions(Path("ctx"), cwd=tmp_path))
    assert prepare(ContextOptions(Path("ctx"), str(path), cwd=tmp_path)).dockerfile_name == name
