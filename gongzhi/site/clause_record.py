"""Which clauses the tests proved: written by the test run, read by `gongzhi coverage`.

A test that ran again replaces what it said before. What other tests said is kept only while the commit is the same
and nothing was changed on top of it, so that a partial run claims nothing it did not see.
"""

import json
import os
import subprocess
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

FILE = Path("var") / "clauses-passed.json"
PROPERTY = "clauses"


class Report(Protocol):
    nodeid: str
    when: str | None
    user_properties: list[tuple[str, Any]]

    @property
    def passed(self) -> bool: ...

    @property
    def failed(self) -> bool: ...


class Record:
    """What one run has shown so far."""

    def __init__(self) -> None:
        self.ran: set[str] = set()
        self.failed: set[str] = set()
        self.clauses: dict[str, list[str]] = {}

    def take(self, report: Report) -> None:
        self.ran.add(report.nodeid)
        if report.failed:
            self.failed.add(report.nodeid)
        elif report.when == "call" and report.passed:
            named = [ids for name, ids in report.user_properties if name == PROPERTY]
            if named:
                self.clauses[report.nodeid] = sorted({one for ids in named for one in ids})

    def write(self, root: Path) -> None:
        if not self.ran:
            return
        commit = _commit(root)
        kept = {
            test: ids
            for test, ids in _tests_before(root, commit).items()
            if test not in self.ran and (root / test.split("::")[0]).exists()
        }
        passed = {test: ids for test, ids in self.clauses.items() if test not in self.failed}
        tests = {**kept, **passed}
        by_clause: dict[str, list[str]] = defaultdict(list)
        for test in sorted(tests):
            for one in tests[test]:
                by_clause[one].append(test)
        content = {
            "run_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "commit": commit,
            "clauses": dict(sorted(by_clause.items())),
            "tests": dict(sorted(tests.items())),
        }
        path = root / FILE
        path.parent.mkdir(exist_ok=True)
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        fresh.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        fresh.replace(path)


def _tests_before(root: Path, commit: str | None) -> dict[str, list[str]]:
    try:
        before = json.loads((root / FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    same = commit is not None and not commit.endswith("+") and before.get("commit") == commit
    return before.get("tests", {}) if same else {}


def _commit(root: Path) -> str | None:
    """The commit that was tested, with a + when files differ from it; None outside a repository."""
    try:
        head = _git(root, "rev-parse", "HEAD")
        return head + ("+" if _git(root, "status", "--porcelain", "--untracked-files=normal") else "")
    except (OSError, subprocess.CalledProcessError):
        return None


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603
