"""Files are written whole or not at all, and only below the folder the user named."""

from __future__ import annotations

from pathlib import Path

import pytest

from standfast.files import File, write_files
from standfast.problem import Problems
from standfast.workspace import Workspace


@pytest.mark.parametrize("path", ["../x", "/etc/x", "a/../../x", "", "a\0b"])
def test_a_path_outside_the_folder_writes_nothing(tmp_path: Path, path: str) -> None:
    folder = tmp_path / "out"
    with pytest.raises(Problems):
        write_files([File("good.txt", "x"), File(path, "x")], folder)
    assert not folder.exists()


def test_two_writers_of_one_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Problems, match="two writers"):
        write_files([File("a", "1"), File("a", "2")], tmp_path)


def test_files_are_replaced_and_leave_nothing_beside_them(tmp_path: Path) -> None:
    write_files([File("a/b.txt", "one")], tmp_path)
    write_files([File("a/b.txt", "two\n")], tmp_path)
    assert (tmp_path / "a/b.txt").read_bytes() == b"two\n"
    assert [path.name for path in (tmp_path / "a").iterdir()] == ["b.txt"]


def test_a_path_that_cannot_be_written_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a file, not a folder")
    with pytest.raises(Problems, match="could not write"):
        write_files([File("a/b.txt", "x")], tmp_path)


def test_a_folder_in_use_names_who_uses_it(tmp_path: Path) -> None:
    space = Workspace(tmp_path / "out")
    with space.locked("apply"), pytest.raises(Problems, match="in use") as found, space.locked("destroy"):
        pass
    assert "standfast apply" in found.value.problems[0].why
    with space.locked("destroy"):
        pass
