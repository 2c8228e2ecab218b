"""Two-character grams for searching Chinese text with a GIN index over an array column. No Django."""

import re
import unicodedata

_HAN = r"㐀-䶿一-鿿豈-﫿"
_RUN = re.compile(rf"[{_HAN}]+|[a-z0-9]+")
GRAM = 2


def normalised(text: str) -> str:
    """Full-width forms narrowed, lower case."""
    return unicodedata.normalize("NFKC", text).lower()


def grams(*texts: str) -> list[str]:
    """What to store: every character and every two neighbours of a run of Han characters or of letters and digits."""
    found: dict[str, None] = {}
    for text in texts:
        for run in _RUN.findall(normalised(text or "")):
            for start in range(len(run)):
                found[run[start]] = None
                if start + GRAM <= len(run):
                    found[run[start : start + GRAM]] = None
    return list(found)


def search_grams(query: str) -> list[str]:
    """What a row must contain (array `@>`) to be a candidate: the pairs of each run, a single character as it is."""
    found: dict[str, None] = {}
    for run in _RUN.findall(normalised(query)):
        if len(run) < GRAM:
            found[run] = None
        for start in range(len(run) - GRAM + 1):
            found[run[start : start + GRAM]] = None
    return list(found)
