"""Workbooks: every bad cell is told, nothing comes in by half, a second import changes what changed and says it."""

from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook

from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, Organisation, PersonalData
from gongzhi.core.people import opened as opened_person
from gongzhi.core.tests.cast import NOW
from gongzhi.registry import services as registry
from gongzhi.registry.models import Building, Estate, ImportRun, Ownership, OwnershipShare, Project, Unit, UnitArea
from gongzhi.registry.services import imports
from gongzhi.registry.services.imports.sheets import SHEETS
from gongzhi.registry.tests.books import workbook

pytestmark = pytest.mark.django_db
CREDIT = "91340207MA2N8XYT3K"
HOME = ("梧桐花园", "1幢")


def dry(cast, actor=None, **sheets):
    actor = actor or cast.actor("street_office")
    place = cast.street
    return imports.dry_run(name="底数.xlsx", content=workbook(**sheets), place=place, actor=actor, now=NOW)


def taken(cast, run, **extra):
    return imports.confirm(run, digest=run.digest, actor=cast.actor("street_office"), now=NOW, **extra)


def told(run):
    return [(one["sheet"], one["row"], one["column"], one["reason"]) for one in run.report["errors"]]


def full(cast):
    return {
        "物业企业": [["某兴物业有限公司", CREDIT, "0553-1234567", "甲路1号"]],
        "小区": [[cast.community.name, "新苑", "", "商品房小区", "", "新路8号", 300, 30000.5]],
        "楼幢": [["新苑", "1幢", 18, 2, 36], ["新苑", "2幢", 6, 0, 24]],
        "房屋": [
            ["新苑", "1幢", 101, 89.5, "不动产登记", "住宅"],
            ["新苑", "1幢", "102", 0.1 + 0.2, "测绘", ""],
        ],
        "业主": [
            ["新苑", "1幢", 101, "陈建国", "13912345678", "340207198001011234", "1/2", "皖01", "2020年1月2日"],
            ["新苑", "1幢", 101, "李秀英", "13900000000", "", "50%", "", "2020-01-02"],
        ],
        "服务项目": [["新苑", "某兴物业有限公司", "", "三级", "1.85元", "刘某", "2021/7/1", ""]],
    }


def test_a_whole_workbook_comes_in_at_once_and_the_dry_run_leaves_nothing(quiet_cast):
    before = (
        Estate.objects.count(),
        Organisation.objects.count(),
        Event.objects.filter(kind="estate.registered").count(),
    )
    run = dry(quiet_cast, **full(quiet_cast))
    assert told(run) == [] and run.state == "checked"
    after = (
        Estate.objects.count(),
        Organisation.objects.count(),
        Event.objects.filter(kind="estate.registered").count(),
    )
    assert after == before and not Unit.objects.exists() and not PersonalData.objects.exists()
    taken(quiet_cast, run)
    estate = Estate.objects.get(name="新苑")
    assert (estate.households, estate.building_area_m2) == (300, Decimal("30000.50"))
    assert [(str(one), one.exclusive_area_m2) for one in registry.units_on(estate, NOW.date())] == [
        ("1幢101", Decimal("89.50")),
        ("1幢102", Decimal("0.30")),
    ]
    owners = registry.owners_on(estate, date(2020, 1, 2))
    assert [(one.owner.masked_name, str(one.share)) for one in owners] == [("陈**", "1/2"), ("李**", "1/2")]
    assert opened_person(owners[0].owner, "id_number") == "340207198001011234"
    assert registry.owners_on(estate, date(2020, 1, 1)) == []
    found = registry.serving(estate, date(2021, 7, 1))
    assert (found.company.credit_code, found.manager, found.project.service_standard) == (CREDIT, "刘某", "三级")
    assert Event.objects.get(kind="registry.imported").data["added"] == run.report["sheets"]["units"]["added"] + 6
    assert taken(quiet_cast, run).state == "imported"
    assert Unit.objects.count() == 2


