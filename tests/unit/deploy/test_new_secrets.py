"""What `make secrets` makes, and what it must never make anew."""

import subprocess
import sys
from pathlib import Path

import pytest

from deploy.docker.new_secrets import OF_OTHERS, Lost, folder_of, make, wanted
from deploy.local.paths import ROOT


def test_a_secret_that_is_there_stays_as_it_is_and_what_others_give_may_be_added(
    tmp_path: Path,
) -> None:
    make(tmp_path)
    before = {path.name: path.read_text() for path in tmp_path.iterdir()}
    (tmp_path / "sms_token").unlink()

    assert make(tmp_path) == ["sms_token"]
    assert make(tmp_path) == []

    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("name", sorted(set(wanted()) - set(OF_OTHERS)))
def test_a_secret_that_was_lost_is_never_made_anew(tmp_path: Path, name: str) -> None:
    make(tmp_path)
    (tmp_path / name).unlink()

    with pytest.raises(Lost, match=f"^{name} is not in .*: put it back"):
        make(tmp_path)

    assert not (tmp_path / name).exists()


def test_two_installations_never_call_two_keys_by_one_id(tmp_path: Path) -> None:
    ids = set()
    for place in ("here", "there"):
        make(tmp_path / place)
        ids.add((tmp_path / place / "key_encryption_keys").read_text().partition(":")[0])

    assert len(ids) == 2


def test_what_others_give_is_an_empty_file_to_be_filled_in(tmp_path: Path) -> None:
    make(tmp_path)

    empty = {path for path in tmp_path.iterdir() if not path.read_text()}
    assert {path.name for path in empty} == set(OF_OTHERS)
    assert {path.stat().st_mode & 0o200 for path in empty} == {0o200}


@pytest.mark.parametrize(
    ("said", "in_shell", "in_file", "folder"),
    [
        ([], {}, "", "var/secrets"),
        ([], {}, "OTHER=1\nWRAPAROUND_SECRETS='/srv/secrets'\n", "/srv/secrets"),
        ([], {"WRAPAROUND_SECRETS": "/etc/w"}, "WRAPAROUND_SECRETS=/srv/secrets\n", "/etc/w"),
        (["here"], {"WRAPAROUND_SECRETS": "/etc/w"}, "", "here"),
    ],
)
def test_secrets_belong_where_compose_reads_them(
    tmp_path: Path, said: list[str], in_shell: dict[str, str], in_file: str, folder: str
) -> None:
    (tmp_path / ".env").write_text(in_file)

    assert folder_of(said, in_shell, tmp_path / ".env") == Path(folder)


def test_a_folder_that_is_there_is_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    folder.mkdir(mode=0o755)

    make(folder)

    assert folder.stat().st_mode & 0o777 == 0o700


def test_secrets_are_made_with_python_alone_and_closed_to_others(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    command = [
        sys.executable,
        "-ES",
        str(ROOT / "deploy" / "docker" / "new_secrets.py"),
        str(folder),
    ]

    subprocess.run(command, check=True, cwd=tmp_path)  # noqa: S603 - a program of ours

    assert folder.stat().st_mode & 0o777 == 0o700
