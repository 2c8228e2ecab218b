"""The export and its verifier: a whole package is good, and whatever is done to one is named."""

import argparse
import base64
import hashlib
import io
import json
import random
import re
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gongzhi.proof import exporting, keys, notes, queries, services
from gongzhi.proof.leaves import commitment
from gongzhi.proof.models import Entry
from gongzhi.proof.verifier import verify
from gongzhi.site.cli import main as command

NOW = datetime(2022, 5, 5, 1, 0, tzinfo=UTC)
WITNESS = Ed25519PrivateKey.from_private_bytes(bytes(32))
STREET = "street.test"
STEP = 8


def made(name, *, count=7, start=0):
    """A log with entries in two batches, a witness, an opening, and a file that an entry names."""
    log = services.open_log(name, now=NOW)
    services.add_witness(
        name=STREET, public_key=WITNESS.public_key().public_bytes_raw(), label="某街道", log=log, now=NOW
    )
    salts = [bytes([n]) * 16 for n in range(count)]
    roll = b'{"units":3}\n'
    services.append(log, {"n": -1, "kind": "OPEN", "files": {"roll.json": hashlib.sha256(roll).hexdigest()}}, now=NOW)
    openings = []
    for n in range(count):
        value = ["agree", "oppose"][n % 2]
        hidden = commitment(value, salt=salts[n], origin=log.origin)
        services.append(log, {"n": n, "kind": "CAST", "commitment": hidden}, now=NOW + timedelta(seconds=n))
        if n in (2, 4):
            services.checkpoint(log, now=NOW)
            openings.append(exporting.plain_json({"entry": n + 1, "salt": salts[n].hex(), "value": value}))
    at = services.checkpoint(log, now=NOW)
    line = notes.cosign(notes.parse_note(at.note), name=STREET, key=WITNESS, seconds=int(NOW.timestamp()))
    services.take_cosignature(at.note, line, now=NOW)
    return at, {"roll.json": roll, "openings.jsonl": b"".join(openings)}


@pytest.fixture
def package(db):
    at, members = made("vote/1")
    return services.export(at, members=members, now=NOW)


def report(data, folder, *options, capsys):
    path = folder / "export.zip"
    path.write_bytes(data)
    code = verify.main([str(path), "--json", *map(str, options)])
    return code, json.loads(capsys.readouterr().out)


def test_a_whole_package_is_good_and_says_what_was_checked(package, tmp_path, capsys):
    code, found = report(package, tmp_path, capsys=capsys)
    assert (code, found["good"], found["first_bad"]) == (0, True, None)
    said = "".join(found["checks"])
    for word in ("记录 8 条", "检查点 3 个", "某街道 1 次", "票面 2 张", "文件 1 个"):
        assert word in said


