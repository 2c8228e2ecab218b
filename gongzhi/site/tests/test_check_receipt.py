"""核对: anybody checks a receipt; what is wrong with one is said in words."""

import json
import re
from datetime import timedelta
from io import BytesIO

import pytest
import zxingcpp
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.utils import timezone
from PIL import Image

from gongzhi.proof import keys, notes, queries, receipts, services
from gongzhi.proof.models import Entry

NOW = timezone.now()
pytestmark = pytest.mark.django_db


@pytest.fixture
def entry(db):
    """The third of five entries, placed and checkpointed."""
    log = services.open_log("vote/1", now=NOW)
    made = [services.append(log, {"n": n}, now=NOW) for n in range(5)]
    services.checkpoint(log, now=NOW)
    return Entry.objects.select_related("log", "key").get(pk=made[2].pk)


def posted(client, text, status=200):
    answer = client.post("/hedui/", {"text": text if isinstance(text, str) else json.dumps(text)})
    assert answer.status_code == status
    return answer.content.decode()


def test_the_page_is_public_and_reachable_from_the_home_page(client):
    assert 'href="/hedui/"' in client.get("/").content.decode()
    page = client.get("/hedui/").content.decode()
    assert "粘贴回执" in page
    assert "不能证明什么" in page


def test_a_good_receipt_is_good_and_says_its_place(client, entry):
    page = posted(client, queries.receipt(entry))
    assert "相符：这一条在日志里" in page
    assert "第 3 条，日志现有 5 条" in page
    assert receipts.code_of(bytes(entry.leaf_hash)) in page
    assert "不符</span>" not in page


def test_the_address_in_the_qr_opens_the_result_in_one_step(client, entry):
    address = receipts.address(queries.receipt(entry), page="/hedui/")
    assert "相符：这一条在日志里" in client.get(address).content.decode()
    answer = client.get(address[:-2])
    assert (answer.status_code, "没有这一条" in answer.content.decode()) == (404, True)
    for strange in ("/hedui/?ri=x&tiao=%00", "/hedui/?ri=x", "/hedui/?tiao=!!!"):
        assert client.get(strange).status_code == 404


def _damaged(receipt):
    other = Ed25519PrivateKey.generate()
    root = bytes(32)
    forged = notes.sign_checkpoint(notes.CheckpointText(receipt["log"], 5, root), other)
    yield "log", {**receipt, "log": "elsewhere.test/vote/1"}, "本平台没有这本日志"
    yield "promise", {**receipt, "promise": {**receipt["promise"], "at": receipt["promise"]["at"] + 1}}, "内容改过"
    yield "leaf", {**receipt, "leaf": "00" * 32}, "没有"
    yield "index", {**receipt, "inclusion": {**receipt["inclusion"], "index": 1}}, "推算不成立"
    yield "path", {**receipt, "inclusion": {**receipt["inclusion"], "path": []}}, "推算不成立"
    yield "forged", {**receipt, "checkpoint": {**receipt["checkpoint"], "note": forged}}, "日志改写过"


@pytest.mark.parametrize("which", ["log", "promise", "leaf", "index", "path", "forged"])
def test_a_receipt_with_anything_changed_is_bad_and_the_line_says_why(client, entry, which):
    ((changed, says),) = [(value, says) for name, value, says in _damaged(queries.receipt(entry)) if name == which]
    page = posted(client, changed)
    assert "不符</h2>" in page
    assert says in page


@pytest.mark.parametrize(
    "text",
    [
        "",
        "你好",
        "{}",
        "{",
        "[]",
        '{"format":"gongzhi-receipt-1"}',
        "{" * 5000,
        '{"format":"gongzhi-receipt-1","log":1}',
    ],
)
def test_what_is_no_receipt_is_refused_with_what_to_do_and_kept(client, text):
    page = posted(client, text, 422)
    assert "粘贴" in page
    assert 'role="alert"' in page or "gz-errors" in page


