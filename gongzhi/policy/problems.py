"""A fault in a pack is a value with its file and line; loading collects them all."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


# What a pack or the facts given can bring about; any other exception is a fault of the platform's own.
PACK_FAULTS = (ValueError, ArithmeticError)


class PackFault(ValueError):
    """A value of a pack that cannot be read; the reader turns it into a Problem of its line."""

    def __init__(self, message: str, *, file: str = "", line: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.file = file
        self.line = line


def ordered(problems: Iterable[Problem]) -> list[Problem]:
    return sorted(set(problems))