@pytest.mark.parametrize("sheet", [one.title for one in SHEETS])
def test_the_template_can_be_read_back_with_notes_and_lists(sheet):
    book = CalamineWorkbook.from_filelike(BytesIO(imports.template(imports.kind_of())))
    assert "说明" in book.sheet_names
    head = book.get_sheet_by_name(sheet).to_python()[0]
    expected = next(one for one in SHEETS if one.title == sheet)
    assert [one.rstrip("*") for one in head] == [one.title for one in expected.columns]


def test_every_bad_cell_is_told_with_sheet_row_column_and_reason(quiet_cast):
    run = dry(
        quiet_cast,
        小区=[["没有这个社区", "甲苑", "", "城堡", "", "", "三百", -5]],
        楼幢=[["梧桐花园", "1幢", "高", 2.5, ""], ["无此小区", "1幢", "", "", ""]],
        房屋=[
            [*HOME, "101", 89.505, "口头", ""],
            [*HOME, "102", "", "测绘", ""],
            [*HOME, "103", 80, "测绘", ""],
            [*HOME, "103", 80, "测绘", ""],
            ["梧桐花园", "9幢", "101", 80, "测绘", ""],
            ["湖畔新村", "1幢", "101", 80, "测绘", ""],
        ],
        业主=[
            [*HOME, "103", "张三", "电话", "12", "1/2", "", "2020-02-30"],
            [*HOME, "103", "", "", "", "", "", ""],
            [*HOME, "999", "王五", "", "", "", "", ""],
        ],
    )
    cells = {(sheet, row, column.split("（")[0]): reason for sheet, row, column, reason in told(run)}
    assert set(cells) == {
        ("小区", 2, "A"), ("小区", 2, "D"), ("小区", 2, "G"), ("小区", 2, "H"),
        ("楼幢", 2, "C"), ("楼幢", 2, "D"), ("楼幢", 3, "A"),
        ("房屋", 2, "D"), ("房屋", 2, "E"), ("房屋", 3, "D"), ("房屋", 5, "C"), ("房屋", 6, "B"), ("房屋", 7, "A"),
        ("业主", 2, "E"), ("业主", 2, "F"), ("业主", 2, "I"), ("业主", 3, "D"), ("业主", 4, "C"),
    }  # fmt: skip
    assert "第4行重复" in cells["房屋", 5, "C"] and "楼幢" in cells["房屋", 6, "B"] and "辖区" in cells["房屋", 7, "A"]
    assert run.state == "faulty" and not Unit.objects.exists()
    with pytest.raises(Refused, match="还有错误"):
        taken(quiet_cast, run)


def test_the_returned_workbook_holds_the_rows_with_the_faulty_cells_red_and_commented(quiet_cast):
    import zipfile

    run = dry(quiet_cast, 房屋=[[*HOME, "101", "大", "测绘", ""], [*HOME, "102", 80, "测绘", ""]])
    content = imports.opened(run.marked)
    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_name("房屋").to_python()
    assert rows[1][:4] == [*HOME, "101", "大"] and rows[2][3] == 80
    package = zipfile.ZipFile(BytesIO(content))
    comments = "".join(package.read(one).decode() for one in package.namelist() if "comments" in one)
    assert "“专有面积”要填大于0的数" in comments and 'ref="D2"' in comments
    assert "FFF4B4B4" in package.read("xl/styles.xml").decode()


@pytest.mark.clause("JJ-A10-2.3-1")
def test_good_rows_come_in_without_the_faulty_ones_when_that_is_chosen(quiet_cast):
    run = dry(quiet_cast, 房屋=[[*HOME, "101", "大", "测绘", ""], [*HOME, "102", 80, "测绘", ""]])
    taken(quiet_cast, run, leave_out=True)
    assert [one.name for one in Unit.objects.all()] == ["102"]
    assert run.report["sheets"]["units"]["skipped"] == 1


