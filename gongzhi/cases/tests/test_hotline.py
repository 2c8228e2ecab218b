"""The exchange with a hotline: files in, once and only once; answers out as files and over HTTP."""

import csv
import hashlib
import hmac
import io
import json
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command

from gongzhi.cases import services as cases
from gongzhi.cases.hotline import answers, services
from gongzhi.cases.hotline.models import HotlineSource, HotlineTicket
from gongzhi.cases.hotline.reading import read
from gongzhi.cases.models import Case, CaseEntry, Complaint
from gongzhi.cases.tests.pages import Browse, browse, case_url, post, words
from gongzhi.cases.tests.steps import at, submit
from gongzhi.core import messages
from gongzhi.core.days import ZONE
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, OutboxMessage
from gongzhi.core.tests.cast import Cast, build
from gongzhi.core.tests.threads import at_once
from gongzhi.duties.models import Duty

pytestmark = pytest.mark.usefixtures("contexts")

__all__ = ["browse"]

HEAD = "热线编号,来电时间,诉求内容,小区,事项,标题,地点,来电人,联系电话,联系地址,热线期限,热线状态,附件"
ROW = (
    "H001,2022-05-05 08:30,楼顶搭玻璃房,梧桐花园,违法搭建建筑物、构筑物,搭建玻璃房,7幢,"
    "陈建国,13812345678,2幢301,2022-05-09,待办,图1.jpg"
)
SECOND = "H002,2022/5/5 08:40,消防通道停满车,梧桐花园,占用消防通道,堵通道,2号门,王芳,13812345679,3幢101,,,"


def sheet(*rows: str) -> bytes:
    return "\n".join([HEAD, *rows]).encode()


def source_of(cast: Cast) -> HotlineSource:
    found = HotlineSource.objects.first()
    actor = cast.actor("hotline_desk")
    desk = cast.organisation("hotline_desk")
    return found or services.make_source(name="12345热线", desk=desk, actor=actor, now=cast.now)


def tried(cast: Cast, *rows: str, now: datetime | None = None):
    return services.dry_run(
        source_of(cast), name="工单.csv", content=sheet(*rows), actor=cast.actor("hotline_desk"), now=now or cast.now
    )


def imported(cast: Cast, *rows: str, now: datetime | None = None, leave_out: bool = False):
    now = now or cast.now
    run = tried(cast, *rows, now=now)
    services.start_import(run, leave_out=leave_out, actor=cast.actor("hotline_desk"), now=now)
    return services.carry_out(run.pk, now=now)


def counts(run) -> tuple[int, ...]:
    return tuple(run.report["counts"][kind] for kind in services.KINDS)


def test_a_dry_run_writes_no_case_and_an_import_opens_one_for_each_number(cast: Cast) -> None:
    run = tried(cast, ROW, SECOND)
    assert (counts(run), Case.objects.count(), HotlineTicket.objects.count()) == ((2, 0, 0, 0), 0, 0)
    services.start_import(run, actor=cast.actor("hotline_desk"), now=cast.now)
    done = services.carry_out(run.pk, now=cast.now)
    assert (counts(done), done.state) == ((2, 0, 0, 0), "imported")
    complaint = Complaint.objects.get(hotline_number="H001")
    case = complaint.cases.get()
    assert (complaint.channel, case.estate, case.matter) == ("hotline", cast.estate, "illegal_structure")
    assert complaint.received_at == datetime(2022, 5, 5, 8, 30, tzinfo=ZONE)
    assert complaint.complainant is not None
    assert complaint.complainant.masked_phone.startswith("138")


def test_a_second_import_of_the_same_rows_changes_nothing(cast: Cast) -> None:
    imported(cast, ROW, SECOND)
    before = (Complaint.objects.count(), CaseEntry.objects.count(), Duty.objects.count())
    done = imported(cast, ROW, SECOND, now=at(5, 6))
    assert counts(done) == (0, 0, 2, 0)
    assert before == (Complaint.objects.count(), CaseEntry.objects.count(), Duty.objects.count())
    assert not Event.objects.filter(kind="hotline.ticket_changed").exists()


