"""The embedded PostgreSQL of a trial: started below var/, reached through a Unix socket only."""

from pathlib import Path


def home(var: Path) -> Path:
    return var / "pg"
