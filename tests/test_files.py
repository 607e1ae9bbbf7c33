"""Files are written whole or not at all, and only below the folder the user named."""

from __future__ import annotations

from pathlib import Path

import pytest

from standfast.files import MANIFEST, File, add_files, replace_files, write_files
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


def test_replacing_removes_what_is_no_longer_wanted_and_nothing_else(tmp_path: Path) -> None:
    replace_files([File("a/old.tf", "1"), File("keep.tf", "2")], tmp_path)
    (tmp_path / "a/mine.tf").write_text("my own")
    done = replace_files([File("keep.tf", "2"), File("new.tf", "3")], tmp_path)
    assert (done.written, done.same, done.removed, done.edited) == (("new.tf",), ("keep.tf",), ("a/old.tf",), ())
    assert sorted(path.name for path in tmp_path.rglob("*.tf")) == ["keep.tf", "mine.tf", "new.tf"]
    assert replace_files([File("keep.tf", "2"), File("new.tf", "3")], tmp_path).written == ()


def test_replacing_tells_of_files_changed_by_hand_and_never_removes_one(tmp_path: Path) -> None:
    replace_files([File("a", "1"), File("b", "2")], tmp_path)
    (tmp_path / "a").write_text("mine")
    (tmp_path / "b").write_text("mine")
    done = replace_files([File("a", "1")], tmp_path)
    assert (done.written, done.removed, done.edited, done.left) == (("a",), (), ("a", "b"), ("b",))
    assert ((tmp_path / "a").read_text(), (tmp_path / "b").read_text()) == ("1", "mine")
    assert (tmp_path / done.kept["a"]).read_text() == "mine" and done.kept["a"].startswith("a.edited-")
    assert replace_files([File("a", "1")], tmp_path).edited == ()


def test_a_file_that_is_in_the_way_is_kept_beside(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("somebody's")
    done = replace_files([File("a", "1")], tmp_path)
    assert (tmp_path / "a").read_text() == "1" and (tmp_path / done.kept["a"]).read_text() == "somebody's"


def test_what_was_added_is_replaced_as_our_own(tmp_path: Path) -> None:
    replace_files([File("a", "1"), File("b", "2")], tmp_path)
    add_files([File("a", "other")], tmp_path)
    done = replace_files([File("a", "1")], tmp_path)
    assert (done.written, done.edited, done.removed) == (("a",), (), ("b",))


def test_replacing_leaves_no_empty_folders(tmp_path: Path) -> None:
    replace_files([File("a/b/c", "1"), File("d", "2")], tmp_path)
    replace_files([File("d", "2")], tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [MANIFEST, "d"]


@pytest.mark.parametrize("record", ["", "[]", '{"../outside": "x", "/etc/x": "y", "a": 3}', "\0"])
def test_a_record_that_is_not_ours_removes_nothing(tmp_path: Path, record: str) -> None:
    (tmp_path / "outside").write_text("x")
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / MANIFEST).write_text(record)
    assert replace_files([File("a", "1")], folder).removed == ()
    assert (tmp_path / "outside").exists()