def test_the_verifier_in_the_package_runs_alone(package, tmp_path):
    (tmp_path / "export.zip").write_bytes(package)
    (tmp_path / "verify.py").write_bytes(verify.unpacked(package)["verify.py"])
    ran = subprocess.run(
        [sys.executable, "-I", "verify.py", "export.zip"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "全部相符" in ran.stdout


def test_the_command_runs_the_same_checks(package, tmp_path, capsys):
    path = tmp_path / "export.zip"
    path.write_bytes(package)
    assert command(["verify", str(path)]) == 0
    assert "全部相符" in capsys.readouterr().out
    path.write_bytes(package[:-1])
    assert command(["verify", str(path)]) == 1
    assert "不符" in capsys.readouterr().out
    assert command(["verify", str(tmp_path / "none.zip")]) == 1


def test_the_verifier_shares_no_code_with_the_platform():
    source = exporting.VERIFIER.read_text(encoding="utf-8")
    imported = set(re.findall(r"^(?:from|import) (\w+)", source, re.MULTILINE))
    assert imported <= set(sys.stdlib_module_names) | {"cryptography"}


def test_its_container_is_the_one_that_the_platform_writes(package):
    members = verify.unpacked(package)
    assert verify.packed(members) == exporting.packed(members) == package


def test_the_same_log_gives_the_same_bytes_every_time(db):
    at, members = made("vote/1")
    assert services.export(at, members=members, now=NOW) == services.export(
        at, members=members, now=NOW + timedelta(days=1)
    )


def bad(data, folder, capsys, *options):
    code, found = report(data, folder, *options, capsys=capsys)
    assert code == 1
    return found["first_bad"]


ASKED = argparse.Namespace(key=None, ca=None, checkpoint=[], receipt=[])


def caught(members):
    """Whether the verifier refuses these members, whatever container they came in."""
    try:
        verify.check(verify.Package(members), ASKED)
    except verify.Bad:
        return True
    return False


def test_every_byte_of_the_container_counts(package):
    """Every byte of every header, name, check sum, content and directory; of the verifier's own text a sample."""
    chosen = random.Random(20220505)
    source = verify.unpacked(package)["verify.py"]
    start = package.index(source)
    places = {*range(start), *range(start + len(source), len(package))}
    places |= set(chosen.sample(range(start, start + len(source)), 300))
    passed = []
    for place in places:
        changed = bytearray(package)
        changed[place] ^= chosen.randrange(1, 256)
        try:
            verify.unpacked(bytes(changed))
        except verify.Bad:
            continue
        passed.append(place)
    assert passed == []


@pytest.mark.parametrize("start", range(STEP))
def test_a_byte_changed_within_a_member_is_caught_in_a_container_made_anew(package, start):
    """All members but the verifier, which the manifest's hash covers whole. Together the runs change every byte."""
    whole = verify.unpacked(package)
    passed = []
    for name, body in whole.items():
        for place in range(start, len(body), STEP) if name != "verify.py" else [start]:
            changed = bytearray(body)
            changed[place] ^= 1 + (place * 31) % 255
            if not caught({**whole, name: bytes(changed)}):
                passed.append((name, place))
    assert passed == []


def test_a_dishonest_server_that_signs_the_manifest_anew_is_caught_by_what_it_signed_before(package):
    whole = verify.unpacked(package)
    key = keys.signer(now=NOW).private
    body = notes.parse_checkpoint(notes.Note("\n".join(whole["manifest.txt"].decode().split("\n")[1:4]) + "\n", ()))
    bound = ("log/entries.jsonl", "log/promises.jsonl", "log/checkpoints/", "openings.jsonl", "roll.json")
    chosen = random.Random(7)
    passed = []
    for name, content in whole.items():
        if not name.startswith(bound):
            continue
        for place in chosen.sample(range(len(content)), min(50, len(content))):
            changed = bytearray(content)
            changed[place] ^= chosen.randrange(1, 256)
            members = {other: one for other, one in whole.items() if other != "manifest.txt"} | {name: bytes(changed)}
            if not caught({**members, "manifest.txt": exporting.manifest(body, members, key=key)}):
                passed.append((name, place))
    assert passed == []


@pytest.mark.parametrize("cut", [0, 1, 3, 22, 100, 5000])
def test_a_package_cut_short_or_made_longer_is_refused(package, cut, tmp_path, capsys):
    for data in (package[: len(package) - cut - 1], package[cut + 1 :], package + b"\0" * (cut + 1)):
        assert bad(data, tmp_path, capsys)


def with_members(package, change, *, key=None):
    """The package with its members changed; with a key, in a manifest signed anew: what a dishonest server does."""
    members = verify.unpacked(package)
    note = notes.parse_note(members["manifest.txt"].decode())
    change(members)
    if key is not None:
        del members["manifest.txt"]
        body = notes.parse_checkpoint(notes.Note("\n".join(note.text.split("\n")[1:4]) + "\n", ()))
        members["manifest.txt"] = exporting.manifest(body, members, key=key)
    return exporting.packed(members)


def lines_changed(name, change):
    def apply(members):
        lines = members[name].splitlines(keepends=True)
        change(lines)
        members[name] = b"".join(lines)

    return apply


def _swap(lines):
    lines[3], lines[4] = lines[4], lines[3]


@pytest.mark.parametrize("signed_anew", [False, True])
@pytest.mark.parametrize(
    ("change", "entry"),
    [
        (lambda lines: lines.__setitem__(3, lines[3].replace(b'"n":2', b'"n":9')), 3),
        (lambda lines: lines.pop(3), 3),
        (lambda lines: lines.pop(), 7),
        (lambda lines: lines.pop(0), 0),
        (_swap, 3),
        (lambda lines: lines.insert(4, lines[3]), 4),
        (lambda lines: lines.append(lines[3]), 8),
        (lambda lines: lines.reverse(), 0),
        (lambda lines: lines.__setitem__(5, lines[5].replace(b'{"', b'{ "', 1)), 5),
        (lambda lines: lines.__setitem__(5, lines[5][:-2] + b',"kind":"CAST"}\n'), 5),
        (lambda lines: lines.__setitem__(2, b"{}\n"), 2),
        (lambda lines: lines.__setitem__(2, b"[" * 100_000 + b"\n"), 2),
        (lambda lines: lines.__setitem__(2, b'{"log":1.5}\n'), 2),
    ],
)
def test_the_first_entry_that_was_changed_dropped_moved_or_repeated_is_named(
    package, change, entry, signed_anew, tmp_path, capsys
):
    key = keys.signer(now=NOW).private if signed_anew else None
    data = with_members(package, lines_changed("log/entries.jsonl", change), key=key)
    found = bad(data, tmp_path, capsys)
    assert (found["member"].startswith("log/"), found["entry"]) == (True, entry)


@pytest.mark.parametrize("both", [False, True])
def test_an_entry_of_another_vote_is_named(package, both, tmp_path, capsys):
    """Even with the promise that was signed for it there."""
    at, members = made("vote/2", start=100)
    other = verify.unpacked(services.export(at, members=members, now=NOW))

    def replay(members):
        for name in ("log/entries.jsonl", "log/promises.jsonl")[: 1 + both]:
            lines_changed(name, lambda lines, name=name: lines.__setitem__(4, other[name].splitlines(True)[4]))(members)

    found = bad(with_members(package, replay, key=keys.signer(now=NOW).private), tmp_path, capsys)
    assert (found["entry"], "这本日志" in found["reason"]) == (4, True)


def test_a_server_that_drops_an_entry_with_its_promise_contradicts_its_checkpoints(package, tmp_path, capsys):
    def drop(members):
        for name in ("log/entries.jsonl", "log/promises.jsonl"):
            lines_changed(name, lambda lines: lines.pop(5))(members)

    found = bad(with_members(package, drop, key=keys.signer(now=NOW).private), tmp_path, capsys)
    assert found["member"] == "log/entries.jsonl"
    assert "检查点不符" in found["reason"]


@pytest.mark.parametrize(
    ("change", "member"),
    [
        (lambda members: members.pop("roll.json"), "roll.json"),
        (lambda members: members.__setitem__("more.txt", b"x"), "more.txt"),
        (lambda members: members.pop("log/checkpoints/000000000004.txt"), "log/checkpoints/000000000004.txt"),
        (lambda members: members.__setitem__("roll.json", b'{"units":4}\n'), "roll.json"),
        (lambda members: members.__setitem__("verify.py", b"print()\n"), "verify.py"),
        (lambda members: members.pop("manifest.txt"), "manifest.txt"),
        (lambda members: members.pop("keys.json"), "keys.json"),
    ],
)
def test_a_member_more_less_or_other_is_named(package, change, member, tmp_path, capsys):
    assert bad(with_members(package, change), tmp_path, capsys)["member"] == member


@pytest.mark.parametrize(
    ("member", "old", "new", "named"),
    [
        ("roll.json", b"3", b"4", "roll.json"),
        ("openings.jsonl", b"agree", b"oppose", "openings.jsonl"),
        ("openings.jsonl", b'"entry":3', b'"entry":4', "openings.jsonl"),
        ("log/witnesses.json", b"street.test", b"street.tesd", "log/checkpoints/000000000008.txt"),
        ("log/promises.jsonl", b'"at":1651712400000', b'"at":1651712400001', "log/entries.jsonl"),
        ("keys.json", b'"endorsement":null', b'"endorsement":"AAAA"', "keys.json"),
    ],
)
def test_a_dishonest_server_cannot_sign_these_changes_away(package, member, old, new, named, tmp_path, capsys):
    def change(members):
        assert old in members[member]
        members[member] = members[member].replace(old, new, 1)

    found = bad(with_members(package, change, key=keys.signer(now=NOW).private), tmp_path, capsys)
    assert found["member"] == named


def test_a_log_rewritten_and_signed_anew_does_not_fit_what_people_kept(db, tmp_path, capsys):
    at, members = made("vote/1")
    kept = queries.receipt(Entry.objects.select_related("log", "key").get(leaf_index=3))
    (tmp_path / "receipt.json").write_text(json.dumps(kept))
    (tmp_path / "point.txt").write_text(at.note)
    whole = services.export(at, members=members, now=NOW)
    options = ("--receipt", tmp_path / "receipt.json", "--checkpoint", tmp_path / "point.txt")
    assert report(whole, tmp_path, *options, "--key", keys.signer(now=NOW).public.hex(), capsys=capsys)[0] == 0
    assert bad(whole, tmp_path, capsys, "--key", "00" * 32)["member"] == "keys.json"

    def rewritten(members):
        from gongzhi.proof import leaves, merkle

        signer = keys.signer(now=NOW)
        lines = members["log/entries.jsonl"].decode().splitlines()
        lines[3] = lines[3].replace('"n":2', '"n":9')
        origin = at.log.origin
        members["log/entries.jsonl"] = "".join(f"{one}\n" for one in lines).encode()
        promises = [
            leaves.promise(origin, leaf=leaves.hash_of(one), at_ms=1, key=signer.private, public_key=signer.public)
            for one in lines
        ]
        members["log/promises.jsonl"] = "".join(
            f'{{"at":1,"key":"{one.public_key.hex()}","signature":"{base64.b64encode(one.signature).decode()}"}}\n'
            for one in promises
        ).encode()
        for name in [one for one in members if one.startswith("log/checkpoints/")]:
            size = int(name[16:28])
            root = merkle.grow(0, {}, [leaves.hash_of(one) for one in lines[:size]]).root
            members[name] = notes.sign_checkpoint(notes.CheckpointText(origin, size, root), signer.private).encode()
        members["openings.jsonl"] = b""
        body = notes.CheckpointText(origin, 8, root)
        del members["manifest.txt"]
        members["manifest.txt"] = exporting.manifest(body, members, key=signer.private)

    forged = with_members(whole, rewritten)
    assert report(forged, tmp_path, capsys=capsys)[0] == 0  # nothing inside betrays it
    assert "曾被改写" in bad(forged, tmp_path, capsys, *options[2:])["reason"]
    assert "没有记入" in bad(forged, tmp_path, capsys, *options[:2])["reason"]


def test_a_package_after_a_change_of_key_follows_the_endorsement(db, tmp_path, capsys):
    at, members = made("vote/1")
    old = keys.signer(now=NOW).public.hex()
    keys.rotate(now=NOW)
    services.append(at.log, {"n": 99}, now=NOW)
    newest = services.checkpoint(at.log, now=NOW)
    data = services.export(newest, members=members, now=NOW)
    assert report(data, tmp_path, "--key", old, capsys=capsys)[0] == 0

    def cut(members):
        listed = json.loads(members["keys.json"])
        listed[1]["endorsement"] = base64.b64encode(bytes(64)).decode()
        members["keys.json"] = exporting.plain_json(listed)

    assert bad(with_members(data, cut, key=keys.signer(now=NOW).private), tmp_path, capsys)["member"] == "keys.json"


@pytest.mark.parametrize(
    "name", ["log/x.txt", "keys.json", "manifest.txt", "verify.py", "A.txt", "../x.txt", "名.txt", "x"]
)
def test_a_member_that_could_hide_one_of_the_log_is_refused(db, name):
    at, _ = made("vote/1", count=1)
    with pytest.raises(ValueError):
        services.export(at, members={name: b""}, now=NOW)


def zipped(members, method):
    """As another program would pack them: the order kept, times and attributes of its own."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", method) as made_anew:
        for name, data in members.items():
            made_anew.writestr(name, data)
    return whole.getvalue()


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_who_unzips_edits_and_zips_again_is_told_the_entry(package, method, tmp_path, capsys):
    members = verify.unpacked(package)
    found = bad(zipped(members, method), tmp_path, capsys)
    assert (found["member"], found["entry"]) == ("（压缩包）", None) and "原样" in found["reason"]
    lines = members["log/entries.jsonl"].splitlines(keepends=True)
    for change in (
        lambda: lines[:3] + [lines[3].replace(b"CAST", b"CASE")] + lines[4:],
        lambda: lines[:3] + lines[4:],
        lambda: [*lines[:3], lines[4], lines[3], *lines[5:]],
    ):
        found = bad(zipped({**members, "log/entries.jsonl": b"".join(change())}, method), tmp_path, capsys)
        assert (found["member"], found["entry"]) == ("log/entries.jsonl", 3)
    without = {name: data for name, data in members.items() if name != "roll.json"}
    assert bad(zipped(without, method), tmp_path, capsys)["member"] == "roll.json"


def test_one_byte_of_a_member_is_told_by_its_entry(package, tmp_path, capsys):
    at = package.index(verify.unpacked(package)["log/entries.jsonl"])
    changed = bytearray(package)
    changed[at + 60] ^= 1
    found = bad(bytes(changed), tmp_path, capsys)
    assert (found["member"], found["entry"]) == ("log/entries.jsonl", 0)
