#!/usr/bin/env python3
"""核对共治导出的存证包，不需要网络，也不需要平台的任何程序。

    python verify.py 文件.zip [--key 公钥] [--checkpoint 文件…] [--receipt 文件…] [--ca 文件] [--json]

查：压缩包的每一个字节、清单、密钥、每条记录的写法和叶子哈希、承诺、每个检查点的树根与签名、见证签名、时间戳、
已公开的票面。`--checkpoint` 和 `--receipt` 是您自己留存的检查点和回执。全部相符返回 0，否则返回 1 并指出第一处不符。

Python 3.11 or newer and the package `cryptography`; shares no code with the platform.
"""

import argparse
import base64
import hashlib
import io
import json
import re
import struct
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs7

NAME = re.compile(r"[a-z0-9_-]+(/[a-z0-9_-]+)*(\.[a-z0-9]+)+")
WHOLE = re.compile(r"0|[1-9][0-9]{0,15}")
LARGEST_INTEGER = 2**53 - 1
LARGEST_MEMBER = 2**30
REPACKED = "文件头或目录被改动；解开重新打过包的也不算，请用平台原样给的文件"
BASIC_PLANE = "\uffff"


class Bad(Exception):
    """The first thing that is not as it should be: which member, which entry of it, why."""

    def __init__(self, member: str, reason: str, entry: int | None = None) -> None:
        super().__init__(member, reason, entry)
        self.member, self.reason, self.entry = member, reason, entry


def need(good: bool, member: str, reason: str, *, entry: int | None = None) -> None:
    if not good:
        raise Bad(member, reason, entry)


# --- container ------------------------------------------------------------------------------------------------------


def packed(members: dict[str, bytes]) -> bytes:
    """The one container for these members: stored, in the order of names, no dates, no comments, nothing in between."""
    parts, directory = [], b""
    offset = 0
    for name in sorted(members):
        data, raw = members[name], name.encode()
        common = struct.pack("<HHHHHIIIHH", 20, 0, 0, 0, 33, zlib.crc32(data), len(data), len(data), len(raw), 0)
        local = b"PK\3\4" + common + raw
        parts += [local, data]
        directory += b"PK\1\2" + struct.pack("<H", 3 << 8 | 20) + common
        directory += struct.pack("<HHHII", 0, 0, 0, 0o100644 << 16, offset) + raw
        offset += len(local) + len(data)
    body = b"".join(parts)
    end = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(directory), len(body), 0)
    return body + directory + b"PK\5\6" + end


def unpacked(data: bytes) -> dict[str, bytes]:
    """Reads local headers in a row; then the whole file has to be what `packed` makes of them."""
    members: dict[str, bytes] = {}
    place = 0
    while data[place : place + 4] == b"PK\3\4":
        head = data[place + 4 : place + 30]
        need(len(head) == 26, "（压缩包）", f"第 {place} 字节起的文件头不完整")
        _, _, _, _, _, crc, length, _, name_length, _ = struct.unpack("<HHHHHIIIHH", head)
        raw = data[place + 30 : place + 30 + name_length]
        name = raw.decode("ascii", "replace")
        need(NAME.fullmatch(name) is not None, "（压缩包）", f"文件名 {name!r} 不合规定")
        need(name not in members, name, "文件重复")
        start = place + 30 + name_length
        members[name] = data[start : start + length]
        need(len(members[name]) == length, name, "文件被截断")
        need(zlib.crc32(members[name]) == crc, name, "内容与压缩包的校验码不符")
        place = start + length
    need(bool(members), "（压缩包）", "不是存证包")
    need(list(members) == sorted(members), "（压缩包）", "文件次序不合规定")
    need(packed(members) == data, "（压缩包）", REPACKED)
    return members


def looked_into(data: bytes) -> tuple[dict[str, bytes], Bad | None]:
    """The members, and what is wrong with the container. One that another program wrote is read all the same, check
    sums aside, so that whatever was changed inside is named by its entry."""
    try:
        return unpacked(data), None
    except Bad as error:
        container = error
    members: dict[str, bytes] = {}
    whole = True
    try:
        for one in zipfile.ZipFile(io.BytesIO(data)).infolist():
            name_length, extra_length = struct.unpack_from("<HH", data, one.header_offset + 26)
            start = one.header_offset + 30 + name_length + extra_length
            raw = data[start : start + one.compress_size]
            if one.compress_type == zipfile.ZIP_DEFLATED:
                raw = zlib.decompressobj(-zlib.MAX_WBITS).decompress(raw, LARGEST_MEMBER)
            if one.is_dir():
                continue
            need(one.filename not in members, one.filename, "文件重复")
            members[one.filename] = raw
            whole = whole and zlib.crc32(raw) == one.CRC
    except (zipfile.BadZipFile, zlib.error, struct.error, ValueError, NotImplementedError):
        raise container from None
    if not members:
        raise container
    return members, Bad("（压缩包）", REPACKED) if whole else container


# --- JSON in its one form (RFC 8785 without fractions) --------------------------------------------------------------


def loaded(text: bytes | str) -> Any:
    """JSON of whole numbers that every program reads alike, or ValueError."""
    return json.loads(text, parse_int=whole_number, parse_float=no_fraction, parse_constant=no_fraction)


def whole_number(text: str) -> int:
    value = int(text)
    if abs(value) > LARGEST_INTEGER:
        raise ValueError("too large")
    return value


def no_fraction(text: str) -> Any:
    raise ValueError("fractions are not allowed")


def canonical(value: Any) -> str:
    """Of what `loaded` gave. Half a pair of surrogates is refused when the text is encoded."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text if max(text) <= BASIC_PLANE else in_utf16_order(value)


def in_utf16_order(value: Any) -> str:
    """The same where names may go beyond the basic plane: there the order of UTF-16 is another one."""
    if isinstance(value, list):
        return "[" + ",".join(in_utf16_order(one) for one in value) + "]"
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be", "surrogatepass"))
        return (
            "{" + ",".join(f"{json.dumps(one, ensure_ascii=False)}:{in_utf16_order(value[one])}" for one in names) + "}"
        )
    return json.dumps(value, ensure_ascii=False)


def parsed(text: bytes) -> Any:
    """Refuses what is not in its one form: so no two texts say the same."""
    value = loaded(text.decode())
    if canonical(value).encode() != text:
        raise ValueError("not in its one form")
    return value


def parsed_member(members: dict[str, bytes], name: str) -> Any:
    need(name in members, name, "缺少这个文件")
    try:
        need(members[name].endswith(b"\n"), name, "结尾不完整")
        return parsed(members[name][:-1])
    except (ValueError, RecursionError) as error:
        raise Bad(name, "不是规定写法的 JSON") from error


def lines_of(members: dict[str, bytes], name: str) -> Iterator[tuple[int, bytes, Any]]:
    """Number, text and value of each line."""
    need(name in members, name, "缺少这个文件")
    texts = members[name].split(b"\n")
    need(texts.pop() == b"", name, "结尾不完整")
    for number, text in enumerate(texts):
        try:
            yield number, text, parsed(text)
        except (ValueError, RecursionError) as error:
            raise Bad(name, "不是规定写法的 JSON", number) from error


# --- signatures and notes -------------------------------------------------------------------------------------------


def holds(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        ed25519.Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def unbase64(text: Any) -> bytes:
    if not isinstance(text, str):
        raise ValueError("no text")
    value = base64.b64decode(text, validate=True)
    if base64.b64encode(value).decode() != text:
        raise ValueError("not the one spelling")
    return value


def unhex(text: Any, length: int = 32) -> bytes:
    if not isinstance(text, str) or not re.fullmatch(r"[0-9a-f]*", text) or len(text) != 2 * length:
        raise ValueError("no hex of that length")
    return bytes.fromhex(text)


def key_id(name: str, kind: int, public: bytes) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


@dataclass(frozen=True)
class Note:
    text: str
    signatures: tuple[tuple[str, bytes, str], ...]

    @property
    def first_signed(self) -> bytes:
        """As the log signed it, before witnesses did: what a time-stamp is for."""
        return f"{self.text}\n{self.signatures[0][2]}\n".encode()


def note_of(data: bytes, member: str) -> Note:
    try:
        text, gap, tail = data.decode().rpartition("\n\n")
        lines = tail.split("\n")
        if not gap or lines.pop() or not lines:
            raise ValueError("no signatures")
        found = []
        for line in lines:
            dash, name, encoded = line.split(" ")
            if dash != "—" or not name or "+" in name:
                raise ValueError("no signature line")
            found.append((name, unbase64(encoded), line))
    except ValueError as error:
        raise Bad(member, "不是签名文本") from error
    return Note(text + "\n", tuple(found))


@dataclass
class Checkpoint:
    """A checkpoint, its log's signature verified."""

    size: int
    root: bytes
    note: Note
    key: bytes


@dataclass
class Package:
    """What was read and has held so far."""

    members: dict[str, bytes]
    origin: str = ""
    size: int = 0
    root: bytes = b""
    keys: list[bytes] = field(default_factory=list)
    entries: list[dict[str, Any]] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)
    points: dict[int, Checkpoint] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)
    elections: dict[str, Any] = field(default_factory=dict)

    def say(self, line: str) -> None:
        self.said.append(line)


def signed_by_log(package: Package, note: Note, member: str) -> bytes:
    """The first signature is the log's, by one of its keys; returns that key."""
    name, value, _ = note.signatures[0]
    for public in package.keys:
        if (name, value[:4]) == (package.origin, key_id(package.origin, 1, public)):
            need(holds(public, value[4:], note.text.encode()), member, "签名无效")
            return public
    raise Bad(member, "不是这本日志的密钥签的")


