"""A folder of results is absent or complete, whatever happens while it is written."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from synaptrial.execution import atomic
from synaptrial.execution.atomic import (
    MARKER,
    ChangedError,
    ForeignFileError,
    edited_copy,
    problem_with,
    whole_file,
    whole_folder,
)

FILES = 40
WRITER = f"""
import sys, time
from pathlib import Path
from synaptrial.execution.atomic import whole_folder
with whole_folder(Path(sys.argv[1])) as folder:
    print("begun", flush=True)
    for i in range({FILES}):
        (folder / f"{{i}}.txt").write_text(sys.argv[2])
        time.sleep(0.002)
"""


def fill(folder: Path, text: str = "x", names: tuple[str, ...] = ("a.txt", "sub/b.txt")) -> None:
    with whole_folder(folder) as aside:
        for name in names:
            (aside / name).parent.mkdir(exist_ok=True)
            (aside / name).write_text(text)


def hidden(folder: Path) -> list[str]:
    return [p.name for p in folder.iterdir() if p.name.startswith(".")]


def test_a_kill_at_any_moment_leaves_nothing_or_everything(tmp_path):
    target, seen = tmp_path / "deep" / "out", set()
    for moment in range(10):
        text = f"run {moment}"
        run = subprocess.Popen(
            [sys.executable, "-c", WRITER, str(target), text], stdout=subprocess.PIPE
        )
        assert run.stdout is not None and run.stdout.readline() == b"begun\n"
        time.sleep(0.012 * moment)
        run.send_signal(signal.SIGKILL)
        run.communicate()
        if target.exists():
            content = [(target / f"{i}.txt").read_text() for i in range(FILES)]
            assert len(set(content)) == 1, "files of two runs"
            seen.add("complete")
        else:
            seen.add("absent")
    assert "absent" in seen, "no run was killed while it wrote"
    fill(target)
    assert hidden(target.parent) == [], "left-over folders of killed runs are cleared"


def test_what_a_living_run_writes_is_left_alone(tmp_path):
    with whole_folder(tmp_path / "out") as first:
        fill(tmp_path / "out", "second")
        assert first.is_dir()
        (first / "a.txt").write_text("first")
    assert (tmp_path / "out/a.txt").read_text() == "first"
    assert hidden(tmp_path) == []


def test_an_error_leaves_nothing_not_even_parents(tmp_path):
    with pytest.raises(RuntimeError), whole_folder(tmp_path / "deep" / "er" / "out") as folder:
        (folder / "a.txt").write_text("x")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_an_earlier_result_is_replaced_as_a_whole(tmp_path):
    target = tmp_path / "out"
    fill(target, "old", ("a.txt", "sub/only_old.txt"))
    assert problem_with(target) is None
    fill(target, "new", ("a.txt",))
    assert (target / "a.txt").read_text() == "new"
    assert sorted(p.name for p in target.iterdir()) == [MARKER, "a.txt"]
    assert hidden(tmp_path) == []


def test_an_earlier_result_stays_when_the_new_one_fails(tmp_path):
    target = tmp_path / "out"
    fill(target, "old")
    with pytest.raises(KeyboardInterrupt), whole_folder(target) as folder:
        (folder / "a.txt").write_text("new")
        raise KeyboardInterrupt
    assert (target / "a.txt").read_text() == "old"
    assert hidden(tmp_path) == []


def test_an_earlier_result_comes_back_when_the_last_step_fails(tmp_path, monkeypatch):
    target = tmp_path / "out"
    fill(target, "old")
    rename = os.rename

    def fails_into_place(source: Path, goal: Path) -> None:
        if goal == target and Path(source).name != "old":
            raise OSError("no")
        rename(source, goal)

    monkeypatch.setattr(atomic.os, "rename", fails_into_place)
    with pytest.raises(OSError, match="no"):
        fill(target, "new")
    assert (target / "a.txt").read_text() == "old"
    assert hidden(tmp_path) == []


def test_a_kill_between_the_two_last_steps_loses_nothing(tmp_path):
    """The earlier result has left its place and the new one has not taken it."""
    target = tmp_path / "out"
    fill(target, "old")
    killed = f"""
import os, signal
from pathlib import Path
from synaptrial.execution import atomic
rename = os.rename
def dies(source, goal):
    rename(source, goal)
    os.kill(os.getpid(), signal.SIGKILL)
atomic.os.rename = dies
with atomic.whole_folder(Path({str(target)!r})) as folder:
    (folder / "a.txt").write_text("new")
