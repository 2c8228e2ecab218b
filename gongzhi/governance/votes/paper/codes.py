"""Codes of paper ballots: ten characters that nobody mixes up, and one that finds a slip of the pen. No Django."""

import secrets
import unicodedata

# 31 signs, a prime; without I, L, O, U and Z. What the eye reads for one of the others is taken for it.
SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXY"
LOOKS_LIKE = str.maketrans({"I": "1", "L": "1", "O": "0", "Z": "2"})
LENGTH = 10
GROUPS = (4, 8)


class BadCode(ValueError):  # noqa: N818
    """Not a code: a sign is missing, unknown or mistaken."""


def new_code() -> str:
    """Nearly fifty random bits and their check sign; a stranger who tries codes finds none."""
    body = "".join(secrets.choice(SIGNS) for _ in range(LENGTH))
    return body + _check(body)


def read_code(typed: str) -> str:
    """The code as it was typed or scanned, in its one form. Raises `BadCode`."""
    text = "".join(unicodedata.normalize("NFKC", typed).upper().replace("-", "").split()).translate(LOOKS_LIKE)
    if len(text) != LENGTH + 1 or any(sign not in SIGNS for sign in text) or _check(text[:-1]) != text[-1]:
        raise BadCode(typed)
    return text


def in_words(code: str) -> str:
    """As it is printed, in groups: 7K2M 9QX4 31D."""
    first, second = GROUPS
    return f"{code[:first]} {code[first:second]} {code[second:]}"


def _check(body: str) -> str:
    """Each place has a weight of its own below the prime: any one wrong sign and any two swapped ones are found."""
    total = sum(weight * SIGNS.index(sign) for weight, sign in enumerate(body, start=1))
    return SIGNS[total % len(SIGNS)]