def check_keys(package: Package, pinned: str | None) -> None:
    """Each key but the first is endorsed by the one before it."""
    name = "keys.json"
    listed = parsed_member(package.members, name)
    need(isinstance(listed, list) and bool(listed), name, "没有密钥")
    for number, one in enumerate(listed):
        try:
            need(set(one) == {"activated", "endorsement", "public"}, name, "字段不符", entry=number)
            public, activated, endorsement = unhex(one["public"]), one["activated"], one["endorsement"]
            need(type(activated) is int, name, "启用时间不符", entry=number)
            if number:
                text = f"gongzhi key v1\n{public.hex()}\n{activated}\n".encode()
                need(
                    holds(package.keys[-1], unbase64(endorsement), text), name, "没有上一把密钥的有效签名", entry=number
                )
            else:
                need(endorsement is None, name, "第一把密钥不会有上一把的签名", entry=number)
        except (ValueError, TypeError) as error:
            raise Bad(name, "写法不符", number) from error
        package.keys.append(public)
    if pinned is not None:
        need(pinned.lower() in {one.hex() for one in package.keys}, name, "其中没有您给出的公钥")
        package.say("密钥与您给出的公钥相符。")
    else:
        package.say(f"日志公钥 {package.keys[-1].hex()}，请与张贴的公钥比对。")


def check_manifest(package: Package) -> list[str]:
    """The signed list of members. Returns those whose bytes differ, for the deeper checks to say where."""
    name = "manifest.txt"
    need(name in package.members, name, "缺少清单")
    note = note_of(package.members[name], name)
    need(len(note.signatures) == 1, name, "清单只有一个签名")
    lines = note.text.split("\n")
    need(lines.pop() == "" and len(lines) > 4 and lines[0] == "gongzhi export v1", name, "不是清单")
    package.origin = lines[1]
    need(WHOLE.fullmatch(lines[2]) is not None, name, "条数不符")
    package.size = int(lines[2])
    try:
        package.root = unbase64(lines[3])
    except ValueError as error:
        raise Bad(name, "树根不符") from error
    listed = {}
    for line in lines[4:]:
        parts = line.split(" ")
        need(len(parts) == 3, name, "清单行不符")
        listed[parts[2]] = (parts[0], parts[1])
    need(list(listed) == sorted(listed) and len(listed) == len(lines) - 4, name, "清单次序不符")
    actual = {one: (hashlib.sha256(body).hexdigest(), str(len(body))) for one, body in package.members.items()}
    del actual[name]
    differing = sorted(one for one in actual.keys() & listed.keys() if actual[one] != listed[one])
    missing, extra = sorted(listed.keys() - actual.keys()), sorted(actual.keys() - listed.keys())
    for one in missing:
        raise Bad(one, "清单里有，包里没有")
    for one in extra:
        raise Bad(one, "包里有，清单里没有")
    return differing


# --- the tree (RFC 9162) --------------------------------------------------------------------------------------------


def node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """Grows leaf by leaf and knows its root at any moment."""

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[tuple[int, bytes]] = []

    def add(self, leaf: bytes) -> None:
        self.size += 1
        height = 0
        while self.peaks and self.peaks[-1][0] == height:
            leaf = node(self.peaks.pop()[1], leaf)
            height += 1
        self.peaks.append((height, leaf))

    def root(self) -> bytes:
        value = self.peaks[-1][1]
        for _, peak in reversed(self.peaks[:-1]):
            value = node(peak, value)
        return value


def reaches(path: list[bytes], *, leaf: bytes, index: int, size: int, root: bytes) -> bool:
    """RFC 9162 section 2.1.3.2."""
    if not 0 <= index < size or any(len(one) != 32 for one in path):
        return False
    first, last, value = index, size - 1, leaf
    for part in path:
        if last == 0:
            return False
        if first % 2 or first == last:
            value = node(part, value)
            while first % 2 == 0 and first:
                first, last = first // 2, last // 2
        else:
            value = node(value, part)
        first, last = first // 2, last // 2
    return last == 0 and value == root


# --- the log --------------------------------------------------------------------------------------------------------


def check_entries(package: Package) -> None:
    """One form, this log, no two alike; each with its promise."""
    name = "log/entries.jsonl"
    seen: dict[bytes, int] = {}
    for number, text, entry in lines_of(package.members, name):
        need(isinstance(entry, dict) and entry.get("log") == package.origin, name, "不是这本日志的记录", entry=number)
        leaf = hashlib.sha256(b"\0" + text).digest()
        need(leaf not in seen, name, f"与第 {seen.get(leaf)} 条重复", entry=number)
        seen[leaf] = number
        package.entries.append(entry)
        package.leaves.append(leaf)


def check_promises(package: Package) -> None:
    name = "log/promises.jsonl"
    count = 0
    for number, _, one in lines_of(package.members, name):
        need(number < len(package.leaves), name, "承诺多于记录", entry=number)
        try:
            need(set(one) == {"at", "key", "signature"} and type(one["at"]) is int, name, "字段不符", entry=number)
            public, signature = unhex(one["key"]), unbase64(one["signature"])
        except (ValueError, TypeError) as error:
            raise Bad(name, "写法不符", number) from error
        need(public in package.keys, name, "不是这本日志的密钥签的", entry=number)
        need(promised(package.origin, package.leaves[number], at=one["at"], public=public, signature=signature),
             "log/entries.jsonl", "内容与当时签发的承诺不符", entry=number)  # fmt: skip
        count += 1
    need(count == len(package.leaves), name, "承诺少于记录", entry=count)


def promised(origin: str, leaf: bytes, *, at: int, public: bytes, signature: bytes) -> bool:
    return holds(public, signature, f"gongzhi promise v1\n{origin}\n{leaf.hex()}\n{at}\n".encode())


def point_of(package: Package, data: bytes, member: str) -> Checkpoint:
    note = note_of(data, member)
    lines = note.text.split("\n")
    need(
        len(lines) == 4 and lines[0] == package.origin and bool(WHOLE.fullmatch(lines[1])),
        member,
        "不是这本日志的检查点",
    )
    try:
        root = unbase64(lines[2])
    except ValueError as error:
        raise Bad(member, "树根不符") from error
    return Checkpoint(int(lines[1]), root, note, signed_by_log(package, note, member))


def check_tree(package: Package) -> None:
    """The root at the size of every checkpoint, recomputed from the entries."""
    for name in sorted(one for one in package.members if one.startswith("log/checkpoints/")):
        point = point_of(package, package.members[name], name)
        need(name == f"log/checkpoints/{point.size:012d}.txt", name, "文件名与条数不符")
        need(0 < point.size <= package.size, name, "条数超出日志")
        package.points[point.size] = point
    tree = Tree()
    since = 0
    for number, leaf in enumerate(package.leaves, 1):
        tree.add(leaf)
        if number in package.points:
            need(tree.root() == package.points[number].root, "log/entries.jsonl",
                 f"第 {since} 至 {number - 1} 条与 {number} 条的检查点不符", entry=since)  # fmt: skip
            since = number
    need(
        tree.size == package.size, "log/entries.jsonl", f"应有 {package.size} 条，实有 {tree.size} 条", entry=tree.size
    )
    need(package.size in package.points, "manifest.txt", "最后一条之后没有检查点")
    need(package.points[package.size].root == package.root, "manifest.txt", "树根与检查点不符")
    package.say(f"记录 {package.size} 条：写法、次序、承诺都相符；检查点 {len(package.points)} 个，树根都相符。")


def check_witnesses(package: Package) -> None:
    name = "log/witnesses.json"
    known: dict[tuple[str, bytes], tuple[bytes, str]] = {}
    try:
        for one in parsed_member(package.members, name):
            need(set(one) == {"label", "name", "public"}, name, "字段不符")
            public = unhex(one["public"])
            known[one["name"], key_id(one["name"], 4, public)] = (public, one["label"])
    except (ValueError, TypeError, AttributeError) as error:
        raise Bad(name, "写法不符") from error
    names: dict[str, int] = {}
    for size, point in sorted(package.points.items()):
        member = f"log/checkpoints/{size:012d}.txt"
        for who, value, _ in point.note.signatures[1:]:
            need((who, value[:4]) in known and len(value) == 76, member, "有不认识的签名")
            public, label = known[who, value[:4]]
            seconds = int.from_bytes(value[4:12], "big")
            text = f"cosignature/v1\ntime {seconds}\n{point.note.text}".encode()
            need(holds(public, value[12:], text), member, f"{label}的见证签名无效")
            names[label] = names.get(label, 0) + 1
    said = "、".join(f"{label} {count} 次" for label, count in sorted(names.items()))
    package.say(f"见证签名都有效：{said}。" if said else "没有见证签名。")


# --- time-stamps (RFC 3161) -----------------------------------------------------------------------------------------


