"""Who holds several posts, or stands in for somebody, chooses in which he acts; nobody else is offered it."""

from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from gongzhi.core import services as core
from gongzhi.core.actors import Actor
from gongzhi.core.tests.cast import Cast

pytestmark = pytest.mark.django_db


def test_a_deputy_comes_to_the_desk_of_whom_he_stands_in_for_and_back(cast: Cast) -> None:
    post, deputy = cast.user("street_office").posts.get(), cast.user("community_station")
    own = deputy.posts.get()
    core.set_deputy(post, deputy=deputy, from_on=date(2022, 5, 1), actor=Actor.system(), now=cast.now)
    client, page = Client(), reverse("choose_post")
    client.force_login(deputy)
    assert page in client.get(reverse("duties:desk")).content.decode()
    shown = client.get(page).content.decode()
    assert f"代{cast.user('street_office')}" in shown and "现在用的" in shown
    assert client.post(page, {"post": post.pk})["Location"] == reverse("duties:desk")
    assert str(post.organisation) in client.get(reverse("duties:desk")).content.decode()
    other = cast.user("housing").posts.get()
    assert client.post(page, {"post": other.pk}).status_code == 422, "somebody else's post is not his"
    assert client.post(page, {"post": own.pk}).status_code == 303
    single = Client()
    single.force_login(cast.user("housing"))
    assert page not in single.get(reverse("duties:desk")).content.decode()
