"""`RUN --mount` and `--secret`: what BuildKit and docker's client read, and what they refuse."""

from __future__ import annotations

import pytest
from acr_emulator.executor.docker.client_secrets import SecretError, read_secrets
from acr_emulator.executor.docker.mounts import Mount, MountError, check_origin, read_mount


@pytest.mark.parametrize(
    ("text", "mount"),
    [
        ("type=secret,id=a", Mount("secret", id="a")),
        ("type=secret,id=a,required", Mount("secret", id="a", is_required=True)),
        ("type=secret,id=a,required=false,env=TOKEN", Mount("secret", id="a", variable="TOKEN")),
        ("type=secret,src=a,dst=/b,mode=0440,uid=1,gid=2", Mount("secret", source="a", target="/b")),
        ("TYPE=Cache,Target=/x,sharing=LOCKED,id=y", Mount("cache", target="/x", id="y")),
        ("target=/x,from=base,source=/y,rw", Mount("bind", origin="base", source="/y", target="/x")),
        ("type=tmpfs,target=/x,size=64m", Mount("tmpfs", target="/x")),
        ("type=ssh", Mount("ssh")),
        ('type=bind,"target=/a,b"', Mount("bind", target="/a,b")),
    ],
)
def test_options_of_a_mount(text: str, mount: Mount) -> None:
    assert read_mount(text, str) == mount


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("type=disk,target=/x", 'unsupported mount type "disk"'),
        ("type=cache,target=/x,sharing=mine", 'unsupported sharing value "mine"'),
        ("target", "invalid field 'target' must be a key=value pair"),
        ("type=cache,colour=red", "unexpected key 'colour' in 'colour=red'"),
        ("type=cache,required", "unexpected key 'required' for mount type 'cache'"),
        ("required,type=secret,id=a", "unexpected key 'required' for mount type 'bind'"),
        ("type=bind,size=1", "unexpected key 'size' for mount type 'bind'"),
        ("type=tmpfs,size=big", "invalid value for size: big"),
        ("type=bind,ro=maybe", "invalid value for ro: maybe"),
        ("type=secret,id=a,mode=9", "invalid value 9 for mode"),
        ("type=secret,id=a,uid=-1", "invalid value -1 for uid"),
        ("type=bind,target=/x,gid=1,mode=1", 'mode not allowed for "bind" type mounts'),
        ("type=secret", "invalid secret mount. one of source, target required"),
        ("type=secret,id=a,src=b", "both source and id can't be set"),
        ("type=secret,id=a,from=b", "secret mount should not have a from"),
        ("type=secret,id=a,sharing=locked", "secret mount should not define sharing"),
        ("type=tmpfs,target=/x,sharing=locked", "invalid cache sharing set for tmpfs mount"),
        ('type="bind', 'failed to parse csv mounts: parse error on line 1, column 6: bare " in non-quoted field'),
        ("", "failed to parse csv mounts: EOF"),
    ],
)
def test_wrong_mounts(text: str, message: str) -> None:
    with pytest.raises(MountError) as caught:
        read_mount(text, str)
    assert str(caught.value) == message


def test_a_stage_is_named_without_variables() -> None:
    check_origin("type=cache,target=$X,from=base$")
    with pytest.raises(MountError, match="'from' doesn't support variable expansion, define alias stage instead"):
        check_origin("target=/x,FROM=$base")


@pytest.mark.parametrize(
    ("mount", "secret", "file"),
    [
        ("id=a", "a", "/run/secrets/a"),
        ("src=a/b", "a/b", "/run/secrets/b"),
        ("target=/etc/x.conf", "x.conf", "/etc/x.conf"),
        ("id=a,target=/etc/x.conf", "a", "/etc/x.conf"),
        ("id=a,env=A", "a", ""),
        ("id=a,env=A,target=/x", "a", "/x"),
    ],
)
def test_where_a_secret_is(mount: str, secret: str, file: str) -> None:
    read = read_mount(f"type=secret,{mount}", str)
    assert (read.secret_id, read.secret_file) == (secret, file)


ENVIRONMENT = {"TOKEN": "from the environment", "both": "variable"}
FILES = {"/workspace/a.txt": b"from a file\n", "/run/acr/tok": b"from a volume", "/workspace/big": b"x" * 512001}


@pytest.mark.parametrize(
    ("spec", "secret", "text"),
    [
        ("id=a,src=a.txt", "a", "from a file\n"),
        ("id=a,source=/run/acr/tok", "a", "from a volume"),
        ("id=a,type=file,src=a.txt", "a", "from a file\n"),
        ("id=a,env=TOKEN", "a", "from the environment"),
        ("id=a,type=env,src=TOKEN", "a", "from the environment"),
        ("id=TOKEN", "TOKEN", "from the environment"),
        ("id=a.txt", "a.txt", "from a file\n"),
        ("ID=a,ENV=NOPE", "a", ""),
        ("id=a,env=TOKEN,src=a.txt", "a", "from the environment"),
    ],
)
def test_where_the_client_takes_a_secret_from(spec: str, secret: str, text: str) -> None:
    assert read_secrets([spec], ENVIRONMENT, "/workspace", FILES.get) == {secret: text}


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("a", "invalid field 'a' must be a key=value pair"),
        ("src=a.txt", "secret missing ID"),
        ("id=a,type=vault", 'unsupported secret type "vault"'),
        ("id=a,path=x", "unexpected key 'path' in 'path=x'"),
        ("id=a,src=nope", "failed to stat nope: stat nope: no such file or directory"),
        ("id=nope", "failed to stat nope: stat nope: no such file or directory"),
        ("id=a,src=big", "secret a too big. max size 500KB"),
    ],
)
def test_secrets_that_the_client_refuses(spec: str, message: str) -> None:
    with pytest.raises(SecretError) as caught:
        read_secrets([spec], ENVIRONMENT, "/workspace", FILES.get)
    assert str(caught.value) == message
