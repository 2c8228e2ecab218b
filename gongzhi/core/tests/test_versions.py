from types import SimpleNamespace

import pytest
from django.db import transaction

from gongzhi.core.actors import Actor
from gongzhi.core.errors import Refused
from gongzhi.core.models import FormKey, User
from gongzhi.core.refs import Ref
from gongzhi.core.tests.threads import at_once
from gongzhi.core.versions import check_version, form_key, keep_form_key

PUBLIC = Actor.public()


def test_a_row_changed_meanwhile_is_refused_as_stale():
    with pytest.raises(Refused) as caught:
        check_version(SimpleNamespace(version=3), 2)
    assert (caught.value.code, caught.value.status) == ("stale", 409)
    check_version(SimpleNamespace(version=3), 3)
    check_version(SimpleNamespace(version=3), None)


@pytest.mark.django_db
def test_the_second_click_is_shown_what_the_first_one_made():
    assert form_key("k", PUBLIC) is None
    keep_form_key("k", Ref("case", "7", "某案", "34/"))
    again = form_key("k", PUBLIC)
    assert (again.key, again.title, again.place_path) == ("case:7", "某案", "34/")


@pytest.mark.django_db
def test_a_first_click_that_was_refused_leaves_the_form_usable():
    assert form_key("k", PUBLIC) is None
    assert form_key("k", PUBLIC) is None
    assert FormKey.objects.count() == 1


@pytest.mark.django_db
def test_a_key_belongs_to_the_user_who_opened_the_form():
    form_key("k", PUBLIC)
    user = User.objects.create(username="u", display_name="某人")
    with pytest.raises(Refused):
        form_key("k", Actor(user, None, "", "", "某人"))


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["", "x" * 65])
def test_a_missing_or_overlong_key_is_refused(key):
    with pytest.raises(Refused):
        form_key(key, PUBLIC)


def test_eight_clicks_at_the_same_moment_make_one_thing(committed):
    made = []

    def click(number):
        with transaction.atomic():
            done = form_key("k", PUBLIC)
            if done is None:
                made.append(number)
                done = Ref("case", str(number))
                keep_form_key("k", done)
            return done.key

    assert len(set(at_once(click, times=8))) == 1
    assert len(made) == 1
