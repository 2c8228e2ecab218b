"""The numbers of cases and of the registers beside them: the city's letters, the year, a letter for the register."""

from datetime import date

from gongzhi.core import services as core

NUMBER_DIGITS = 5
LETTER = {
    "case": "", "complaint": "T", "problem": "P", "check": "C", "evidence": "Z", "operation": "L", "structure": "W",
}  # fmt: skip


def series_prefix(place_path: str, on: date) -> str:
    """The city's letters for numbers, as the pack's clauses bear them."""
    pack = core.pack_for(place_path, on)
    return pack.prefix if pack is not None and pack.prefix else "GZ"


def next_case_number(place_path: str, on: date, kind: str) -> str:
    prefix = series_prefix(place_path, on)
    seq = core.next_number(f"cases.{kind}|{prefix}", on.year)
    return f"{prefix}-{on.year}-{LETTER[kind]}{seq:0{NUMBER_DIGITS}d}"
