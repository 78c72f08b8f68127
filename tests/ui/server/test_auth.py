"""User names and passwords: read, hashed and compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from rag.errors import InputError
from ui.server import auth as module
from ui.server.auth import VARIABLE, UserAccounts, hashed_line, read_accounts

if TYPE_CHECKING:
    from pathlib import Path


def _accounts(tmp_path: Path, text: str) -> UserAccounts:
    path = tmp_path / "accounts"
    path.write_text(text, encoding="utf-8")
    path.chmod(0o600)
    found = read_accounts(path)
    assert found is not None
    return found


def test_accounts_are_read_and_checked(tmp_path: Path) -> None:
    """Comments and blank lines are ignored, a password may contain colons; wrong and unknown are refused alike."""
    known = _accounts(tmp_path, "# who may\n\nada:a:b c\ngrace:x\n")
    assert known("ada", "a:b c")
    assert known(" ada ", "a:b c")
    for name, word in (("ada", "a:b"), ("ada", ""), ("nobody", ""), ("nobody", "x"), ("grace", "a:b c"), ("", "")):
        assert not known(name, word)


def test_a_hashed_line_lets_in_without_holding_the_password(tmp_path: Path) -> None:
    """The line that the program prints; beside a plain one, neither accepts the other's password."""
    line = hashed_line("ada", "geheim ß")
    assert "geheim" not in line
    assert line != hashed_line("ada", "geheim ß")
    known = _accounts(tmp_path, f"{line}\ngrace:plain\n")
    assert known("ada", "geheim ß")
    assert known("grace", "plain")
    for name, word in (
        ("ada", "geheim"),
        ("grace", "geheim ß"),
        ("nobody", "geheim ß"),
        ("ada", line.partition(":")[2]),
    ):
        assert not known(name, word)


def test_passwords_are_not_in_memory_as_they_were_typed(tmp_path: Path) -> None:
    """A plain line is stored as a digest, of one length for all."""
    known = _accounts(tmp_path, "ada:correct horse\ngrace:x\n")
    assert "correct horse" not in repr(known)
    assert len({len(digest) for digest in known.plain.values()}) == 1


def test_the_same_work_is_done_for_names_that_do_not_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One hash and one comparison for each try, whatever the name, so that the time reveals nothing."""
    known = _accounts(tmp_path, hashed_line("ada", "x") + "\ngrace:y\n")
    done: list[str] = []
    compare, scrypt = module.hmac.compare_digest, module.hashlib.scrypt
    monkeypatch.setattr(
        module.hmac, "compare_digest", lambda a, b: (done.append(f"compare {len(a)}"), compare(a, b))[1]
    )
    monkeypatch.setattr(module.hashlib, "scrypt", lambda *a, **k: (done.append("scrypt"), scrypt(*a, **k))[1])
    seen = set()
    for name, word in (("ada", "x"), ("ada", "wrong"), ("grace", "y"), ("grace", "wrong"), ("nobody", "x")):
        done.clear()
        known(name, word)
        seen.add(tuple(done))
    assert len(seen) == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment\n",
        "no colon\n",
        ":password\n",
        "name:\n",
        "ada:x\nada:y\n",
        "ada:" + "x" * 1_001,
        "ada:scrypt$1$2",
        "ada:scrypt$16384$8$1$????$????",
        "ada:scrypt$1073741824$8$1$MDEyMzQ1Njc4OWFiY2RlZg==$MDEyMzQ1Njc4OWFiY2RlZg==",
        "ada:scrypt$16384$8$1$MDE=$MDEyMzQ1Njc4OWFiY2RlZg==",
        "ada:scrypt$15000$8$1$MDEyMzQ1Njc4OWFiY2RlZg==$MDEyMzQ1Njc4OWFiY2RlZg==",
    ],
)
def test_a_file_that_is_not_a_list_of_accounts_is_refused(tmp_path: Path, text: str) -> None:
    """A mistake never starts the page without a lock, or with one that exhausts the machine."""
    with pytest.raises(InputError):
        _accounts(tmp_path, text)


def test_a_missing_file_of_accounts_is_refused(tmp_path: Path) -> None:
    """The same if there is no file."""
    with pytest.raises(InputError):
        read_accounts(tmp_path / "none")


def test_accounts_come_from_the_environment_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable has the same lines; without either there are no accounts; an empty one is a mistake."""
    monkeypatch.delenv(VARIABLE, raising=False)
    assert read_accounts() is None
    monkeypatch.setenv(VARIABLE, "ada:x\ngrace:y")
    known = read_accounts()
    assert known is not None
    assert known("grace", "y")
    monkeypatch.setenv(VARIABLE, "")
    with pytest.raises(InputError):
        read_accounts()


def test_a_file_that_others_can_read_is_reported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A warning that says how to protect it, and none if it is protected."""
    _accounts(tmp_path, "ada:x\n")
    assert capsys.readouterr().err == ""
    path = tmp_path / "accounts"
    path.chmod(0o644)
    read_accounts(path)
    assert "chmod 600" in capsys.readouterr().err


def test_the_line_can_be_made_at_a_prompt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Asked twice, printed once; two different passwords print none."""
    monkeypatch.setattr(module.getpass, "getpass", lambda _: "word")
    assert module._main(["ada"]) == 0
    assert _accounts(tmp_path, capsys.readouterr().out)("ada", "word")
    words = iter(["one", "two"])
    monkeypatch.setattr(module.getpass, "getpass", lambda _: next(words))
    assert module._main(["ada"]) == 2
    assert module._main([]) == 2
    assert capsys.readouterr().out == ""
