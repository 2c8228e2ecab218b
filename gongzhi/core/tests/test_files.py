import zipfile
from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from docx import Document as Word

from gongzhi.core import files
from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import Event, StoredFile
from gongzhi.core.refs import Ref
from gongzhi.core.tests.cast import NOW

pytestmark = pytest.mark.django_db
OWNER = Ref("case", "1", "某案", "34/")
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c4944415408d763f8cfc0000000030001"
    "5c26b9000000000049454e44ae426082"
)
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb004300") + b"\x08" * 64 + bytes.fromhex("ffd9")
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def docx(extra=()):
    target = BytesIO()
    Word().save(target)
    with zipfile.ZipFile(target, "a") as package:
        for name in extra:
            package.writestr(name, b"x")
    return target.getvalue()


@pytest.fixture(autouse=True)
def folder(settings, quiet):
    return settings.MEDIA_ROOT


def store(name, content):
    return core.store_file(SimpleUploadedFile(name, content), owner=OWNER, actor=Actor.public("投诉人"), now=NOW)


@pytest.mark.parametrize(
    ("name", "content", "type_"),
    [
        ("现场.png", PNG, "image/png"),
        ("现场.JPG", JPEG, "image/jpeg"),
        ("材料.pdf", PDF, "application/pdf"),
        ("说明.docx", docx(), files.DOCX),
        ("说明.txt", "楼道堆物".encode("gb18030"), "text/plain; charset=utf-8"),
    ],
)
def test_what_people_send_is_kept_whole_under_its_hash(name, content, type_, folder):
    row = store(name, content)
    assert (row.name, row.content_type, row.size) == (name, type_, len(content))
    with core.open_file(row) as file:
        assert file.read() == content
    assert row.sha256 in row.path and row.name not in row.path
    assert Event.objects.get(kind="file.stored").data["sha256"] == row.sha256


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("木马.exe", b"MZ\x90", "只收"),
        ("页面.html", b"<script>alert(1)</script>", "只收"),
        ("图.svg", b"<svg onload='x'/>", "只收"),
        ("没有扩展名", PNG, "只收"),
        ("页面.png", b"<html><script>alert(1)</script></html>", "不是 png"),
        ("换名.jpg", PDF, "不是 jpg"),
        ("换名.pdf", PNG, "不是 pdf"),
        ("二进制.txt", b"abc\x00def", "不是 txt"),
        ("宏.docx", docx(["word/vbaProject.bin"]), "不是 docx"),
        ("压缩.docx", b"PK\x03\x04broken", "不是 docx"),
        ("空.pdf", b"", "空的"),
    ],
)
def test_another_type_and_a_disguise_are_refused_with_what_to_send(name, content, says):
    with pytest.raises(Refused) as caught:
        store(name, content)
    assert says in caught.value.message
    assert "files" in caught.value.fields
    assert not StoredFile.objects.exists()


def test_a_file_over_the_limit_is_refused_and_one_at_the_limit_taken(settings):
    settings.UPLOAD_MAX_BYTES = files.MEGABYTE
    at_limit = PDF + b"\n" * (files.MEGABYTE - len(PDF))
    assert store("刚好.pdf", at_limit).size == files.MEGABYTE
    with pytest.raises(Refused, match="超过 1 MB"):
        store("过大.pdf", at_limit + b"\n")


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/图.png", "图.png"),
        ("C:\\照片\\图.png", "图.png"),
        ("长" * 300 + ".png", "长" * 116 + ".png"),
        ("a\nb.png", "ab.png"),
    ],
)
def test_a_name_is_never_a_path(name, kept):
    assert files._clean_name(name) == kept


def test_the_same_content_is_kept_once_and_belongs_to_both(folder):
    first, second = store("甲.png", PNG), store("乙.png", PNG)
    assert first.path == second.path
    assert sum(1 for path in folder.rglob("*") if path.is_file()) == 1
    assert [one.name for one in core.files_of(OWNER)] == ["甲.png", "乙.png"]


def test_what_was_uploaded_and_never_used_is_swept_and_what_shares_its_bytes_stays(quiet_cast, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    now, actor = quiet_cast.now, quiet_cast.actor("street_office")

    def sent(name: str, content: bytes, owner: Ref, at) -> StoredFile:
        return files.store_file(SimpleUploadedFile(name, content), owner=owner, actor=actor, now=at)

    upload, case = Ref(files.UPLOAD, "1", "", actor.place_path), Ref("estate", "1", "", actor.place_path)
    alone = sent("a.txt", "没有用上".encode(), upload, now)
    shared = sent("b.txt", "用上了的".encode(), upload, now)
    kept = sent("b.txt", "用上了的".encode(), case, now)
    fresh = sent("c.txt", "刚刚传的".encode(), upload, now + timedelta(hours=20))
    assert files.sweep_uploads(now=now + timedelta(hours=23)) == 0
    assert files.sweep_uploads(now=now + timedelta(hours=25)) == 2
    assert files.sweep_uploads(now=now + timedelta(hours=25)) == 0
    assert set(StoredFile.objects.filter(pk__in=[alone.pk, shared.pk, kept.pk, fresh.pk])) == {kept, fresh}
    assert not (tmp_path / alone.path).exists() and (tmp_path / kept.path).exists() and (tmp_path / fresh.path).exists()
    assert Event.objects.get(kind="file.uploads_swept").data["files"] == 2