@pytest.mark.clause("JY-2.3.8-2")
def test_a_second_import_changes_what_changed_says_it_and_deletes_nothing(quiet_cast):
    first = [[*HOME, "101", 89.5, "测绘", "住宅"], [*HOME, "102", 80, "测绘", ""], [*HOME, "103", 70, "测绘", ""]]
    taken(quiet_cast, dry(quiet_cast, 房屋=first))
    again = dry(quiet_cast, 房屋=first)
    assert {k: again.report["sheets"]["units"][k] for k in ("added", "changed", "unchanged", "gone")} == {
        "added": 0, "changed": 0, "unchanged": 3, "gone": 0,
    }  # fmt: skip
    run = dry(
        quiet_cast,
        房屋=[[*HOME, "101", 90.2, "不动产登记", ""], [*HOME, "102", 80, "测绘", ""], [*HOME, "104", 60, "测绘", ""]],
    )
    found = run.report["sheets"]["units"]
    assert (found["added"], found["changed"], found["unchanged"], found["gone"]) == (1, 1, 1, 1)
    assert [(one["column"], one["old"], one["new"]) for one in found["changes"]] == [
        ("专有面积", "89.50", "90.20"),
        ("面积来源", "测绘", "不动产登记"),
    ]
    assert found["missing"] == ["梧桐花园1幢103"]
    taken(quiet_cast, run)
    assert Unit.objects.count() == 4 and Unit.objects.get(name="101").exclusive_area_m2 == Decimal("90.20")
    old = UnitArea.objects.get()
    assert (old.exclusive_area_m2, old.event.kind, old.event.actor_label) == (
        Decimal("89.50"),
        "estate.rows_imported",
        quiet_cast.actor("street_office").label,
    )


def owned(cast, *rows):
    taken(cast, run := dry(cast, 业主=[[*HOME, "101", *row] for row in rows]))
    return run.report["sheets"]["owners"]


def test_owners_are_compared_without_opening_a_cipher_transferred_and_corrected(quiet_cast):
    taken(quiet_cast, dry(quiet_cast, 房屋=[[*HOME, "101", 89.5, "测绘", ""]]))
    first = ("张三", "13912345678", "", "", "", "2020-01-01")
    assert owned(quiet_cast, first)["added"] == 1
    assert owned(quiet_cast, first)["unchanged"] == 1
    found = owned(quiet_cast, ("李四", "", "", "", "证2", "2022-01-01"))
    assert [(one["column"], one["old"], one["new"]) for one in found["changes"]] == [("业主（转让）", "张*", "李*")]
    unit = Unit.objects.get()
    assert [one.owner.masked_name for one in registry.owners_on(unit, date(2021, 12, 31))] == ["张*"]
    found = owned(quiet_cast, ("李四光", "", "", "", "", "2022-01-01"))
    assert found["changes"][0]["column"] == "业主（更正）"
    assert Ownership.objects.count() == 2 and OwnershipShare.objects.count() == 2 == PersonalData.objects.count()
    run = dry(quiet_cast, 业主=[[*HOME, "101", "早某", "", "", "", "", "2021-01-01"]])
    assert "早于现业主" in told(run)[0][3]


def test_shares_of_a_unit_make_a_whole_or_the_rows_are_told(quiet_cast):
    taken(quiet_cast, dry(quiet_cast, 房屋=[[*HOME, "101", 89.5, "测绘", ""]]))
    run = dry(quiet_cast, 业主=[[*HOME, "101", "甲某", "", "", "1/2"], [*HOME, "101", "乙某", "", "", "1/3"]])
    assert [(row, "5/6" in reason) for _, row, _, reason in told(run)] == [(2, True), (3, True)]


@pytest.mark.clause("SPC-8")
def test_a_lesser_source_of_an_area_does_not_replace_a_better_one_and_the_dry_run_says_so(quiet_cast):
    rows = [[*HOME, "101", 89.5, "不动产登记", ""], [*HOME, "102", 70, "测绘", ""], [*HOME, "103", 60, "买卖合同", ""]]
    taken(quiet_cast, dry(quiet_cast, 房屋=rows))
    again = [[*HOME, "101", 91, "测绘", ""], [*HOME, "102", 70, "买卖合同", ""], [*HOME, "103", 61.5, "测绘", ""]]
    run = dry(quiet_cast, 房屋=again)
    [(_, row, _, reason)] = told(run)
    assert row == 2 and "已有不动产登记的面积89.50平方米，测绘的面积不能替它" in reason
    units = run.report["sheets"]["units"]
    assert (units["changed"], units["unchanged"], units["skipped"]) == (1, 1, 1)
    imports.confirm(run, digest=run.digest, leave_out=True, actor=quiet_cast.actor("street_office"), now=NOW)
    kept = {one.name: (str(one.exclusive_area_m2), one.area_source) for one in Unit.objects.all()}
    assert kept == {"101": ("89.50", "register"), "102": ("70.00", "survey"), "103": ("61.50", "survey")}


