"""What the run of the tests writes down about clauses."""

import json
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from gongzhi.site.clause_record import FILE, Record


def _report(test: str, *clauses: str, when: str = "call", passed: bool = True) -> SimpleNamespace:
    return SimpleNamespace(
        nodeid=test, when=when, passed=passed, failed=not passed, user_properties=[("clauses", list(clauses))]
    )


def _written(root: Path, *reports: SimpleNamespace) -> dict[str, list[str]]:
    record = Record()
    for report in reports:
        record.take(report)
    record.write(root)
    return json.loads((root / FILE).read_text())["clauses"]


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "a.py").touch()
    (tmp_path / "b.py").touch()
    (tmp_path / ".gitignore").write_text("var\n")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", "x"]):
        identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
        subprocess.run(["git", *identity, *arguments], cwd=tmp_path, check=True)
    return tmp_path


def test_a_passed_test_proves_its_clauses(tmp_path: Path) -> None:
    assert _written(tmp_path, _report("a.py::t", "X-1", "X-2")) == {"X-1": ["a.py::t"], "X-2": ["a.py::t"]}


def test_a_test_that_fails_when_torn_down_proves_nothing(tmp_path: Path) -> None:
    assert _written(tmp_path, _report("a.py::t", "X-1"), _report("a.py::t", when="teardown", passed=False)) == {}


def test_a_partial_run_keeps_what_others_proved_at_the_same_commit(repository: Path) -> None:
    _written(repository, _report("a.py::t", "X-1"), _report("b.py::t", "X-1"))
    assert _written(repository, _report("b.py::t", "X-1", passed=False)) == {"X-1": ["a.py::t"]}


def test_a_change_on_top_of_the_commit_forgets_earlier_runs(repository: Path) -> None:
    _written(repository, _report("a.py::t", "X-1"))
    (repository / "a.py").write_text("changed = True\n")
    assert _written(repository, _report("b.py::t", "X-2")) == {"X-2": ["b.py::t"]}