"""
    assert subprocess.run([sys.executable, "-c", killed]).returncode == -signal.SIGKILL
    assert not target.exists()
    with pytest.raises(RuntimeError), whole_folder(target):
        assert (target / "a.txt").read_text() == "old", "the next run puts it back"
        raise RuntimeError
    assert (target / "a.txt").read_text() == "old"
    assert hidden(tmp_path) == []


def test_what_a_run_in_another_container_writes_is_left_alone(tmp_path):
    """There the host's name may be the same and the process number means another process."""
    target = tmp_path / "out"
    run = subprocess.Popen(
        [sys.executable, "-c", WRITER.replace("0.002", "60"), str(target), "x"],
        stdout=subprocess.PIPE,
    )
    assert run.stdout is not None and run.stdout.readline() == b"begun\n"
    (name,) = hidden(tmp_path)
    assert str(run.pid) not in name
    fill(target)
    assert hidden(tmp_path) == [name]
    run.kill()
    run.communicate()
    fill(target)
    assert hidden(tmp_path) == []


def test_a_hidden_folder_of_someone_else_is_left_alone(tmp_path):
    for name in (".out-abcdefgh", ".synaptrial-out", ".synaptrial-other-abcdefgh"):
        (tmp_path / name).mkdir()
    fill(tmp_path / "out")
    assert len(hidden(tmp_path)) == 3


@pytest.mark.parametrize("name", ["notes.md", "sub/notes.md"])
@pytest.mark.parametrize("earlier", [True, False])
def test_a_file_that_comes_while_we_work_stays(tmp_path, name, earlier):
    target = tmp_path / "out"
    if earlier:
        fill(target, "old")
    with pytest.raises(ForeignFileError, match=name) as found, whole_folder(target) as folder:
        (folder / "a.txt").write_text("new")
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text("mine")
    assert (target / name).read_text() == "mine"
    assert (target / "a.txt").exists() == earlier
    assert (found.value.kept / "a.txt").read_text() == "new", "a long run's work is not lost"
    assert problem_with(found.value.kept) is None
    assert hidden(tmp_path) == []


def test_rights_follow_the_umask(tmp_path):
    before = os.umask(0o027)
    try:
        fill(tmp_path / "out")
        whole_file(tmp_path / "file.json", "{}")
    finally:
        os.umask(before)
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o750
    assert (tmp_path / "out/a.txt").stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "file.json").stat().st_mode & 0o777 == 0o640


def test_a_file_is_replaced_as_a_whole(tmp_path, monkeypatch):
    path = tmp_path / "deep" / "file.json"
    whole_file(path, "old")
    monkeypatch.setattr(Path, "write_text", lambda *_, **__: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        whole_file(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in path.parent.iterdir()] == ["file.json"]


@pytest.mark.parametrize("name", ["notes.md", "sub/notes.md"])
def test_a_file_of_someone_else_is_never_lost(tmp_path, name):
    target = tmp_path / "out"
    fill(target)
    (target / name).write_text("mine")
    problem = problem_with(target)
    assert problem is not None and name in problem.found


def test_a_folder_without_our_marker_is_refused(tmp_path):
    (tmp_path / "summary.json").write_text("{}")
    problem = problem_with(tmp_path)
    assert problem is not None and "summary.json" in problem.found


def test_an_empty_folder_and_a_new_one_are_accepted_and_nothing_is_left(tmp_path):
    (tmp_path / "empty").mkdir()
    assert problem_with(tmp_path / "empty") is None
    assert problem_with(tmp_path / "a" / "b" / "new") is None
    assert [p.name for p in tmp_path.iterdir()] == ["empty"]


def test_places_that_cannot_hold_a_folder(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("x")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    found = {
        "a file": problem_with(tmp_path / "file"),
        "Not a directory": problem_with(tmp_path / "file" / "below"),
        "File name too long": problem_with(tmp_path / ("x" * 300)),
        "the folder you are in": problem_with(Path()),
        "or one above it": problem_with(tmp_path),
    }
    for words, problem in found.items():
        assert problem is not None and words in problem.found and problem.advice


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_without_the_right_to_write(tmp_path):
    (tmp_path / "locked").mkdir(mode=0o500)
    problem = problem_with(tmp_path / "locked" / "out")
    assert problem is not None and "Permission denied" in problem.found


def test_an_edited_copy_takes_the_place_of_its_folder(tmp_path):
    mine = tmp_path / "mine"
    fill(mine)
    with edited_copy(mine, mine) as copy:
        (copy / "c.txt").write_text("new")
        assert not (mine / "c.txt").exists()
    assert sorted(p.name for p in mine.rglob("*.txt")) == ["a.txt", "b.txt", "c.txt"]
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]


def test_an_edited_copy_that_fails_leaves_all_as_it_was(tmp_path):
    mine = tmp_path / "mine"
    fill(mine)
    for target in (mine, tmp_path / "far" / "away"):
        with pytest.raises(ValueError), edited_copy(mine, target) as copy:
            (copy / "a.txt").write_text("new")
            raise ValueError
    assert (mine / "a.txt").read_text() == "x"
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]


def test_what_changes_while_a_copy_is_edited_is_kept(tmp_path):
    mine = tmp_path / "mine"
    fill(mine)
    with pytest.raises(ChangedError), edited_copy(mine, mine):
        (mine / "later.txt").write_text("mine")
    assert (mine / "later.txt").read_text() == "mine"
    assert [p.name for p in tmp_path.iterdir()] == ["mine"]