def test_an_import_needs_the_dry_run_it_confirms_and_a_registry_that_did_not_change(quiet_cast):
    run = dry(quiet_cast, 房屋=[[*HOME, "101", 89.5, "测绘", ""]])
    with pytest.raises(Refused, match="不是这一份"):
        imports.confirm(run, digest="0" * 64, actor=quiet_cast.actor("street_office"), now=NOW)
    building = Building.objects.get(estate=quiet_cast.estate, name="1幢")
    registry.register_unit(
        building, name="101", exclusive_area_m2=Decimal("70"), area_source="survey", actor=Actor.system(), now=NOW
    )
    with pytest.raises(Refused, match="有了变化"):
        taken(quiet_cast, run)
    assert Unit.objects.get().exclusive_area_m2 == 70
    assert ImportRun.objects.get(pk=run.pk).state == "checked"


def test_files_of_owners_do_not_lie_in_the_plain(quiet_cast, settings):
    run = dry(quiet_cast, 业主=[[*HOME, "101", "陈建国", "13912345678", "", "", "", ""]])
    kept = [path.read_bytes() for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]
    assert kept and not any(one.startswith(b"PK") for one in kept)
    assert imports.opened(run.file).startswith(b"PK")
    assert "13912345678" not in str(run.report)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04zip", b"a,b\n1,2", workbook(**{"楼幢": []})[:200]])
def test_what_is_no_workbook_is_refused_in_words(quiet_cast, content):
    with pytest.raises(Refused, match="xlsx|打不开"):
        imports.dry_run(
            name="x.xlsx", content=content, place=quiet_cast.street, actor=quiet_cast.actor("street_office"), now=NOW
        )


def test_only_keepers_import_and_only_for_their_own_place(quiet_cast):
    for role, place in (
        ("police", quiet_cast.street),
        ("owner", quiet_cast.street),
        ("street_office@2", quiet_cast.street),
    ):
        with pytest.raises(Refused) as refused:
            imports.dry_run(name="x", content=b"", place=place, actor=quiet_cast.actor(role), now=NOW)
        assert refused.value.status == 403


def test_columns_may_stand_in_another_order_and_a_missing_one_is_told(quiet_cast):
    import xlsxwriter

    target = BytesIO()
    book = xlsxwriter.Workbook(target)
    page = book.add_worksheet("房屋")
    page.write_row(0, 0, ["面积来源*", "室号", "楼幢", "小区", "专有面积*"])
    page.write_row(2, 0, ["测绘", "101", "1幢", "梧桐花园", 66])
    bad = book.add_worksheet("楼幢")
    bad.write_row(0, 0, ["小区"])
    book.close()
    actor = quiet_cast.actor("street_office")
    run = imports.dry_run(name="x.xlsx", content=target.getvalue(), place=quiet_cast.street, actor=actor, now=NOW)
    assert [one[:2] for one in told(run)] == [("楼幢", 1)]
    assert run.report["sheets"]["units"]["added"] == 1


@pytest.mark.parametrize("rows", [20, 400])
def test_the_number_of_statements_does_not_grow_with_the_rows(quiet_cast, rows, django_assert_max_num_queries):
    content = workbook(房屋=[[*HOME, str(n), 80, "测绘", ""] for n in range(rows)])
    actor = quiet_cast.actor("street_office")
    with django_assert_max_num_queries(60):
        imports.dry_run(name="x.xlsx", content=content, place=quiet_cast.street, actor=actor, now=NOW)


def test_a_project_that_overlaps_another_is_told_in_its_row(quiet_cast):
    run = dry(quiet_cast, 服务项目=[["梧桐花园", "和美物业服务有限公司", "", "", "", "", "2021-01-01", ""]])
    assert told(run)[0][:2] == ("服务项目", 2)
    assert Project.objects.filter(estate=quiet_cast.estate).count() == 1