def der(data: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Tag, content, and the whole of each element in a row."""
    place = 0
    while place < len(data):
        tag, length, start = data[place], data[place + 1], place + 2
        if length >= 128:
            count = length - 128
            length, start = int.from_bytes(data[start : start + count], "big"), start + count
        if start + length > len(data) or tag & 31 == 31:
            raise ValueError("not DER")
        yield tag, data[start : start + length], data[place : start + length]
        place = start + length


OIDS = {
    "signed_data": "06092a864886f70d010702", "tst_info": "060b2a864886f70d0109100104",
    "message_digest": "06092a864886f70d010904", "content_type": "06092a864886f70d010903",
}  # fmt: skip
OID = {name: bytes.fromhex(value) for name, value in OIDS.items()}
HASHES: dict[str, Callable[[], hashes.HashAlgorithm]] = {
    "608648016503040201": hashes.SHA256, "608648016503040202": hashes.SHA384, "608648016503040203": hashes.SHA512,
}  # fmt: skip


@dataclass(frozen=True)
class Stamp:
    at: datetime
    imprint: bytes
    signer: x509.Certificate
    others: list[x509.Certificate]


def stamp_of(response: bytes) -> Stamp:
    """Reads a TimeStampResp and verifies its signature; raises ValueError or InvalidSignature."""
    status, token = list(der(next(der(response))[1]))
    if next(der(status[1]))[1] not in (b"\0", b"\1"):
        raise ValueError("not granted")
    (_, _, kind), (_, wrapped, _) = der(token[1])
    parts = list(der(next(der(wrapped))[1]))
    (_, _, content_kind), (_, content, _) = der(parts[2][1])
    if (kind, content_kind) != (OID["signed_data"], OID["tst_info"]):
        raise ValueError("no time-stamp token")
    info = next(der(content))[1]
    fields = list(der(next(der(info))[1]))
    algorithm, imprint = der(fields[2][1])
    if next(der(algorithm[1]))[1].hex() != "608648016503040201":
        raise ValueError("not SHA-256")
    at = datetime.strptime(fields[4][1].decode().split(".")[0].rstrip("Z"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    signer_info = list(der(next(der(parts[-1][1]))[1]))
    certificates = pkcs7.load_der_pkcs7_certificates(token[2])
    _, identifier, digest, attributes, _, signature = signer_info[:6]
    algorithm_of = HASHES[next(der(digest[1]))[1].hex()]()
    found = {next(der(one))[2]: list(der(list(der(one))[1][1]))[0] for _, one, _ in der(attributes[1])}
    counted = hashes.Hash(algorithm_of)
    counted.update(info)
    if found[OID["message_digest"]][1] != counted.finalize() or found[OID["content_type"]][2] != OID["tst_info"]:
        raise ValueError("the token is about something else")
    serial = int.from_bytes(list(der(identifier[1]))[1][1], "big", signed=True)
    (signer,) = [one for one in certificates if one.serial_number == serial]
    signed_by_certificate(signer, signature=signature[1], message=b"\x31" + attributes[2][1:], algorithm=algorithm_of)
    return Stamp(at, imprint[1], signer, [one for one in certificates if one != signer])


def signed_by_certificate(
    signer: x509.Certificate, *, signature: bytes, message: bytes, algorithm: hashes.HashAlgorithm
) -> None:
    public = signer.public_key()
    if isinstance(public, rsa.RSAPublicKey):
        public.verify(signature, message, padding.PKCS1v15(), algorithm)
    elif isinstance(public, ec.EllipticCurvePublicKey):
        public.verify(signature, message, ec.ECDSA(algorithm))
    elif isinstance(public, ed25519.Ed25519PublicKey):
        public.verify(signature, message)
    else:
        raise ValueError("a kind of key that is not known here")


def trusted(stamp: Stamp, roots: list[x509.Certificate]) -> bool:
    """From the signer's certificate up to one of the roots, each valid at the time of the stamp, made for stamping."""
    usage = stamp.signer.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    if list(usage) != [x509.oid.ExtendedKeyUsageOID.TIME_STAMPING]:
        return False
    current = stamp.signer
    for _ in range(8):
        if not current.not_valid_before_utc <= stamp.at <= current.not_valid_after_utc:
            return False
        for issuer in [*roots, *stamp.others]:
            try:
                current.verify_directly_issued_by(issuer)
            except (ValueError, TypeError, InvalidSignature):
                continue
            if issuer in roots:
                return True
            if not issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca:
                return False
            current = issuer
            break
        else:
            return False
    return False


def check_seals(package: Package, ca: bytes | None) -> None:
    roots = x509.load_pem_x509_certificates(ca) if ca else []
    names = sorted(one for one in package.members if one.startswith("log/seals/"))
    for name in names:
        size = name.removeprefix("log/seals/").removesuffix(".tsr")
        point = package.points.get(int(size)) if size.isdigit() else None
        if point is None or name != f"log/seals/{point.size:012d}.tsr":
            raise Bad(name, "没有对应的检查点")
        try:
            stamp = stamp_of(package.members[name])
            good = not roots or trusted(stamp, roots)
        except Exception as error:  # whatever a stranger's token brings
            raise Bad(name, "时间戳无效") from error
        need(stamp.imprint == hashlib.sha256(point.note.first_signed).digest(), name, "时间戳不是给这个检查点的")
        need(good, name, "时间戳证书不是由您给出的机构签发的")
        whose = "机构证书已核对" if roots else "机构证书未核对，请用 --ca 给出"
        package.say(f"{point.size} 条的检查点有时间戳：{stamp.at:%Y-%m-%d %H:%M:%S} UTC（{whose}）。")
    if not names:
        package.say("没有时间戳。")


# --- what was opened, what belongs to entries, what a reader kept ---------------------------------------------------


def check_openings(package: Package) -> dict[int, Any]:
    """`openings.jsonl`: {"entry": place, "salt": hex, "value": …} opens the commitment of that entry."""
    name = "openings.jsonl"
    opened: dict[int, Any] = {}
    if name not in package.members:
        return opened
    for number, _, one in lines_of(package.members, name):
        try:
            place = one["entry"]
            need(set(one) == {"entry", "salt", "value"} and type(place) is int, name, "字段不符", entry=number)
            need(0 <= place < len(package.entries) and place not in opened, name, "没有这条记录，或重复", entry=number)
            text = canonical({"log": package.origin, "salt": one["salt"], "value": one["value"]})
            need(len(one["salt"]) >= 32, name, "盐太短", entry=number)
        except (ValueError, TypeError, KeyError) as error:
            raise Bad(name, "写法不符", number) from error
        opened[place] = one["value"]
        committed = package.entries[place].get("commitment")
        need(hashlib.sha256(text.encode()).hexdigest() == committed, name, f"与第 {place} 条的承诺值不符", entry=number)
    package.say(f"已公开的票面 {len(opened)} 张，都与日志里的承诺值相符。")
    return opened


def check_files(package: Package) -> None:
    """An entry may name files with their SHA-256: `"files": {"roll.json": "…"}`; the last word on a name holds."""
    named: dict[str, tuple[int, Any]] = {}
    for place, entry in enumerate(package.entries):
        files = entry.get("files", {})
        need(isinstance(files, dict), "log/entries.jsonl", "files 写法不符", entry=place)
        named.update({name: (place, value) for name, value in files.items()})
    count = 0
    for name, (place, value) in sorted(named.items()):
        if name in package.members:
            need(
                hashlib.sha256(package.members[name]).hexdigest() == value,
                name,
                f"与第 {place} 条记录写明的不符",
                entry=place,
            )
            count += 1
    if named:
        package.say(f"日志写明的文件 {len(named)} 个，包里有 {count} 个，都相符。")


def check_kept(package: Package, checkpoints: list[Path], receipts: list[Path]) -> None:
    """What somebody kept at home: it has to fit the log in the package."""
    for path in checkpoints:
        point = point_of(package, path.read_bytes(), str(path))
        tree = Tree()
        need(
            0 < point.size <= len(package.leaves),
            str(path),
            f"检查点有 {point.size} 条，包里只有 {len(package.leaves)} 条",
        )
        for leaf in package.leaves[: point.size]:
            tree.add(leaf)
        need(tree.root() == point.root, str(path), "您留存的检查点与这本日志不是同一个内容：日志曾被改写")
    for path in receipts:
        check_receipt(package, path)
    if checkpoints or receipts:
        package.say(f"您留存的检查点 {len(checkpoints)} 个、回执 {len(receipts)} 张，都与日志相符。")


def check_receipt(package: Package, path: Path) -> None:
    shown = str(path)
    try:
        receipt = json.loads(path.read_text(encoding="utf-8"))
        leaf, promise = unhex(receipt["leaf"]), receipt["promise"]
        public = unhex(promise["key"])
        need(receipt["log"] == package.origin and public in package.keys, shown, "不是这本日志的回执")
        signature = unbase64(promise["signature"])
        good = promised(package.origin, leaf, at=promise["at"], public=public, signature=signature)
        need(good, shown, "回执上的签名无效")
        need(leaf in package.leaves, shown, "回执上的记录不在日志里：签发过承诺却没有记入")
        if "inclusion" in receipt:
            point = point_of(package, receipt["checkpoint"]["note"].encode(), shown)
            index, path_of = receipt["inclusion"]["index"], [unbase64(one) for one in receipt["inclusion"]["path"]]
            need(
                reaches(path_of, leaf=leaf, index=index, size=point.size, root=point.root), shown, "回执上的证明不成立"
            )
            need(package.leaves[index : index + 1] == [leaf], shown, "回执上的序号与日志不符")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Bad(shown, "不是回执") from error


# --- secret elections: edwards25519 --------------------------------------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]
NEUTRAL: Point = (0, 1, 1, 0)


def add(first: Point, second: Point) -> Point:
    x1, y1, z1, t1 = first
    x2, y2, z2, t2 = second
    a, b = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 % P * D % P, 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def double(point: Point) -> Point:
    x, y, z, _ = point
    a, b, c = x * x % P, y * y % P, 2 * z * z % P
    h = a + b
    e = h - (x + y) * (x + y) % P
    g = a - b
    f = c + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def negative(point: Point) -> Point:
    x, y, z, t = point
    return -x % P, y, z, -t % P


def times(scalar: int, point: Point) -> Point:
    """Four bits at a time. `scalar` is not reduced: `times(ORDER, …)` tells whether a point is of that order."""
    table = [NEUTRAL, point]
    for _ in range(14):
        table.append(add(table[-1], point))
    found = NEUTRAL
    for digit in f"{scalar:x}":
        found = double(double(double(double(found))))
        if digit != "0":
            found = add(found, table[int(digit, 16)])
    return found


class Fixed:
    """Multiples of one point that is used again and again: a table, no doublings."""

    def __init__(self, point: Point) -> None:
        self.rows: list[list[Point]] = []
        for _ in range(64):
            row = [NEUTRAL]
            for _ in range(15):
                row.append(add(row[-1], point))
            self.rows.append(row)
            point = add(row[-1], point)

    def times(self, scalar: int) -> Point:
        found = NEUTRAL
        for row in self.rows:
            if scalar & 15:
                found = add(found, row[scalar & 15])
            scalar >>= 4
        return found


def encoded(point: Point) -> bytes:
    x, y, z, _ = point
    inverse = pow(z, -1, P)
    return (y * inverse % P | (x * inverse % P & 1) << 255).to_bytes(32, "little")


def decoded(data: bytes) -> Point:
    """A canonical encoding of a point of prime order, or ValueError."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if v * x * x % P != u:
        x = x * ROOT_OF_MINUS_ONE % P
    if y >= P or v * x * x % P != u or (x == 0 and sign):
        raise ValueError("no point")
    if x & 1 != sign:
        x = P - x
    point = (x, y, 1, x * y % P)
    if encoded(point) == encoded(NEUTRAL) or encoded(times(ORDER, point)) != encoded(NEUTRAL):
        raise ValueError("not of prime order")
    return point


BASE = decoded((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def hashed(label: str, *parts: bytes) -> bytes:
    found = hashlib.sha512()
    for part in (label.encode(), *parts):
        found.update(len(part).to_bytes(8, "little") + part)
    return found.digest()


def challenge(label: str, *parts: bytes) -> int:
    return int.from_bytes(hashed(label, *parts), "little") % ORDER


def scalar_of(text: Any) -> int:
    value = int.from_bytes(unhex(text), "little")
    if value >= ORDER:
        raise ValueError("above the order")
    return value


@dataclass
class Election:
    """One secret motion as its key's entry fixed it."""

    name: str
    voters: dict[str, list[int]]
    published: list[list[Point]]
    options: list[str]
    least: int
    most: int
    needed: int
    guard: int | None
    key: Point = NEUTRAL
    base: Fixed = field(default_factory=lambda: Fixed(BASE))
    fixed: Fixed | None = None
    ballots: dict[str, list[tuple[Point, Point]]] = field(default_factory=dict)
    ways: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    seen: set[bytes] = field(default_factory=set)
    challenged: set[str] = field(default_factory=set)
    opened: bool = False


def election_of(package: Package, entry: dict[str, Any]) -> Election:
    """Reads the key's entry; every trustee must know his part of the key."""
    data = package.members[entry["voters"]]
    need(entry["files"][entry["voters"]] == hashlib.sha256(data).hexdigest(), entry["voters"], "与日志写明的不符")
    name = f"{package.origin}\n{entry['motion']}\n{hashlib.sha256(data).hexdigest()}"
    needed = len(entry["trustees"][0]["commitments"])
    limits = entry["least"], entry["most"], needed, entry.get("guard")
    found = Election(name, json.loads(data), [], entry["options"], *limits)
    if not 2 <= needed <= len(entry["trustees"]) <= 9 or not 0 <= found.least <= found.most <= len(found.options) < 256:
        raise ValueError("two to nine trustees, a possible number of choices")
    for number, one in enumerate(entry["trustees"], 1):
        texts = [unhex(text) for text in one["commitments"]]
        points = [decoded(text) for text in texts]
        c, s = scalar_of(one["proof"]["c"]), scalar_of(one["proof"]["s"])
        commitment = encoded(add(times(s, BASE), negative(times(c, points[0]))))
        parts = (found.name.encode(), bytes([number]), *texts, commitment)
        if one["number"] != number or len(points) != needed or challenge("gongzhi trustee v1", *parts) != c:
            raise ValueError(f"trustee {number} does not know his part of the key")
        found.published.append(points)
        found.key = add(found.key, points[0])
    found.fixed = Fixed(found.key)
    return found


def proven(
    election: Election, pair: tuple[Point, Point], branches: Any, *, allowed: range, bound: bytes, place: str
) -> bool:
    """That the pair hides one of the allowed numbers."""
    if len(branches) != len(allowed) or election.fixed is None:
        return False
    commitments, total = [], 0
    for value, branch in zip(allowed, branches, strict=True):
        c, s = scalar_of(branch["c"]), scalar_of(branch["s"])
        shifted = add(pair[1], negative(election.base.times(value)))
        commitments.append(encoded(add(election.base.times(s), negative(times(c, pair[0])))))
        commitments.append(encoded(add(election.fixed.times(s), negative(times(c, shifted)))))
        total += c
    return total % ORDER == challenge("gongzhi secret proof v1", bound, place.encode(), *commitments)


def refuse_replacing(election: Election, entry: dict[str, Any], rules: dict[str, Any]) -> None:
    """By the frozen rules: in the window, not changed too often, own before agent's, the first channel first."""
    if "at" not in entry or not rules:
        return
    setting = {name: {**DEFAULTS[name], **rules["settings"].get(name, {})} for name in ("revote", "precedence")}
    before = election.ways.setdefault(entry["voter"], [])
    order = setting["precedence"]["order"] if setting["precedence"]["value"] == "by_channel" else []
    rank = [order.index(one["channel"]) if one["channel"] in order else len(order) for one in (*before, entry)]
    changes = {"last_valid": len(before), "first_only": 0, "n_changes": setting["revote"]["changes"]}
    alike = sum(("proxy" in one) == ("proxy" in entry) for one in before)
    if not moment(rules["window"]["opens_at"]) <= moment(entry["at"]) < moment(rules["window"]["closes_at"]):
        raise ValueError("outside the window")
    if alike > changes[setting["revote"]["value"]] or rank[-1] > min(rank):
        raise ValueError("the rules do not let it replace the earlier ballot")
    if "proxy" in entry and any("proxy" not in one for one in before):
        raise ValueError("the owner has voted himself")
    before.append(entry)


def take_ballot(election: Election, entry: dict[str, Any], rules: dict[str, Any]) -> None:
    """Raises ValueError unless it is a good ballot of that voter in this election; a later one replaces it."""
    refuse_replacing(election, entry, rules)
    voter, options = entry["voter"], entry["ballot"]["options"]
    again = hashed("seen", voter.encode(), json.dumps(entry["ballot"], sort_keys=True).encode())
    if again in election.seen:
        raise ValueError("the same ballot a second time")
    election.seen.add(again)
    if voter not in election.voters or len(options) != len(election.options) or election.opened:
        raise ValueError("not of this election")
    texts = [unhex(one[half]) for one in options for half in ("a", "b")]
    pairs = [(decoded(a), decoded(b)) for a, b in zip(texts[::2], texts[1::2], strict=True)]
    bound = hashed(
        "gongzhi secret ballot v1", election.name.encode(), voter.encode(), encoded(election.key),
        bytes([election.least, election.most]), *(one.encode() for one in election.options), *texts,
    )  # fmt: skip
    whole = (NEUTRAL, NEUTRAL)
    for number, (pair, one) in enumerate(zip(pairs, options, strict=True)):
        if not proven(election, pair, one["proof"], allowed=range(2), bound=bound, place=str(number)):
            raise ValueError("an option is not proven")
        whole = (add(whole[0], pair[0]), add(whole[1], pair[1]))
    allowed = range(election.least, election.most + 1)
    if not proven(election, whole, entry["ballot"]["sum"], allowed=allowed, bound=bound, place="sum"):
        raise ValueError("the number of choices is not proven")
    election.ballots[voter] = pairs


def take_challenged(election: Election, entry: dict[str, Any], _: dict[str, Any]) -> None:
    """Opened by its voter instead of cast: neither before nor after is the same one counted."""
    again = hashed("seen", entry["voter"].encode(), json.dumps(entry["ballot"], sort_keys=True).encode())
    if again in election.seen or election.opened:
        raise ValueError("a ballot that was cast")
    election.seen.add(again)
    election.challenged.add(fingerprint(entry["ballot"]))


def fingerprint(ballot: Any) -> str:
    return hashlib.sha256(canonical(ballot).encode()).hexdigest()


def check_challenge(package: Package, path: Path) -> None:
    """Whether a ballot that its voter had opened holds what he chose, for the key that it names."""
    name = str(path)
    try:
        shown = loaded(path.read_bytes())
        need(shown.get("format") == "gongzhi-challenge/1", name, "不是拆票文件")
        key, options, chosen = decoded(unhex(shown["key"])), shown["options"], shown["chosen"]
        listed, nonces = shown["ballot"]["options"], shown["nonces"]
        if not len(options) == len(listed) == len(nonces) == len(set(options)) or not set(chosen) <= set(options):
            raise ValueError("as many as there are options")
        for option, one, nonce in zip(options, listed, nonces, strict=True):
            secret = scalar_of(nonce)
            sealed = add(times(int(option in chosen), BASE), times(secret, key))
            need(
                unhex(one["a"]) == encoded(times(secret, BASE)) and unhex(one["b"]) == encoded(sealed),
                name,
                f"加密票里“{option}”装的不是所说的选择：这台设备换了票",
            )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Bad(name, f"拆票文件不完整（{error}）") from error
    print_ = fingerprint(shown["ballot"])
    grouped = "-".join(print_[at : at + 4].upper() for at in range(0, 12, 4))
    names = shown.get("names") or {}
    said = "、".join(f"{names.get(one, '')}（{one}）" for one in chosen) or "弃权"
    package.say(f"拆开的票：指纹 {grouped}，里面选的是 {said}，与所说的一致。")
    if not package.members:
        package.say(f"没有同时给存证包，没有核对公钥 {shown['key'][:16]}… 和票册；结果公示后连同存证包再核对一次。")
        return
    one = next((one for one in package.elections.values() if one.name == shown["election"]), None)
    need(one is not None, name, "不是这个存证包里的选举")
    assert one is not None  # noqa: S101
    need(encoded(one.key).hex() == shown["key"] and one.options == options, name, "公钥或候选人与票册里的不同")
    need(print_ in one.challenged, name, "票册里没有这张拆验的票")
    package.say("这张票在票册里记着已拆验，没有计入。")


def total_of(election: Election, option: int, measure: int) -> tuple[Point, Point]:
    found = (NEUTRAL, NEUTRAL)
    for voter, pairs in election.ballots.items():
        weight = election.voters[voter][measure]
        found = (add(found[0], times(weight, pairs[option][0])), add(found[1], times(weight, pairs[option][1])))
    return found


def take_totals(election: Election, entry: dict[str, Any], _: dict[str, Any]) -> None:
    """Every total is what enough trustees' proven parts make of the counted ballots."""
    counted = [election.voters[voter] for voter in election.ballots]
    least = safe_number(sum(area for area, _ in counted)) if election.guard is None else election.guard
    if entry["counted"] != len(counted) or len(counted) < least or election.opened:
        raise ValueError("another number of ballots, or too few for a secret")
    for measure, name in enumerate(("area", "heads")):
        for option, one in zip(range(len(election.options)), entry["totals"][name], strict=True):
            what = f"{election.name}\n{name}\n{election.options[option]}"
            value, pair = one["value"], total_of(election, option, measure)
            mask = opened_mask(election, pair, one["parts"], what=what)
            if type(value) is not int or value < 0:
                raise ValueError("a total is a whole number")
            if encoded(add(election.base.times(value), mask)) != encoded(pair[1]):
                raise ValueError("the total is not what was decrypted")
    election.opened = True


def safe_number(area: int) -> int:
    """How many ballots it takes before an exact total of areas hides more than it tells."""
    return area.bit_length() + 20


def opened_mask(election: Election, pair: tuple[Point, Point], parts: list[Any], *, what: str) -> Point:
    numbers = [one["number"] for one in parts]
    if len(numbers) != election.needed or len(set(numbers)) != len(numbers):
        raise ValueError("as many different trustees as are needed")
    if not set(numbers) <= set(range(1, len(election.published) + 1)):
        raise ValueError("no such trustee")
    mask = NEUTRAL
    for one in parts:
        number, value = one["number"], decoded(unhex(one["value"]))
        key, weight = NEUTRAL, 1
        for points in election.published:
            of_one = NEUTRAL
            for point in reversed(points):
                of_one = add(times(number, of_one), point)
            key = add(key, of_one)
        for other in numbers:
            if other != number:
                weight = weight * other * pow(other - number, -1, ORDER) % ORDER
        c, s = scalar_of(one["proof"]["c"]), scalar_of(one["proof"]["s"])
        shown = [encoded(point) for point in (
            key, pair[0], pair[1], value,
            add(times(s, BASE), negative(times(c, key))), add(times(s, pair[0]), negative(times(c, value))),
        )]  # fmt: skip
        if challenge("gongzhi decryption v1", what.encode(), bytes([number]), *shown) != c:
            raise ValueError(f"the part of trustee {number} is not proven")
        mask = add(mask, times(weight, value))
    return mask


def check_secret(package: Package) -> None:
    elections: dict[str, Election] = {}
    steps = {"ballot": take_ballot, "challenged": take_challenged, "totals": take_totals}
    rules = read_json(package, "rules.json") if "rules.json" in package.members else {}
    for place, entry in enumerate(package.entries):
        kind = entry.get("secret")
        if kind is None:
            continue
        try:
            if kind == "key":
                need(entry["motion"] not in elections, "log/entries.jsonl", "这一事项已有密钥", entry=place)
                elections[entry["motion"]] = election_of(package, entry)
            else:
                steps[kind](elections[entry["motion"]], entry, rules)
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Bad("log/entries.jsonl", f"秘密表决的记录无效（{error}）", place) from error
    check_frozen(package, elections, rules)
    package.elections = elections
    for motion, one in elections.items():
        state = f"合计已由 {one.needed} 名托管人开出，证明都成立" if one.opened else "尚未开出合计"
        package.say(f"秘密表决“{motion}”：{len(one.ballots)} 张票的证明都成立，{state}。")
        least = safe_number(sum(area for area, _ in one.voters.values()))
        if one.guard is not None and one.guard < least:
            package.say(f"留意：“{motion}”定的人数线是 {one.guard}，应有 {least}，合计可能泄露个别人的选择。")


def check_frozen(package: Package, elections: dict[str, Election], rules: dict[str, Any]) -> None:
    """What the rules say of each secret election is what its key's entry says, and the weights are the roll's."""
    listed = {one["motion"]: one for one in rules.get("motions", ()) if one.get("secret")}
    need(not rules or listed.keys() == elections.keys(), "rules.json", "无记名的事项与日志里的密钥对不上")
    for motion, one in listed.items():
        own, election = one["secret"], elections[motion]
        election_rule = one["election"]
        same = (
            own["key"] == encoded(election.key).hex()
            and own["voters"] == election.name.rpartition("\n")[2]
            and (own["needed"], own["trustees"], own["guard"])
            == (election.needed, len(election.published), election.guard)
            and [who["candidate"] for who in election_rule["candidates"]] == election.options
            and min(election_rule.get("most_choices") or election_rule["seats"], len(election.options)) == election.most
            and election.least == 0
        )
        need(same, "rules.json", f"“{motion}”的密钥、名册、托管人或候选人与日志里冻结的不符")
    if listed and {"roll.json", "events.json"} <= package.members.keys():
        try:
            recount = Recount(read_json(package, "roll.json"), rules, read_json(package, "events.json"))
            for motion, one in listed.items():
                same = recount.voters(one) == elections[motion].voters
                need(same, "rules.json", f"“{motion}”的计权名册与名册、规则推算的不符")
        except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
            raise Bad("events.json", f"推算不出计权名册（{type(error).__name__} {error}）") from error


# --- the count, made again ------------------------------------------------------------------------------------------

ANSWERS = ("agree", "oppose", "abstain")
EVENTS = {
    "NOTICE", "SERVE", "NOMINATE", "TRANSFER", "CORRECT", "CAST", "PAPER", "PROXY", "REVOKE", "ADJUDICATE", "LOT",
    "TOTALS",
}  # fmt: skip
# What of an entry belongs to the event; the rest is the log's own.
FIELDS = {
    "at", "published_on", "silence_told", "units", "how", "result", "evidence", "by", "unit", "nominee", "owners",
    "row", "reason", "id", "voter", "channel", "proxy", "faults", "image", "principal", "agent", "agent_kind",
    "motions", "valid_from", "valid_until", "signed", "ballot", "decision", "motion", "order",
}  # fmt: skip
DEFAULTS: dict[str, dict[str, Any]] = {
    "silence": {"value": "not_participating", "floor": None},
    "follow_choice": {"value": "invalid"},
    "invalid": {"value": "not_participating"},
    "blank": {"value": "abstain"},
    "merge": {"value": "same_owner_set"},
    "developer_stock": {"value": "one_person"},
    "split_head": {"value": "abstain"},
    "co_owners": {"value": "nominee"},
    "parking": {"value": "excluded"},
    "storage": {"value": "excluded"},
    "revote": {"value": "last_valid", "changes": 1},
    "precedence": {"value": "by_time", "order": []},
    "sale": {"value": "first_vote_stands"},
    "ballot_covers": {"value": "named_units"},
    "proxy": {"value": "allowed", "cap": None, "barred": [], "agent": "anyone", "instruction": "must_follow"},
    "service": {"value": "delivered", "kinds": []},
    "adjudication": {"people": 2},
}
Row = dict[str, Any]
Sums = dict[str, dict[str, int]]


def moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise ValueError("a moment without its zone")
    return found


def share(ratio: str) -> tuple[int, int]:
    above, below = ratio.split("/")
    return int(above), int(below)


@dataclass
class Voice:
    """What one admitted ballot says for one unit on one motion; `order` is its place in time."""

    mark: Any
    order: tuple[datetime, int]
    who: str
    own: bool
    channel: str
    turn: int


class Recount:
    """The vote from roll, rules and events alone, by the rules in docs/tally.md."""

    def __init__(self, roll: Row, rules: Row, events: Row) -> None:
        self.rule = {name: {**value, **rules.get("settings", {}).get(name, {})} for name, value in DEFAULTS.items()}
        self.motions: list[Row] = rules["motions"]
        self.opens, self.closes = moment(rules["window"]["opens_at"]), moment(rules["window"]["closes_at"])
        self.events: list[Row] = [{**one, "when": moment(one["at"])} for one in events["events"]]
        rows = {one["unit"]: one for one in roll["units"]}
        for one in self.of("CORRECT"):
            if one.get("row") is None:
                rows.pop(one["unit"], None)
            else:
                rows[one["unit"]] = one["row"]
        self.rows: list[Row] = list(rows.values())
        self.moves: dict[str, list[Row]] = {}
        for one in self.events:
            if one["type"] in ("TRANSFER", "NOMINATE"):
                self.moves.setdefault(one["unit"], []).append(one)
        self.tenures = {one["unit"]: self.tenure(one) for one in self.rows}
        self.owners = {who for own in self.tenures.values() for _, names, _ in own for who in names}
        self.papers = {one["id"]: one for one in self.of("PROXY")}
        self.ended: dict[str, datetime] = {}
        for one in self.of("REVOKE"):
            self.ended[one["proxy"]] = min(one["when"], self.ended.get(one["proxy"], one["when"]))
        self.over = self.over_cap()
        people = self.rule["adjudication"]["people"]
        self.found = {one["ballot"]: one for one in self.of("ADJUDICATE") if len(set(one["by"])) >= people}
        self.voices: dict[tuple[str, str], list[Voice]] = {}
        self.spoiled: set[tuple[str, str]] = set()
        for _, _, place in sorted(
            (one["when"], n, n) for n, one in enumerate(self.events) if one["type"] in ("CAST", "PAPER")
        ):
            self.hear(self.events[place], place)
        self.served = self.units_served()
        self.told = any(one.get("silence_told") and one["when"] < self.opens for one in self.of("NOTICE"))

    def of(self, kind: str) -> list[Row]:
        return [one for one in self.events if one["type"] == kind]

    # who may vote

    def tenure(self, row: Row) -> list[tuple[datetime | None, set[str], list[tuple[datetime | None, str]]]]:
        """The owners one after another, each with the nominees of their time."""
        named = row.get("nominee")
        found: list[tuple[datetime | None, set[str], list[tuple[datetime | None, str]]]] = [
            (None, set(row["owners"]), [(None, named)] if named is not None else [])
        ]
        for one in sorted(self.moves.get(row["unit"], ()), key=lambda one: one["when"]):
            if one["type"] == "TRANSFER":
                chosen = one.get("nominee")
                found.append((one["when"], set(one["owners"]), []))
                if chosen is not None and chosen in one["owners"]:
                    found[-1][2].append((one["when"], chosen))
            elif one["nominee"] in found[-1][1] and one["when"] < self.closes:
                found[-1][2].append((one["when"], one["nominee"]))
        return found

    def turn(self, unit: str, who: str, at: datetime) -> int | None:
        """In which owners' time this one may vote for the unit at that moment."""
        own = self.tenures[unit]
        number = 0
        if self.rule["sale"]["value"] != "roll_owner":
            number = max(n for n, (since, _, _) in enumerate(own) if since is None or since <= at)
        _, owners, nominees = own[number]
        if who not in owners:
            return None
        if len(owners) > 1 and self.rule["co_owners"]["value"] == "nominee":
            then = [name for since, name in nominees if since is None or since <= at]
            if not nominees or who not in (then[-1] if then else None, nominees[-1][1]):
                return None
        return number

    def formally_good(self, paper: Row) -> bool:
        rule = self.rule["proxy"]
        if not paper.get("signed", True) or paper.get("agent_kind", "") in rule["barred"]:
            return False
        return rule["agent"] != "owner" or paper["agent"] in self.owners

    def over_cap(self) -> set[str]:
        cap = self.rule["proxy"]["cap"]
        over: set[str] = set()
        kept: list[Row] = []
        for one in sorted(self.papers.values(), key=lambda one: one["when"]):
            if cap is None or not self.formally_good(one):
                continue
            others = {
                other["principal"]
                for other in kept
                if other["agent"] == one["agent"]
                and min(moment(other["valid_until"]), self.ended.get(other["id"], datetime.max.replace(tzinfo=UTC)))
                > one["when"]
            }
            if len(others | {one["principal"]}) > cap:
                over.add(one["id"])
            else:
                kept.append(one)
        return over

    def paper_of(self, ballot: Row) -> Row | None:
        """The instrument behind an agent's ballot, if it binds at that moment."""
        paper = self.papers.get(ballot["proxy"])
        at = ballot["when"]
        if self.rule["proxy"]["value"] == "not_allowed" or paper is None or paper["agent"] != ballot["voter"]:
            return None
        if not self.formally_good(paper) or paper["id"] in self.over:
            return None
        if paper["id"] in self.ended and self.ended[paper["id"]] <= at:
            return None
        return paper if moment(paper["valid_from"]) <= at < moment(paper["valid_until"]) else None

    # what was said

    def hear(self, ballot: Row, place: int) -> None:
        at, paper = ballot["when"], None
        if not self.opens <= at < self.closes:
            return
        if ballot.get("proxy") is not None:
            paper = self.paper_of(ballot)
            if paper is None:
                return
        who = paper["principal"] if paper else ballot["voter"]
        units = [unit for unit in ballot["units"] if unit in self.tenures]
        if self.rule["ballot_covers"]["value"] == "all_of_owner" and paper is None:
            units += [u for u in self.tenures if u not in ballot["units"] and self.turn(u, who, at) is not None]
        settled = self.found.get(ballot["id"])
        bad = settled["decision"] == "invalid" if settled else bool(ballot.get("faults"))
        choices = ballot["choices"]
        if settled is not None and settled.get("choices") is not None:
            choices = settled["choices"]
        for unit in units:
            if bad:
                self.spoiled |= {(motion["motion"], unit) for motion in self.motions}
                continue
            turn = self.turn(unit, who, at)
            if turn is None:
                continue
            for motion in self.motions:
                mark = self.said_by(ballot, choices, motion)
                mark = (
                    self.as_instructed(mark, ballot, paper=paper, motion=motion)
                    if paper and mark not in (None, "invalid")
                    else mark
                )
                if mark == "invalid":
                    self.spoiled.add((motion["motion"], unit))
                elif mark is not None:
                    voice = Voice(mark, (at, place), who, paper is None, ballot.get("channel", "phone"), turn)
                    self.voices.setdefault((motion["motion"], unit), []).append(voice)

    def said_by(self, ballot: Row, choices: Row, motion: Row) -> Any:
        """A sealed ballot takes part in a secret motion, and in no other; whom it is for the totals say."""
        if bool(ballot.get("sealed")) != bool(motion.get("secret")):
            return None
        return self.mark([] if ballot.get("sealed") else choices.get(motion["motion"]), motion)

    def mark(self, given: Any, motion: Row) -> Any:
        """An answer, an answer for each candidate, "invalid", or None for no vote on this motion."""
        election = motion.get("election")
        names = [one["candidate"] for one in election["candidates"]] if election else []
        if given is None:
            blank = self.rule["blank"]["value"]
            if blank != "abstain":
                return "invalid" if blank == "invalid" else None
            return dict.fromkeys(names, "abstain") if election else "abstain"
        if given == "follow":
            return "follow" if self.rule["follow_choice"]["value"] == "allowed" else "invalid"
        if election is None:
            return given if isinstance(given, str) else "invalid"
        if isinstance(given, str):
            given = dict.fromkeys(names, given)
        elif isinstance(given, list):
            given = dict.fromkeys(given, "agree")
        most = election.get("most_choices") or election["seats"]
        if not set(given) <= set(names) or "follow" in given.values() or list(given.values()).count("agree") > most:
            return "invalid"
        return {name: given.get(name, "abstain") for name in names}

    def as_instructed(self, mark: Any, ballot: Row, *, paper: Row, motion: Row) -> Any:
        name = motion["motion"]
        if not set(ballot["units"]) <= set(paper["units"]):
            return None
        if paper.get("motions") is not None and name not in paper["motions"]:
            return None
        told = (paper.get("instructions") or {}).get(name)
        if told is None or self.rule["proxy"]["instruction"] == "free":
            return mark
        return mark if self.mark(told, motion) == mark else "invalid"

    def standing(self, motion: str, unit: str) -> Voice | str | None:
        """The one voice that stands for a unit, "invalid", or None."""
        left = self.voices.get((motion, unit), [])
        if not left:
            return "invalid" if (motion, unit) in self.spoiled else None
        turns = [one.turn for one in left]
        whose = max(turns) if self.rule["sale"]["value"] == "buyer_replaces" else min(turns)
        left = [one for one in left if one.turn == whose]
        left = [one for one in left if one.own] or left
        if self.rule["precedence"]["value"] == "by_channel":
            order = self.rule["precedence"]["order"]
            ranks = [order.index(one.channel) if one.channel in order else len(order) for one in left]
            left = [one for one, rank in zip(left, ranks, strict=True) if rank == min(ranks)]
        if self.rule["co_owners"]["value"] != "any_unless_conflict":
            return self.last_change(left)
        each = [self.last_change([one for one in left if one.who == who]) for who in {one.who for one in left}]
        if any(one.mark != each[0].mark for one in each):
            return "invalid"
        return max(each, key=lambda one: one.order)

    def last_change(self, voices: list[Voice]) -> Voice:
        rule = self.rule["revote"]
        last = len(voices) - 1
        return voices[{"first_only": 0, "last_valid": last}.get(rule["value"], min(rule["changes"], last))]

    def units_served(self) -> set[str]:
        rule = self.rule["service"]
        results = ("served", "refused") if rule["value"] == "delivered_or_refused" else ("served",)
        return {
            unit
            for one in self.of("SERVE")
            if one["when"] < self.closes and one.get("result", "served") in results
            and (not rule["kinds"] or one.get("kind", "") in rule["kinds"])
            for unit in one["units"]
        }  # fmt: skip

    # who counts

    def electorate(self, scope: Row) -> tuple[list[Row], list[list[Row]]]:
        """The rows that weigh, and those of each head."""
        level = scope.get("level", "estate")
        places = ["building", "entrance"]
        seen = {"building": places[:1], "entrance": places[1:], "parts": places, "units": ["unit"]}.get(level)
        rows = [one for one in self.rows if not seen or any(one.get(key) in scope["of"] for key in seen)]
        weight = dict.fromkeys((one["unit"] for one in rows), "counted")
        for one in rows:
            if one.get("kind") in ("parking", "storage"):
                weight[one["unit"]] = self.rule[one["kind"]]["value"]
        rows = [one for one in rows if weight[one["unit"]] != "excluded"]
        heads: dict[int, list[Row]] = {}
        whose: dict[Any, int] = {}
        for number, one in enumerate(rows):
            keys = self.head_keys(one)
            mine = sorted({whose[key] for key in keys if key in whose})
            target = mine[0] if mine else number
            for other in mine[1:]:
                heads[target] += heads.pop(other)
                whose.update({key: target for key, held in whose.items() if held == other})
            heads.setdefault(target, []).append(one)
            whose.update(dict.fromkeys(keys, target))
        return rows, [group for group in heads.values() if any(weight[one["unit"]] == "counted" for one in group)]

    def head_keys(self, one: Row) -> list[Any]:
        """Rows that share one of these are one head."""
        if one.get("stock", "sold") != "sold":
            return [("stock", *one["owners"])] if self.rule["developer_stock"]["value"] == "one_person" else []
        merge, owners = self.rule["merge"]["value"], set(one["owners"])
        if merge == "any_common_owner":
            return [("owner", who) for who in owners]
        return [("owners", *sorted(owners))] if merge == "same_owner_set" else []

    def voters(self, motion: Row) -> dict[str, list[int]]:
        """Of a secret election: who votes, with which area and how many heads."""
        rows, heads = self.electorate(motion.get("scope") or {})
        who: dict[str, str] = {}
        for one in rows:
            _, owners, nominees = self.tenures[one["unit"]][-1]
            if len(owners) == 1 or nominees:
                who[one["unit"]] = next(iter(owners)) if len(owners) == 1 else nominees[-1][1]
        found: dict[str, list[int]] = {}
        for one in rows:
            if one["unit"] in who:
                found.setdefault(who[one["unit"]], [0, 0])[0] += one["area"]
        for group in heads:
            area: dict[str, int] = {}
            for one in group:
                if one["unit"] in who:
                    area[who[one["unit"]]] = area.get(who[one["unit"]], 0) + one["area"]
            if area:
                found[min(area, key=lambda name: (-area[name], name))][1] += 1
        return found

    # the count

    def sums(self, rows: list[Row], heads: list[list[Row]], said: dict[str, tuple[str, str, Any]]) -> Sums:
        found = {answer: {"heads": 0, "area": 0} for answer in (*ANSWERS, "invalid")}
        for one in rows:
            if one["unit"] in said:
                found[said[one["unit"]][0]]["area"] += one["area"]
        for group in heads:
            answer = self.head(group, said)
            if answer is not None:
                found[answer]["heads"] += 1
        return found

    def head(self, group: list[Row], said: dict[str, tuple[str, str, Any]]) -> str | None:
        """One person, one answer: what he said before what he is deemed to have said."""
        own = [(one, *said[one["unit"]]) for one in group if one["unit"] in said]
        spoken = [one for one in own if one[2] != "silence" and one[1] != "invalid"]
        spoken = spoken or [one for one in own if one[2] == "silence"]
        if not spoken:
            return "invalid" if own else None
        answers = {one[1] for one in spoken}
        if len(answers) == 1:
            return answers.pop()
        if self.rule["split_head"]["value"] == "latest":
            return str(max(spoken, key=lambda one: one[3])[1])
        if self.rule["split_head"]["value"] == "largest_area":
            areas = {answer: sum(one[0]["area"] for one in spoken if one[1] == answer) for answer in answers}
            largest = [answer for answer in answers if areas[answer] == max(areas.values())]
            return largest[0] if len(largest) == 1 else "abstain"
        return "abstain"

    def counted(
        self, motion: Row, candidate: str | None, deemed: set[str] | None = None
    ) -> tuple[Sums, dict[str, int], dict[str, int], set[str]]:
        """Votes, base, participating, and who counts though silent: of a motion, or of one candidate."""
        rows, heads = self.electorate(motion.get("scope") or {})
        given: dict[str, tuple[str, str, Any]] = {}
        for row in rows:
            one = self.standing(motion["motion"], row["unit"])
            if one is not None:
                answer = one if isinstance(one, str) else answer_of(one.mark, candidate)
                given[row["unit"]] = (answer, "ballot", None if isinstance(one, str) else one.order)
        said = {unit: one for unit, one in given.items() if one[0] in ANSWERS}
        plain = self.sums(rows, heads, said)
        lead = leader(plain)
        for unit, (answer, _, order) in given.items():
            if answer == "follow":
                said[unit] = (lead or "abstain", "follow", order)
            elif answer == "invalid" and self.rule["invalid"]["value"] == "participating":
                said[unit] = ("invalid", "ballot", order)
        base = {"heads": len(heads), "area": sum(one["area"] for one in rows)}
        silent = self.deemed_answer(motion, plain, lead=lead, base=base)
        if deemed is None:
            again = self.rule["invalid"]["value"] == "as_silent"
            quiet = {u for u in self.served if u not in given or (again and given[u][0] == "invalid")}
            deemed = {one["unit"] for one in rows if one["unit"] in quiet} if silent is not None else set()
        for unit in deemed:
            said[unit] = (silent or "abstain", "silence", None)
        votes = self.sums(rows, heads, said)
        taking = {measure: sum(one[measure] for one in votes.values()) for measure in ("heads", "area")}
        if motion.get("secret") and candidate is not None:
            self.put_totals(motion, candidate, votes)
        return votes, base, taking, deemed

    def put_totals(self, motion: Row, candidate: str, votes: Sums) -> None:
        """Who took part and did not choose the candidate abstained."""
        if (motion.get("silence") or self.rule["silence"])["value"] != "not_participating":
            raise ValueError("a secret election deems nobody to have voted")
        opened = self.opened(motion)
        for measure in ("heads", "area"):
            won = opened[measure][candidate] if opened else 0
            votes["agree"][measure] = won
            votes["abstain"][measure] -= won
            if votes["abstain"][measure] < 0:
                raise ValueError("more agreed than took part")

    def opened(self, motion: Row) -> Row | None:
        found = [one for one in self.of("TOTALS") if one["motion"] == motion["motion"]]
        return found[-1] if found else None

    def deemed_answer(self, motion: Row, plain: Sums, *, lead: str | None, base: dict[str, int]) -> str | None:
        rule = {**DEFAULTS["silence"], **(motion.get("silence") or self.rule["silence"])}
        election = motion.get("election")
        if rule["value"] == "not_participating" or not self.told:
            return None
        if rule["value"] == "deem_agree":
            many = election and len(election["candidates"]) > (election.get("most_choices") or election["seats"])
            return "abstain" if many else "agree"
        if rule["value"] == "deem_abstain":
            return "abstain"
        if lead is None or rule["floor"] is None:
            return lead
        above, below = share(rule["floor"])
        enough = all(plain[lead][measure] * below > base[measure] * above for measure in ("heads", "area"))
        return lead if enough else None

    def result(self, motion: Row) -> Row:
        votes, base, taking, deemed = self.counted(motion, None)
        found: Row = {"base": base, "participating": taking, "votes": votes, "candidates": {}}
        quorum, approval = motion.get("quorum"), motion["approval"]
        if not base["heads"] or not base["area"]:
            found["outcome"] = "no_voters"
        elif quorum is not None and not reached(quorum, taking, base=base, taking=taking):
            found["outcome"] = "no_quorum"
        elif motion.get("secret") and self.opened(motion) is None:
            found["outcome"] = "sealed"
        elif motion.get("election") is None:
            found["outcome"] = "passed" if reached(approval, votes["agree"], base=base, taking=taking) else "rejected"
        else:
            self.elect(motion, deemed, found)
        return found

    def elect(self, motion: Row, deemed: set[str], found: Row) -> None:
        election = motion["election"]
        lot: dict[str, int] = {}
        for one in self.of("LOT"):
            if one["motion"] == motion["motion"]:
                lot = {name: number for number, name in enumerate(one["order"])}
        keys: dict[str, tuple[int, ...]] = {}
        for one in election["candidates"]:
            name = one["candidate"]
            votes, base, taking, _ = self.counted(motion, name, deemed)
            good = reached(motion["approval"], votes["agree"], base=base, taking=taking)
            first, second = ("heads", "area") if election.get("rank_by", "heads") == "heads" else ("area", "heads")
            key = (good, votes["agree"][first], votes["agree"][second])
            keys[name] = key if election.get("tie", "other_measure_then_lot") == "other_measure_then_lot" else key[:2]
            found["candidates"][name] = {"votes": votes, "has_majority": good, "standing": "not_elected"}
        able = [name for name in keys if keys[name][0]]
        rest = self.seat(
            able, election["seats"], words=("elected", "tied"), keys=keys, lot=lot, found=found["candidates"]
        )
        states = [one["standing"] for one in found["candidates"].values()]
        if "tied" not in states:
            if not election.get("alternates_need_majority", True):
                rest = [*rest, *(name for name in keys if not keys[name][0])]
            names = ("alternate", "tied_alternate")
            self.seat(rest, election.get("alternates", 0), words=names, keys=keys, lot=lot, found=found["candidates"])
        won, seats = states.count("elected"), election["seats"]
        above, below = share(election.get("least_share") or "0/1")
        enough = won >= election.get("least_elected", 1) and (
            election.get("least_share") is None or won * below > seats * above
        )
        if "tied" in states:
            found["outcome"] = "tied"
        elif not enough:
            found["outcome"] = "not_elected"
        else:
            found["outcome"] = "elected" if won == seats else "partly_elected"

    @staticmethod
    def seat(
        names: list[str], places: int, *, words: tuple[str, str], keys: Row, lot: dict[str, int], found: Row
    ) -> list[str]:
        """The best get the places; equals at the last place wait for a lot that names them all."""
        queue = sorted(names, key=lambda name: lot.get(name, len(lot)))
        queue.sort(key=lambda name: keys[name], reverse=True)
        if not places or not queue:
            return queue
        edge = keys[queue[min(places, len(queue)) - 1]]
        before, level = [n for n in queue if keys[n] > edge], [n for n in queue if keys[n] == edge]
        if len(before) + len(level) > places and not all(name in lot for name in level):
            for name in queue:
                if keys[name] >= edge:
                    found[name]["standing"] = words[0] if name in before else words[1]
            return [name for name in queue if keys[name] < edge]
        for name in queue[:places]:
            found[name]["standing"] = words[0]
        return queue[places:]


def answer_of(mark: Any, candidate: str | None) -> str:
    """Of an election without a candidate: whether anybody was agreed to."""
    if isinstance(mark, str):
        return mark
    if candidate is None:
        return "agree" if "agree" in mark.values() else "abstain"
    return str(mark[candidate])


def leader(sums: Sums) -> str | None:
    """The answer that leads alone in heads and in area."""
    for answer in ANSWERS:
        others = [sums[other] for other in ANSWERS if other != answer]
        if all(sums[answer][measure] > one[measure] for one in others for measure in ("heads", "area")):
            return answer
    return None


def reached(threshold: Row, part: dict[str, int], *, base: dict[str, int], taking: dict[str, int]) -> bool:
    """By cross multiplication; of nobody there is no majority."""
    whole = taking if threshold["base"] == "participants" else base
    found = []
    for measure in ("heads", "area"):
        above, below = share(threshold[measure])
        left, right = part[measure] * below, whole[measure] * above
        good = left >= right if threshold["bound"] == "at_least" else left > right
        found.append(good and whole[measure] > 0)
    return any(found) if threshold.get("join", "both") == "either" else all(found)


def logged_events(package: Package, opened: dict[int, Any]) -> Iterator[tuple[int, Row]]:
    """The events that stand in the log, each with what is known of it there."""
    options: dict[str, list[str]] = {}
    for place, entry in enumerate(package.entries):
        kind, own = entry.get("kind"), {name: entry[name] for name in FIELDS & entry.keys()}
        if entry.get("secret") == "key":
            options[entry["motion"]] = entry["options"]
        elif "secret" in entry:
            if "at" in entry and entry.get("secret") in ("ballot", "totals"):
                yield place, sealed_event(entry, options[entry["motion"]])
        elif kind in ("CAST", "PAPER"):
            own["id"] = own.pop("ballot", None)
            yield place, {**own, "type": kind, **opened.get(place, {})}
        elif kind in EVENTS:
            if "how" in own:
                own["kind"] = own.pop("how")
            yield place, {**own, "type": kind}


def sealed_event(entry: Row, options: list[str]) -> Row:
    """Of a secret election: that a ballot came in, or what the trustees opened."""
    if "ballot" in entry:
        own: Row = {name: entry[name] for name in ("at", "channel", "proxy", "units") if name in entry}
        kind = "PAPER" if entry["channel"] == "paper" else "CAST"
        said = {"id": entry["number"], "voter": entry.get("agent", entry["voter"]), "sealed": True, "choices": {}}
        return {**own, **said, "type": kind}
    values = {name: [one["value"] for one in entry["totals"][name]] for name in ("area", "heads")}
    listed = {name: dict(zip(options, own, strict=True)) for name, own in values.items()}
    return {**listed, **{name: entry[name] for name in ("at", "motion", "counted")}, "type": "TOTALS"}


def says(shown: Any, known: Any) -> bool:
    """Whether what is shown says all that is known; moments may be written in another zone."""
    if isinstance(known, dict) and isinstance(shown, dict):
        return all(name in shown and says(shown[name], value) for name, value in known.items())
    if shown == known or not (isinstance(shown, str) and isinstance(known, str)):
        return bool(shown == known)
    try:
        return moment(shown) == moment(known)
    except ValueError:
        return False


def check_events(package: Package, listed: list[Row], opened: dict[int, Any]) -> list[int]:
    """`events.json` is what the log says, in its order: nothing left out, added, moved or changed.

    Returns the places in the log.
    """
    name = "events.json"
    found = list(logged_events(package, opened))
    for number, one in enumerate(listed):
        need(one["type"] in EVENTS, name, f"没有 {one['type']} 这种记录", entry=number)
    for number, ((place, known), one) in enumerate(zip(found, listed, strict=False)):
        for key, value in sorted(known.items()):
            need(says(one.get(key), value), name, f"与日志第 {place} 条不符（{key}）", entry=number)
    need(
        len(listed) == len(found),
        name,
        f"日志有 {len(found)} 项，这里有 {len(listed)} 项",
        entry=min(len(listed), len(found)),
    )
    return [place for place, _ in found]


def check_digests(package: Package, files: dict[str, Row], places: list[int]) -> None:
    """The result names what it was counted from, with every field: also those that the log does not show.

    What happened after the result that stands in the log was not counted.
    """
    published = [place for place, one in enumerate(package.entries) if "result.json" in one.get("files", {})]
    events = files["events"]
    if published:
        before = sum(place < published[-1] for place in places)
        events = {**events, "events": events["events"][:before]}
    for name, value in {**files, "events": events}.items():
        if name != "result":
            found = hashlib.sha256(canonical(value).encode()).hexdigest()
            need(found == files["result"]["digests"][name], f"{name}.json", "与计票结果写明的摘要不符")


def check_roll(package: Package) -> None:
    """The roll's Merkle root over its rows, as it was published with the notice."""
    name = "roll.json"
    roll = read_json(package, name) if name in package.members else {}
    published = [(place, one["roll_root"]) for place, one in enumerate(package.entries) if "roll_root" in one]
    if not isinstance(roll, dict) or roll.get("root") is None:
        need(not published or not roll, name, "日志里公布了名册的根，名册上却没有")
        return
    tree = Tree()
    try:
        for row in roll["units"]:
            tree.add(hashlib.sha256(b"\0" + canonical({**row, "log": roll["poll"]}).encode()).digest())
        need(tree.root().hex() == roll["root"], name, "名册的行与名册的根不符")
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise Bad(name, "不是名册") from error
    for place, root in published:
        need(root == roll["root"], name, f"名册的根与日志第 {place} 条公布的不符")
    package.say(f"名册 {tree.size} 套，与公告的名册根相符。" if published else f"名册 {tree.size} 套，与自身的根相符。")


def check_tally(package: Package, opened: dict[int, Any]) -> None:
    names = ("roll.json", "rules.json", "events.json", "result.json")
    if not set(names) <= package.members.keys():
        return
    roll, rules, events, result = (read_json(package, name) for name in names)
    try:
        ballots = [place for place, one in enumerate(package.entries) if one.get("kind") in ("CAST", "PAPER")]
        places = check_events(package, events["events"], opened)
        check_digests(package, {"roll": roll, "rules": rules, "events": events, "result": result}, places)
        if any(place not in opened for place in ballots):
            package.say(f"选票 {len(ballots)} 张，没有全部公开，不能重新计票（监票人的存证包可以）。")
            return
        recount = Recount(roll, rules, events)
        shown = {one["motion"]: one for one in result["motions"]}
        need(list(shown) == [one["motion"] for one in recount.motions], "result.json", "议题与规则不符")
        for motion in recount.motions:
            compare(shown[motion["motion"]], recount.result(motion), motion["motion"])
    except (ValueError, TypeError, KeyError, AttributeError, IndexError) as error:
        raise Bad("events.json", f"不能计票（{type(error).__name__} {error}）") from error
    package.say(f"重新计票：{len(ballots)} 张票、{len(shown)} 个议题，人数、面积、结果都与公布的相同。")


def read_json(package: Package, name: str) -> Any:
    try:
        return loaded(package.members[name])
    except (ValueError, RecursionError) as error:
        raise Bad(name, "不是 JSON") from error


def compare(shown: Row, found: Row, motion: str) -> None:
    name = "result.json"
    need(
        shown["outcome"] == found["outcome"],
        name,
        f"{motion} 公布的结果是 {shown['outcome']}，重算是 {found['outcome']}",
    )
    for part in ("base", "participating", "votes"):
        need(shown["tallied"][part] == found[part], name, f"{motion} 的{part}与重算不同：{found[part]}")
    listed = {one["candidate"]: one for one in shown.get("candidates", ())}
    need(listed.keys() == found["candidates"].keys(), name, f"{motion} 的候选人与重算不同")
    for candidate, own in found["candidates"].items():
        one = listed[candidate]
        same = one["tallied"]["votes"] == own["votes"] and one["standing"] == own["standing"]
        need(same and one["has_majority"] == own["has_majority"], name, f"{motion} 候选人 {candidate} 与重算不同")


# --- all together ---------------------------------------------------------------------------------------------------


def check(package: Package, asked: argparse.Namespace) -> None:
    differing = check_manifest(package)
    check_keys(package, asked.key)
    check_entries(package)
    check_promises(package)
    check_tree(package)
    check_witnesses(package)
    check_seals(package, asked.ca.read_bytes() if asked.ca else None)
    opened = check_openings(package)
    check_files(package)
    check_roll(package)
    check_tally(package, opened)
    check_secret(package)
    check_kept(package, asked.checkpoint, asked.receipt)
    for name in differing:
        raise Bad(name, "与清单不符")
    signed_by_log(package, note_of(package.members["manifest.txt"], "manifest.txt"), "manifest.txt")
    package.say(f"清单上的 {len(package.members) - 1} 个文件都相符，清单有日志的签名。")


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="verify.py", description="核对共治导出的存证包。")
    parser.add_argument("file", type=Path, nargs="?", help="存证包（zip）；只核对拆票文件时可以不给")
    parser.add_argument("--key", help="您从别处得到的日志公钥（十六进制）")
    parser.add_argument("--checkpoint", type=Path, nargs="*", default=[], help="您留存的检查点")
    parser.add_argument("--receipt", type=Path, nargs="*", default=[], help="您留存的回执")
    parser.add_argument("--challenge", type=Path, nargs="*", default=[], help="您拆开验的加密票（拆票文件）")
    parser.add_argument("--ca", type=Path, help="时间戳机构的根证书（PEM）")
    parser.add_argument("--json", action="store_true", help="以 JSON 报告")
    asked = parser.parse_args(argv)
    if asked.file is None and not asked.challenge:
        parser.error("请写存证包的文件名，或用 --challenge 写拆票文件")
    package = Package({})
    bad: Bad | None = None
    try:
        if asked.file is not None:
            package.members, container = looked_into(asked.file.read_bytes())
            check(package, asked)
            if container is not None:
                raise container
        for path in asked.challenge:
            check_challenge(package, path)
    except Bad as error:
        bad = error
    except OSError as error:
        bad = Bad(str(error.filename or asked.file), f"读不了：{error.strerror}")
    report(package, bad, as_json=asked.json)
    return 1 if bad else 0


def report(package: Package, bad: Bad | None, *, as_json: bool) -> None:
    if as_json:
        found = {"member": bad.member, "entry": bad.entry, "reason": bad.reason} if bad else None
        whole = {"good": bad is None, "first_bad": found, "log": package.origin, "checks": package.said}
        sys.stdout.write(json.dumps(whole, ensure_ascii=False, indent=2) + "\n")
        return
    for line in package.said:
        sys.stdout.write(f"· {line}\n")
    if bad is None:
        sys.stdout.write("全部相符。\n")
        return
    where = bad.member if bad.entry is None else f"{bad.member} 第 {bad.entry} 条"
    sys.stdout.write(f"不符：{where}：{bad.reason}。\n")


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    raise SystemExit(main())