def test_a_receipt_that_still_waits_says_so_and_complains_when_it_waits_too_long(client):
    log = services.open_log("vote/2", now=NOW)
    fresh = services.append(log, {"n": 1}, now=timezone.now())
    old = services.append(log, {"n": 2}, now=NOW - timedelta(hours=1))
    for made, late in ((fresh, False), (old, True)):
        page = posted(client, queries.receipt(Entry.objects.select_related("log", "key").get(pk=made.pk)))
        assert "已收到，正在排序号" in page
        assert ("早该排好了" in page) is late


def test_an_older_receipt_stays_good_when_the_log_has_grown_and_the_key_has_changed(client, entry):
    old = queries.receipt(entry)
    keys.rotate(now=NOW)
    services.append(entry.log, {"n": 99}, now=NOW)
    services.checkpoint(entry.log, now=NOW)
    assert "相符：这一条在日志里" in posted(client, old)


def test_the_witnesses_that_saw_it_are_named(client, entry):
    key = Ed25519PrivateKey.generate()
    services.add_witness(
        name="street.test", public_key=key.public_key().public_bytes_raw(), label="某街道", log=None, now=NOW
    )
    note = queries.newest_checkpoint(entry.log).note
    line = notes.cosign(notes.parse_note(note), name="street.test", key=key, seconds=int(NOW.timestamp()))
    services.take_cosignature(note, line, now=NOW)
    assert "见证：某街道" in posted(client, queries.receipt(entry))


def test_a_posted_checkpoint_is_compared_with_the_log(client, entry):
    newest = queries.newest_checkpoint(entry.log)
    assert "就是日志现在的样子" in posted(client, newest.note)
    assert "就是日志现在的样子" in posted(client, newest.note.replace("\n", "\r\n"))
    services.append(entry.log, {"n": 99}, now=NOW)
    services.checkpoint(entry.log, now=NOW)
    assert "只增加，没有改写" in posted(client, newest.note)
    split = notes.CheckpointText(entry.log.origin, 5, bytes(32))
    assert "两种内容" in posted(client, notes.sign_checkpoint(split, keys.signer(now=NOW).private))


def test_the_whole_receipt_of_a_large_log_fits_a_qr_and_reads_back():
    made = {
        "format": queries.RECEIPT_FORMAT,
        "log": "wuye.example.gov.cn/gongzhi/vote/1234567",
        "leaf": "ab" * 32,
        "promise": {"at": 1_650_000_000_000, "key": "cd" * 32, "signature": "A" * 86 + "=="},
        "inclusion": {"index": 999_999, "path": ["B" * 43 + "="] * 20},
        "checkpoint": {"note": "x" * 330, "key": "ef" * 32},
    }
    text = receipts.text_of(made)
    assert read_back(receipts.qr(text)) == text


def read_back(code):
    target = BytesIO()
    code.save(target, kind="png", scale=4, border=4)
    (found,) = zxingcpp.read_barcodes(Image.open(target).convert("L"))
    return found.text


def test_the_qr_on_the_page_leads_back_to_the_result(client, entry):
    receipt = queries.receipt(entry)
    page = posted(client, receipt)
    address = receipts.address(receipt, page="http://testserver/hedui/")
    assert read_back(receipts.qr(address)) == address
    size = int(re.search(r'viewBox="0 0 (\d+) ', page[page.index("gz-qr") :])[1])
    assert size == receipts.qr(address).symbol_size(border=2)[0]
    assert page.count("h1v1h-1z") == sum(map(sum, receipts.qr(address).matrix))


@pytest.mark.parametrize("spelled", ["{}", " {} ", "lower", "misread"])
def test_a_code_finds_its_entry_however_it_is_typed(entry, spelled):
    code = receipts.code_of(bytes(entry.leaf_hash))
    typed = {"lower": code.lower().replace("-", ""), "misread": code.replace("0", "O").replace("1", "l")}.get(
        spelled, spelled.format(code)
    )
    assert receipts.by_code(entry.log, typed) == entry
    assert receipts.by_code(entry.log, code[:-1]) is None
    assert receipts.by_code(entry.log, code[:-1] + ("2" if code[-1] != "2" else "3")) is None
