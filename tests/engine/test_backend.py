"""Where compiled code is kept, and that nothing goes wrong where it cannot be."""

import os
import pwd
from pathlib import Path

import jax
import pytest

from synaptrial.engine import backend

KEYS = ("jax_compilation_cache_dir", "jax_persistent_cache_min_compile_time_secs")


@pytest.fixture(autouse=True)
def no_cache_yet(monkeypatch: pytest.MonkeyPatch):
    before = {key: getattr(jax.config, key) for key in KEYS}
    jax.config.update(KEYS[0], None)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    yield
    for key, value in before.items():
        jax.config.update(key, value)


def kept_in() -> str | None:
    backend.keep_compiled_code()
    folder: str | None = jax.config.jax_compilation_cache_dir
    return folder


def test_it_is_kept_in_the_home_or_where_the_user_keeps_caches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert kept_in() == str(tmp_path / ".cache" / "synaptrial" / "jax")
    jax.config.update(KEYS[0], None)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    assert kept_in() == str(tmp_path / "caches" / "synaptrial" / "jax")
    assert list((tmp_path / "caches" / "synaptrial" / "jax").iterdir()) == []


def test_without_a_home_nothing_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(_: int) -> None:
        raise KeyError

    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr(pwd, "getpwuid", nobody)
    assert kept_in() is None


def test_where_it_cannot_be_written_nothing_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert kept_in() is None


def test_what_the_user_has_set_stays(tmp_path: Path) -> None:
    jax.config.update(KEYS[0], str(tmp_path / "mine"))
    assert kept_in() == str(tmp_path / "mine")


def test_the_oldest_goes_first(tmp_path: Path) -> None:
    for age in range(4):
        (tmp_path / f"{age}").write_bytes(b"x" * 10)
        os.utime(tmp_path / f"{age}", (1000 - age, 1000 - age))
    backend._keep_below(tmp_path, 25)
    assert {p.name for p in tmp_path.iterdir()} == {"0", "1"}
