"""Offices that are no place of the division and are listed beside the streets: who they are, what they adopted."""

from datetime import date

from gongzhi.core import services as core


def listed_apart(place_path: str, on: date) -> tuple[list[str], tuple[str, ...]]:
    """Their names as the local document or the place gives them, and the clauses."""
    answer = core.ask("governance.listed_apart", {}, place_path=place_path, on=on)
    offices = str((answer.value or {}).get("offices") or "") if answer.ok else ""
    return [one.strip() for one in offices.split("、") if one.strip()], tuple(answer.clauses)
