"""RFC 9162 section 2.1 written down word for word, over lists of data. It shares nothing with the code under test."""

import hashlib


def mth(data: list[bytes]) -> bytes:
    if not data:
        return hashlib.sha256(b"").digest()
    if len(data) == 1:
        return hashlib.sha256(b"\x00" + data[0]).digest()
    k = largest_power_below(len(data))
    return hashlib.sha256(b"\x01" + mth(data[:k]) + mth(data[k:])).digest()


def largest_power_below(n: int) -> int:
    k = 1
    while k * 2 < n:
        k = k * 2
    return k


def path(m: int, data: list[bytes]) -> list[bytes]:
    if len(data) == 1:
        return []
    k = largest_power_below(len(data))
    if m < k:
        return [*path(m, data[:k]), mth(data[k:])]
    return [*path(m - k, data[k:]), mth(data[:k])]


def proof(m: int, data: list[bytes]) -> list[bytes]:
    return subproof(m, data, True)


def subproof(m: int, data: list[bytes], known: bool) -> list[bytes]:
    if m == len(data):
        return [] if known else [mth(data)]
    k = largest_power_below(len(data))
    if m <= k:
        return [*subproof(m, data[:k], known), mth(data[k:])]
    return [*subproof(m - k, data[k:], False), mth(data[:k])]