def test_a_changed_row_updates_what_may_change_and_says_what(cast: Cast) -> None:
    imported(cast, ROW)
    changed = ROW.replace("2022-05-09", "2022-05-08").replace("待办", "催办").replace("梧桐花园", "湖畔新村")
    run = imported(cast, changed, now=at(5, 6))
    assert counts(run) == (0, 1, 0, 0)
    (told,) = run.report["changes"]
    assert (told["changed"], told["kept"]) == (["热线期限", "热线状态"], ["小区"])
    ticket = HotlineTicket.objects.get()
    assert (ticket.state, ticket.due_at) == ("催办", datetime(2022, 5, 9, 0, 0, tzinfo=ZONE))
    assert ticket.complaint.estate == cast.estate
    event = Event.objects.get(kind="hotline.ticket_changed")
    assert (event.data["changed"], event.data["kept"]) == (["due_at", "state"], ["estate"])
    running = Duty.objects.get(rule="hotline_deadline", closed_at=None)
    assert running.last_day is not None and running.last_day.isoformat() == "2022-05-08"
    assert counts(imported(cast, changed, now=at(5, 7))) == (0, 0, 1, 0)


def test_more_words_from_the_hotline_are_noted_in_the_case(cast: Cast) -> None:
    imported(cast, ROW)
    imported(cast, ROW.replace("楼顶搭玻璃房", "楼顶搭玻璃房，已影响采光"), now=at(5, 6))
    entry = CaseEntry.objects.get(title="热线更新了诉求内容")
    assert entry.text == "楼顶搭玻璃房，已影响采光"
    assert Complaint.objects.get().text == "楼顶搭玻璃房"


def test_every_bad_cell_is_named_and_the_file_comes_back_marked(cast: Cast, browse: Browse) -> None:
    bad = "H003,昨天,,没有的小区,乱七八糟,,,王芳,13812345679,3幢,,,"
    late = "H004,2019-05-05 08:30,停水,梧桐花园,其他,,,王芳,13812345679,3幢,,,"
    run = tried(cast, ROW, bad, late)
    assert counts(run) == (1, 0, 0, 2)
    named = {(one["row"], one["header"]) for one in run.report["faults"]}
    assert named == {(3, "来电时间"), (3, "诉求内容"), (3, "小区"), (3, "事项"), (4, "来电时间")}
    page = words(browse("hotline_desk").get(f"/anjian/rexian/{run.pk}/"))
    for text in ("第3行", "“昨天”不是时间", "没有叫“没有的小区”的小区", "“乱七八糟”还没有对应的事项", "早于一年以前"):
        assert text in page
    content = browse("hotline_desk").get(f"/anjian/rexian/{run.pk}/biaozhu/").content
    with ZipFile(io.BytesIO(content)) as book:
        text = book.read("xl/sharedStrings.xml").decode()
        assert "“昨天”不是时间" in text
        assert "xl/comments1.xml" in book.namelist()
    with pytest.raises(Refused, match="问题行"):
        services.start_import(run, actor=cast.actor("hotline_desk"), now=cast.now)
    services.start_import(run, leave_out=True, actor=cast.actor("hotline_desk"), now=cast.now)
    assert counts(services.carry_out(run.pk, now=cast.now)) == (1, 0, 0, 2)
    assert Complaint.objects.count() == 1


def test_what_is_not_recognised_is_asked_once_and_kept_for_the_source(cast: Cast, browse: Browse) -> None:
    foreign = ROW.replace("梧桐花园", "梧桐一期").replace("违法搭建建筑物、构筑物", "违建类")
    run = tried(cast, foreign)
    assert counts(run) == (0, 0, 0, 1)
    client = browse("hotline_desk")
    url = f"/anjian/rexian/{run.pk}/"
    version = source_of(cast).version
    wrong = post(client, url, {"act": "words", "m_0": "", "e_0": "梧桐", "version": version})
    assert wrong.status_code == 422
    said = {"act": "words", "m_0": "illegal_structure", "e_0": "梧桐花园", "version": version}
    assert post(client, url, said).status_code == 303
    run.refresh_from_db()
    assert counts(run) == (1, 0, 0, 0)
    assert not OutboxMessage.objects.filter(channel="hotline").exists()
    source = source_of(cast)
    assert source.matter_words == {"违建类": "illegal_structure"}
    assert source.estate_words == {"梧桐一期": cast.estate.pk}
    assert counts(tried(cast, foreign.replace("H001", "H009"))) == (1, 0, 0, 0)


