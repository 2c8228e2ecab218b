"""The stored log: promises, places, checkpoints, proofs, and what the database refuses."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from gongzhi.core.tests.threads import at_once
from gongzhi.proof import keys, merkle, notes, queries, sequencing, services
from gongzhi.proof.leaves import BadEntry
from gongzhi.proof.models import Checkpoint, Cosignature, Entry, Log, SigningKey, TreeNode
from gongzhi.proof.tests import slow_tree

NOW = datetime(2022, 5, 5, 1, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def log(db):
    return services.open_log("vote/1", now=NOW)


def fill(log, count, start=0):
    return [services.append(log, {"n": n, "kind": "CAST"}, now=NOW) for n in range(start, start + count)]


def as_owner(statement):
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        try:
            with transaction.atomic():
                cursor.execute(statement)
        finally:
            cursor.execute("SET ROLE gongzhi_app")


def test_an_entry_is_promised_at_once_and_placed_by_the_sequencer(log):
    (made,) = fill(log, 1)
    assert made.promise.holds
    assert made.promise.origin == "gongzhi.localhost/vote/1"
    entry = Entry.objects.get(pk=made.pk)
    assert entry.data == '{"kind":"CAST","log":"gongzhi.localhost/vote/1","n":0}'
    assert entry.leaf_index is None
    assert "inclusion" not in queries.receipt(entry)
    assert sequencing.sequence(log, now=NOW) == 1
    entry.refresh_from_db()
    assert entry.leaf_index == 0
    assert queries.receipt(entry)["inclusion"] == {"index": 0, "path": []}
    assert sequencing.sequence(log, now=NOW) == 0


def test_the_tree_grown_in_batches_is_that_of_the_definition(log):
    total = 0
    for count in (1, 2, 4, 1, 9, 16):
        fill(log, count, start=total)
        total += count
        sequencing.sequence(log, now=NOW)
    data = [one.encode() for one in Entry.objects.order_by("leaf_index").values_list("data", flat=True)]
    assert [point.size for point in Checkpoint.objects.order_by("size")] == [1, 3, 7, 8, 17, 33]
    for point in Checkpoint.objects.all():
        assert bytes(point.root) == slow_tree.mth(data[: point.size])
        parsed = notes.parse_note(point.note)
        assert notes.signed_by(parsed, name=log.origin, public_key=bytes(point.key.public))
    for index in range(total):
        assert queries.inclusion(log, index, 17 if index < 17 else 33) == slow_tree.path(
            index, data[:17] if index < 17 else data
        )
    assert queries.consistency(log, 7, 33) == slow_tree.proof(7, data)
    assert list(queries.faults(log)) == []


def test_more_than_one_batch_is_placed_in_one_go(log, monkeypatch):
    monkeypatch.setattr(sequencing, "BATCH", 5)
    fill(log, 12)
    assert sequencing.sequence(log, now=NOW) == 12
    assert sorted(Checkpoint.objects.values_list("size", flat=True)) == [5, 10, 12]
    assert list(queries.faults(log)) == []


def test_the_same_entry_cannot_be_appended_twice_and_the_transaction_goes_on(log):
    fill(log, 1)
    with pytest.raises(services.AlreadyThere):
        fill(log, 1)
    fill(log, 1, start=1)
    assert Entry.objects.count() == 2


def test_an_entry_of_another_log_is_refused(log):
    other = services.open_log("vote/2", now=NOW)
    made = fill(log, 1)[0]
    with pytest.raises(BadEntry):
        services.append(other, {"n": 0, "log": log.origin}, now=NOW)
    same = services.append(other, {"n": 0, "kind": "CAST"}, now=NOW)
    assert same.promise.leaf != made.promise.leaf


@pytest.mark.parametrize("name", ["vote 1", "vote+1", "", "x" * 300, "a\nb"])
def test_a_name_that_no_signature_could_carry_is_refused(name):
    if name == "":
        assert services.open_log(name, now=NOW).origin == "gongzhi.localhost/"
        return
    with pytest.raises(ValueError):
        services.open_log(name, now=NOW)


def test_a_proof_reads_few_rows_in_one_query(log, django_assert_num_queries):
    fill(log, 100)
    sequencing.sequence(log, now=NOW)
    with django_assert_num_queries(1):
        queries.inclusion(log, 37, 100)
    assert TreeNode.objects.count() == 97  # of a hundred leaves, less one for each of three complete subtrees


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE proof_entry SET data = 'x'",
        "UPDATE proof_entry SET leaf_index = 7",
        "UPDATE proof_entry SET leaf_index = NULL",
        "DELETE FROM proof_entry",
        "UPDATE proof_treenode SET hash = 'x'",
        "DELETE FROM proof_treenode",
        "UPDATE proof_checkpoint SET note = 'x'",
        "DELETE FROM proof_checkpoint",
        "UPDATE proof_log SET origin = 'x'",
        "DELETE FROM proof_log",
        "UPDATE proof_signingkey SET public = 'x'",
        "DELETE FROM proof_signingkey",
    ],
)
def test_neither_the_application_nor_the_owner_changes_what_is_written(log, statement):
    fill(log, 2)
    sequencing.sequence(log, now=NOW)
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    with pytest.raises(DatabaseError, match="append-only"):
        as_owner(statement)
    assert list(queries.faults(log)) == []


@pytest.mark.parametrize("statement", ["TRUNCATE proof_entry", "TRUNCATE proof_checkpoint CASCADE"])
def test_the_application_cannot_empty_a_log(log, statement):
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_place_is_given_once_and_with_nothing_else(log):
    fill(log, 1)
    for statement in ("UPDATE proof_entry SET leaf_index = -1", "UPDATE proof_entry SET leaf_index = 0, data = 'x'"):
        with pytest.raises(DatabaseError, match="append-only"):
            as_owner(statement)


def test_demonstration_logs_can_be_removed_and_no_others(log):
    fill(log, 1)
    demo = services.open_log("vote/demo", now=NOW, demo=True)
    fill(demo, 3)
    services.ask_for_seal(services.checkpoint(demo, now=NOW), now=NOW)
    sequencing.sequence(log, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT proof_remove_demo_logs()")
        assert cursor.fetchone() == (1,)
    assert [one.origin for one in Log.objects.all()] == [log.origin]
    assert list(queries.faults(log)) == []


def tampered(statement):
    """What somebody does who owns the database: triggers off."""
    table = re.search(r"proof_\w+", statement)[0]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET ROLE NONE")
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(statement)
        cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute("SET ROLE gongzhi_app")


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("UPDATE proof_entry SET data = replace(data, '3', '4') WHERE leaf_index = 3", "第 3 条的内容"),
        ("UPDATE proof_entry SET promised_ms = promised_ms + 1 WHERE leaf_index = 2", "第 2 条的承诺"),
        ("DELETE FROM proof_entry WHERE leaf_index = 4", "第 4 条缺失"),
        ("DELETE FROM proof_treenode WHERE level = 1 AND index = 2", "树节点 1/2"),
        ("UPDATE proof_treenode SET hash = sha256('x') WHERE level = 2 AND index = 0", "树节点 2/0"),
        ("UPDATE proof_checkpoint SET note = replace(note, 'vote/1', 'vote/2')", "8 条的检查点"),
        ("DELETE FROM proof_checkpoint", "没有检查点"),
        ("DELETE FROM proof_entry WHERE leaf_index = 7", "大于日志"),
        ("UPDATE proof_entry SET leaf_index = CASE leaf_index WHEN 1 THEN 100 ELSE leaf_index END", "第 1 条缺失"),
    ],
)
def test_the_check_names_what_an_owner_of_the_database_changed(log, statement, named, capsys):
    fill(log, 8)
    sequencing.sequence(log, now=NOW)
    call_command("check_log")
    assert "8 条，相符" in capsys.readouterr().out
    tampered(statement)
    with pytest.raises(CommandError):
        call_command("check_log", log.origin)
    assert named in capsys.readouterr().out


def test_a_log_that_lost_a_node_signs_nothing_more(log, caplog):
    fill(log, 4)
    sequencing.sequence(log, now=NOW)
    tampered("DELETE FROM proof_treenode WHERE level = 2")
    fill(log, 1, start=4)
    other = services.open_log("vote/2", now=NOW)
    fill(other, 1)
    assert sequencing.sequence_all(now=NOW) == 1
    assert "at fault" in caplog.text
    assert Checkpoint.objects.filter(log=log).count() == 1


def test_the_key_is_kept_under_a_passphrase_that_the_database_does_not_know(log, settings, monkeypatch):
    fill(log, 1)
    row = SigningKey.objects.get()
    assert "ENCRYPTED" in row.sealed
    monkeypatch.setattr(keys._current, "signer", None)
    keys._private.cache_clear()
    settings.PROOF_PASSPHRASE = "another"
    with pytest.raises(ImproperlyConfigured, match="GONGZHI_PROOF_PASSPHRASE"):
        fill(log, 1, start=1)


def test_a_new_key_is_endorsed_by_the_old_one_and_signs_from_then_on(log):
    first = fill(log, 1)[0].promise
    services.checkpoint(log, now=NOW)
    new = keys.rotate(now=NOW)
    made = fill(log, 1, start=1)[0].promise
    assert first.public_key != made.public_key == bytes(new.public)
    assert made.holds
    old = SigningKey.objects.get(pk=new.previous_id)
    text = keys.endorsement_text(bytes(new.public), at_ms=int(NOW.timestamp() * 1000))
    assert notes.signature_holds(bytes(old.public), bytes(new.endorsement), text)
    services.checkpoint(log, now=NOW)
    assert list(queries.faults(log)) == []


def test_there_is_one_chain_of_keys(log):
    fill(log, 1)
    with pytest.raises(DatabaseError), transaction.atomic():
        SigningKey.objects.create(public=bytes(32), sealed="x", activated_at=NOW)


WITNESS = Ed25519PrivateKey.from_private_bytes(bytes(32))


@pytest.fixture
def witness(log):
    return services.add_witness(
        name="street.test", public_key=WITNESS.public_key().public_bytes_raw(), label="某街道", log=log, now=NOW
    )


def cosigned(note, *, key=WITNESS, name="street.test", at=NOW):
    return notes.cosign(notes.parse_note(note), name=name, key=key, seconds=int(at.timestamp()))


def test_a_registered_witness_co_signs_a_checkpoint_once(log, witness):
    fill(log, 3)
    note = services.checkpoint(log, now=NOW).note
    line = cosigned(note)
    kept = services.take_cosignature(note, line, now=NOW)
    assert (kept.witness, kept.seen_at) == (witness, NOW)
    assert services.take_cosignature(note + line, cosigned(note, at=NOW + timedelta(seconds=9)), now=NOW) == kept
    assert Cosignature.objects.get().line == line


def test_a_signature_of_anybody_else_or_under_anything_else_is_refused(log, witness):
    fill(log, 3)
    note = services.checkpoint(log, now=NOW).note
    stranger = Ed25519PrivateKey.generate()
    forged = notes.sign_checkpoint(notes.CheckpointText(log.origin, 3, bytes(32)), stranger)
    for text, line in (
        (note, cosigned(note, key=stranger)),
        (note, cosigned(note, name="other.test")),
        (note, cosigned(forged)),
        (forged, cosigned(forged)),
        (note, cosigned(note, at=NOW + timedelta(hours=1))),
        (note, "— street.test AAAA"),
        ("no note", cosigned(note)),
    ):
        with pytest.raises(services.BadCosignature):
            services.take_cosignature(text, line, now=NOW)
    witness.ended_at = NOW
    witness.save(update_fields=["ended_at"])
    with pytest.raises(services.BadCosignature):
        services.take_cosignature(note, cosigned(note), now=NOW)


def test_a_kept_checkpoint_is_held_against_the_log(log):
    strange = notes.sign_checkpoint(notes.CheckpointText("a/b", 1, bytes(32)), WITNESS)
    assert queries.compare(strange).verdict == "unknown"
    fill(log, 3)
    old = services.checkpoint(log, now=NOW).note
    assert queries.compare(old).verdict == "same"
    fill(log, 4, start=3)
    newest = services.checkpoint(log, now=NOW)
    found = queries.compare(old)
    assert found.verdict == "consistent"
    assert merkle.consistent(
        found.proof, first=3, second=7, second_root=bytes(newest.root),
        first_root=notes.parse_checkpoint(notes.parse_note(old)).root,
    )  # fmt: skip
    key = keys.signer(now=NOW).private
    for size, root, verdict in ((3, bytes(32), "split"), (9, bytes(32), "ahead"), (0, merkle.EMPTY_ROOT, "split")):
        shown = notes.sign_checkpoint(notes.CheckpointText(log.origin, size, root), key)
        assert queries.compare(shown).verdict == verdict
    assert queries.compare(notes.sign_checkpoint(notes.CheckpointText(log.origin, 3, bytes(32)), WITNESS)).verdict == (
        "unsigned"
    )


def test_entries_from_many_clients_at_once_get_each_one_place(committed):
    log = services.open_log("vote/1", now=NOW)
    keys.signer(now=NOW)

    def work(number):
        for n in range(20):
            with transaction.atomic():
                services.append(log, {"n": n, "client": number}, now=NOW)
            if n % 5 == number % 5:
                sequencing.sequence(log, now=NOW)

    assert at_once(work, times=6) == [None] * 6
    sequencing.sequence(log, now=NOW)
    places = sorted(Entry.objects.values_list("leaf_index", flat=True))
    assert places == list(range(120))
    assert list(queries.faults(log)) == []


def test_clients_that_make_the_first_key_at_once_end_with_one(committed):
    log = services.open_log("vote/1", now=NOW)
    made = at_once(lambda number: services.append(log, {"n": number}, now=NOW).promise.holds, times=4)
    assert made == [True] * 4
    assert SigningKey.objects.count() == 1


def test_an_open_transaction_does_not_hold_up_the_sequencer(committed):
    """An entry that commits late gets a later place, and those that commit meanwhile do not wait for it."""
    log = services.open_log("vote/1", now=NOW)
    keys.signer(now=NOW)
    from threading import Event as Signal

    inside, finish = Signal(), Signal()

    def late(number):
        if number:
            assert inside.wait(20)
            services.append(log, {"who": "early"}, now=NOW)
            placed = sequencing.sequence(log, now=NOW)
            finish.set()
            return placed
        with transaction.atomic():
            services.append(log, {"who": "late"}, now=NOW)
            inside.set()
            assert finish.wait(20)
        return sequencing.sequence(log, now=NOW)

    assert at_once(late, times=2) == [1, 1]
    ordered = Entry.objects.order_by("leaf_index").values_list("data", flat=True)
    assert ["early" in one for one in ordered] == [True, False]
    assert list(queries.faults(log)) == []
