from types import SimpleNamespace

import pytest
from django.contrib.sessions.backends.signed_cookies import SessionStore
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory

from gongzhi.core import refs
from gongzhi.core import services as core
from gongzhi.core.middleware import POST_SESSION_KEY, ActorMiddleware
from gongzhi.core.models import Post
from gongzhi.core.refs import Ref
from gongzhi.core.tests.cast import NOW
from gongzhi.core.tests.test_files import PDF, PNG

pytestmark = pytest.mark.django_db


@pytest.fixture
def readable(monkeypatch):
    """A kind of row that the street may read and nobody else."""
    monkeypatch.setattr(refs, "_kinds", dict(refs._kinds))
    refs.register_kind(
        "thing",
        load=lambda pk: SimpleNamespace(pk=pk) if pk == "1" else None,
        may_read=lambda actor, row: actor.role == "street_office",
    )


def stored(cast, name, content, role="community_station", owner="1"):
    return core.store_file(
        SimpleUploadedFile(name, content),
        owner=Ref("thing", owner, "", cast.county.path),
        actor=cast.actor(role),
        now=NOW,
    )


@pytest.mark.parametrize(("role", "status"), [("street_office", 200), ("community_station", 403), ("police", 403)])
def test_a_file_goes_to_whoever_may_read_its_row_and_not_to_who_sent_it(quiet_cast, readable, client, role, status):
    client.force_login(quiet_cast.user(role))
    assert client.get(f"/wenjian/{stored(quiet_cast, 'a.png', PNG).pk}/").status_code == status


def test_the_public_gets_no_file(quiet_cast, readable, client):
    assert client.get(f"/wenjian/{stored(quiet_cast, 'a.png', PNG).pk}/").status_code == 403


def test_a_file_of_a_row_that_is_gone_goes_to_nobody(quiet_cast, readable, client):
    file = stored(quiet_cast, "a.png", PNG, owner="2", role="street_office")
    client.force_login(quiet_cast.user("street_office"))
    assert client.get(f"/wenjian/{file.pk}/").status_code == 403


@pytest.mark.parametrize(
    ("name", "content", "how"),
    [("现场.png", PNG, "inline"), ("材料.pdf", PDF, "inline"), ("说明.txt", "你好".encode(), "attachment")],
)
def test_pictures_and_pdf_open_in_the_page_and_all_else_is_saved(quiet_cast, readable, client, name, content, how):
    client.force_login(quiet_cast.user("street_office"))
    response = client.get(f"/wenjian/{stored(quiet_cast, name, content).pk}/")
    assert b"".join(response.streaming_content) == content
    assert response.headers["Content-Disposition"].startswith(how)
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src" not in policy
    assert ("sandbox" in policy) is (not name.endswith("pdf"))


def test_a_file_whose_bytes_are_gone_is_not_there(quiet_cast, readable, client, settings):
    file = stored(quiet_cast, "a.png", PNG)
    (settings.MEDIA_ROOT / file.path).unlink()
    client.force_login(quiet_cast.user("street_office"))
    assert client.get(f"/wenjian/{file.pk}/").status_code == 404


def test_a_request_carries_one_moment_and_the_post_that_was_chosen(quiet_cast):
    deputy, holder = quiet_cast.user("community_station"), quiet_cast.user("street_office")
    post = Post.objects.get(user=holder)
    core.set_deputy(post, deputy=deputy, from_on=post.begins_on, actor=quiet_cast.actor("street_office"), now=NOW)
    request = RequestFactory().get("/")
    request.user, request.session = deputy, SessionStore()
    request.session[POST_SESSION_KEY] = post.pk
    seen = ActorMiddleware(lambda request: request)(request)
    assert seen.actor.role == "street_office"
    assert seen.now.tzinfo is not None