def test_two_estates_of_one_name_are_asked_for_and_not_guessed(cast: Cast) -> None:
    from datetime import date

    from gongzhi.core.actors import Actor
    from gongzhi.registry.services import register_estate

    register_estate(
        community=cast.communities[1], name="梧桐花园", households=10, buildings=("1幢",), facts={},
        from_on=date(2020, 1, 1), actor=Actor.system(), now=cast.now,
    )  # fmt: skip
    run = tried(cast, ROW)
    assert "辖区里有2个“梧桐花园”" in run.report["faults"][0]["reason"]


def test_columns_under_other_names_are_told_once(cast: Cast, browse: Browse) -> None:
    source = source_of(cast)
    names = {"number": "工单号", "received_at": "受理时间", "text": "内容", "estate": "楼盘", "matter": "分类",
             "caller_phone": "电话"}  # fmt: skip
    ticket = {"工单号": "J1", "受理时间": "2022-05-05T08:30:00+08:00", "内容": "停车", "楼盘": "梧桐花园",
              "分类": "fire_lane", "电话": "13812345678", "多余": {"a": 1}}  # fmt: skip
    file = SimpleUploadedFile("工单.json", json.dumps({"tickets": [ticket]}, ensure_ascii=False).encode())
    client = browse("hotline_desk")
    made = client.post("/anjian/rexian/", {"source": source.pk, "file": file, "form_key": "up"})
    assert made.status_code == 303
    assert "还要指明" in words(client.get(made["Location"]))
    given = {f"c_{code}": header for code, header in names.items()}
    refused = post(client, made["Location"], {"act": "mapping", "version": source.version, **given, "c_text": "楼盘"})
    assert refused.status_code == 422
    assert "同一栏不能对应两项" in words(refused)
    done = post(client, made["Location"], {"act": "mapping", "version": source.version, **given})
    assert done.status_code == 303
    page = client.get(made["Location"])
    assert page.context["report"]["counts"]["new"] == 1
    assert post(client, made["Location"], {"act": "mapping", "version": source.version, **given}).status_code == 409
    # A file with our own headings is read without telling; what is kept of the source stays.
    assert counts(tried(cast, ROW)) == (1, 0, 0, 0)
    source.refresh_from_db()
    assert source.mapping["number"] == "工单号"
    assert counts(imported(cast, ROW)) == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "没有工单"), (b"PK\x03\x04\x00", "另存为"), (b"{", "JSON格式有误"), (b"[1,2]", "工单的列表"),
        (f"{HEAD}\n".encode(), "没有工单"),
        ("甲,甲\n1,2".encode(), "栏目名称重复"), ("甲,乙\n1,2,3".encode(), "第2行有3格"),
        (b"\xff\xfe\x81", "编码"), (b"[" * 5000, "JSON格式有误"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_the_reason(content: bytes, why: str) -> None:
    with pytest.raises(Refused) as no:
        read(content)
    assert why in no.value.message


def test_csv_of_old_encodings_and_with_line_breaks_is_read() -> None:
    table = read('热线编号,内容\r\nH1,"两行\r\n的字"\r\n'.encode("gb18030"))
    assert table.cells(0) == {"热线编号": "H1", "内容": "两行\r\n的字"}


def test_the_same_number_twice_in_a_file_is_taken_once(cast: Cast) -> None:
    run = tried(cast, ROW, ROW, ROW.replace("待办", "已派"))
    assert counts(run) == (1, 0, 0, 1)
    assert "与第2行编号相同" in run.report["faults"][0]["reason"]


def test_a_number_that_a_clerk_typed_in_before_is_joined_and_not_doubled(cast: Cast) -> None:
    typed = submit(cast, "illegal_structure", channel="hotline", actor=cast.actor("hotline_desk"),
                   extra={"hotline_number": "H001"})  # fmt: skip
    imported(cast, ROW)
    assert HotlineTicket.objects.get().complaint == typed
    assert Case.objects.count() == 1


def test_two_clerks_with_the_same_file_at_once_open_each_case_once(committed) -> None:
    cast = build()
    runs = [tried(cast, ROW, SECOND), tried(cast, ROW, SECOND)]
    for run in runs:
        services.start_import(run, actor=cast.actor("hotline_desk"), now=cast.now)
    results = at_once(lambda number: services.carry_out(runs[number].pk, now=cast.now), times=2)
    assert [result.state for result in results] == ["imported", "imported"], results
    assert sorted(Complaint.objects.values_list("hotline_number", flat=True)) == ["H001", "H002"]
    assert sum(counts(result)[0] for result in results) == 2
    assert sum(counts(result)[2] for result in results) == 2


def test_an_import_that_breaks_off_goes_on_where_it_stood(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    run = tried(cast, ROW, SECOND)
    services.start_import(run, actor=cast.actor("hotline_desk"), now=cast.now)
    whole = services.take_ticket

    def killed(ticket, **given):
        if ticket.number == "H002":
            raise SystemExit
        return whole(ticket, **given)

    monkeypatch.setattr(services, "take_ticket", killed)
    with pytest.raises(SystemExit):
        services.carry_out(run.pk, now=cast.now)
    assert Complaint.objects.count() == 1
    monkeypatch.setattr(services, "take_ticket", whole)
    assert services.carry_out(run.pk, now=cast.now).state == "imported"
    assert Complaint.objects.count() == 2
    assert Event.objects.filter(kind="hotline.file_imported").count() == 1
    services.carry_out(run.pk, now=cast.now)
    assert Event.objects.filter(kind="hotline.file_imported").count() == 1


def test_both_deadlines_stand_on_case_list_and_desk_and_the_earlier_leads(cast: Cast, browse: Browse) -> None:
    imported(cast, ROW)
    case = Case.objects.get()
    cases.assign_case(case, actor=cast.actor("hotline_desk"), now=cast.now)
    case.refresh_from_db()
    theirs = Duty.objects.get(rule="hotline_deadline", closed_at=None)
    assert (theirs.owner_organisation, theirs.due_at) == (case.lead, datetime(2022, 5, 10, 0, 0, tzinfo=ZONE))
    assert case.answer_due_at is not None and theirs.due_at < case.answer_due_at
    page = words(browse("urban_management").get(case_url(case)))
    assert page.index("按热线期限答复") < page.index("答复投诉人</")
    assert "热线状态：待办" in page
    listed = words(browse("leading_group_office").get("/anjian/"))
    assert "热线还剩" in listed and "本地期限" in listed
    assert "按热线期限答复" in words(browse("urban_management").get("/gongzuotai/"))
    actor = cast.actor("urban_management")
    cases.report_in(case, actor=actor, now=cast.now)
    cases.verify_on_site(case, note="属实", actor=actor, now=cast.now)
    cases.contact_complainant(case, promised_on=cast.now.date(), method="电话", actor=actor, now=cast.now)
    cases.handle(case, result="已责令改正。", outcome="rectified", actor=actor, now=cast.now)
    cases.answer(case, text="已责令改正。", method="电话", actor=actor, now=cast.now)
    theirs.refresh_from_db()
    assert theirs.state == "fulfilled"


def test_a_later_deadline_of_the_hotline_stands_beneath_ours(cast: Cast, browse: Browse) -> None:
    imported(cast, ROW.replace("2022-05-09", "2022-06-30"))
    cases.assign_case(Case.objects.get(), actor=cast.actor("hotline_desk"), now=cast.now)
    listed = words(browse("leading_group_office").get("/anjian/"))
    assert "热线期限6月30日" in listed
    assert "热线还剩" not in listed


@pytest.mark.parametrize("role", ["street_office", "urban_management", "owner", "project_manager"])
def test_others_neither_see_nor_import(cast: Cast, browse: Browse, role: str) -> None:
    run = tried(cast, ROW)
    client = browse(role)
    for url in ("/anjian/rexian/", f"/anjian/rexian/{run.pk}/", f"/anjian/rexian/{run.pk}/biaozhu/",
                f"/anjian/rexian/laiyuan/{run.source_id}/huichuan/"):  # fmt: skip
        assert client.get(url).status_code == 403
    with pytest.raises(Refused):
        services.start_import(run, actor=cast.actor(role), now=cast.now)


def _answered(cast: Cast, text: str = "已责令改正。") -> Case:
    case = Case.objects.get()
    lead = cast.actor("urban_management")
    cases.assign_case(case, actor=cast.actor("hotline_desk"), now=cast.now)
    cases.report_in(case, actor=lead, now=cast.now)
    cases.verify_on_site(case, note="属实", actor=lead, now=cast.now)
    cases.contact_complainant(case, promised_on=cast.now.date(), method="电话", actor=lead, now=cast.now)
    cases.handle(case, result="已责令改正。", outcome="rectified", actor=lead, now=cast.now)
    return cases.answer(case, text=text, method="电话", actor=lead, now=at(5, 6))


def test_answers_go_back_as_versioned_files_with_handler_unit_time_state_and_text(cast: Cast, browse: Browse) -> None:
    imported(cast, ROW)
    _answered(cast, text="=已责令改正")
    client = browse("hotline_desk", at(5, 7))
    url = f"/anjian/rexian/laiyuan/{source_of(cast).pk}/huichuan/"
    whole = json.loads(client.get(url).content)
    assert (whole["schema"], whole["version"]) == ("gongzhi.hotline.answers", 1)
    (one,) = whole["answers"]
    assert (one["number"], one["state"], one["handler"]) == ("H001", "answered", "孟强")
    assert one["unit"] == cast.organisation("urban_management").name
    assert (one["text"], one["time"]) == ("=已责令改正", "2022-05-06T09:00:00+08:00")
    rows = list(csv.DictReader(io.StringIO(client.get(f"{url}?format=csv").content.decode("utf-8-sig"))))
    assert (rows[0]["number"], rows[0]["text"], rows[0]["version"]) == ("H001", "'=已责令改正", "1")
    assert json.loads(client.get(f"{url}?from=2022-05-07").content)["answers"] == []
    assert "13812345678" not in client.get(url).content.decode()


class Hotline(BaseHTTPRequestHandler):
    """A hotline that speaks the protocol of docs/hotline.md; `codes` says how it answers next."""

    codes: list[int] = []
    taken: dict[str, dict] = {}
    signatures: list[tuple[str, bytes]] = []

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        code = self.codes.pop(0) if self.codes else 200
        key = self.headers["Idempotency-Key"]
        if code == 200 and key in self.taken:
            code = 409
        if code in (200, -1):
            self.taken[key] = json.loads(body)
        self.signatures.append((self.headers.get("X-Gongzhi-Signature", ""), body))
        if code == -1:  # taken, but the answer never arrives
            self.connection.close()
            return
        self.send_response(code)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        return


@pytest.fixture
def hotline() -> Iterator[str]:
    Hotline.codes, Hotline.taken, Hotline.signatures = [], {}, []
    server = HTTPServer(("127.0.0.1", 0), Hotline)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/answers"
    server.shutdown()
    server.server_close()


def _posting(cast: Cast, address: str) -> HotlineSource:
    return services.set_source(
        source_of(cast), address=address, secret="s3cret", actor=cast.actor("hotline_desk"), now=cast.now
    )


def _waiting() -> list[OutboxMessage]:
    return list(OutboxMessage.objects.filter(channel="hotline").order_by("id"))


def test_answers_are_posted_signed_in_order_each_once(cast: Cast, hotline: str) -> None:
    _posting(cast, hotline)
    imported(cast, ROW)
    _answered(cast)
    waiting = _waiting()
    assert [json.loads(one.text)["state"] for one in waiting] == ["handling", "answered"]
    assert all(messages.send(one.pk, now=at(5, 6)) for one in waiting)
    assert [key for key in Hotline.taken] == ["H001:1", "H001:2"]
    assert Hotline.taken["H001:2"]["text"] == "已责令改正。"
    for signature, body in Hotline.signatures:
        assert signature == f"sha256={hmac.new(b's3cret', body, hashlib.sha256).hexdigest()}"
    assert {one.state for one in _waiting()} == {"sent"}
    assert "s3cret" not in HotlineSource.objects.get().secret_cipher


def test_a_hotline_that_is_down_is_tried_again_and_what_it_had_taken_is_not_doubled(cast: Cast, hotline: str) -> None:
    _posting(cast, hotline)
    imported(cast, ROW)
    cases.assign_case(Case.objects.get(), actor=cast.actor("hotline_desk"), now=cast.now)
    (one,) = _waiting()
    Hotline.codes = [503, -1]
    for _ in range(2):
        with pytest.raises(messages.NotSent):
            messages.send(one.pk, now=at(5, 6))
    assert messages.send(one.pk, now=at(5, 6))
    assert len(Hotline.taken) == 1
    one.refresh_from_db()
    assert (one.state, one.tries) == ("sent", 3)


def test_what_failed_for_good_can_be_sent_again_by_a_clerk(cast: Cast, hotline: str, browse: Browse) -> None:
    source = _posting(cast, hotline)
    imported(cast, ROW)
    cases.assign_case(Case.objects.get(), actor=cast.actor("hotline_desk"), now=cast.now)
    (one,) = _waiting()
    Hotline.codes = [500] * messages.MOST_TRIES
    for _ in range(messages.MOST_TRIES - 1):
        with pytest.raises(messages.NotSent):
            messages.send(one.pk, now=at(5, 6))
    assert messages.send(one.pk, now=at(5, 6)) is False
    client = browse("hotline_desk", at(5, 7))
    page = words(client.get(f"/anjian/rexian/laiyuan/{source.pk}/"))
    assert "HTTP 500" in page and "重发失败的1件" in page
    assert client.post(f"/anjian/rexian/laiyuan/{source.pk}/chongfa/").status_code == 303
    assert messages.send(one.pk, now=at(5, 8)) is True
    assert Event.objects.filter(kind="hotline.answer_resent").count() == 1


def test_nobody_listening_is_a_try_and_not_a_fault(cast: Cast) -> None:
    _posting(cast, "http://127.0.0.1:9/answers")
    imported(cast, ROW)
    cases.assign_case(Case.objects.get(), actor=cast.actor("hotline_desk"), now=cast.now)
    with pytest.raises(messages.NotSent, match="Connect"):
        messages.send(_waiting()[0].pk, now=at(5, 6))


def test_networks_that_only_carry_files_use_the_commands(cast: Cast, tmp_path: Path, monkeypatch, capsys) -> None:
    from gongzhi.cases.management.commands import hotline_export, hotline_import

    monkeypatch.setattr(hotline_import.timezone, "now", lambda: cast.now)
    source_of(cast)
    file = tmp_path / "in.csv"
    file.write_bytes(sheet(ROW, SECOND))
    by = ["--source", "12345热线", "--by", "hotline_desk"]
    call_command("hotline_import", str(file), *by, "--dry-run")
    assert Complaint.objects.count() == 0
    call_command("hotline_import", str(file), *by)
    call_command("hotline_import", str(file), *by)
    assert Complaint.objects.count() == 2
    assert "没有变化2" in capsys.readouterr().out
    with pytest.raises(CommandError, match="没有这个账号"):
        call_command("hotline_import", str(file), "--source", "12345热线", "--by", "nobody")
    _answered_one = tmp_path / "out.json"
    call_command("hotline_export", str(_answered_one), "--source", "12345热线")
    assert {one["number"] for one in json.loads(_answered_one.read_text())["answers"]} == {"H001", "H002"}
    assert hotline_export.answers.VERSION == answers.VERSION
