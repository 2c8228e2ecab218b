"""The readers of environment variables, and what becomes of a database address."""

from pathlib import Path

import pytest

from gongzhi.site import database, env


@pytest.mark.parametrize(("value", "expected"), [("1", True), ("Yes", True), ("off", False), ("0", False), ("", True)])
def test_a_flag_reads_common_words_and_falls_back_when_empty(value: str, expected: bool) -> None:
    assert env.flag("F", default=True, environ={"F": value}) is expected


@pytest.mark.parametrize("value", ["maybe", "2", "是"])
def test_a_flag_refuses_anything_else_by_name(value: str) -> None:
    with pytest.raises(env.BadSetting, match="环境变量 F 的值"):
        env.flag("F", environ={"F": value})


@pytest.mark.parametrize("value", ["0", "11", "-1", "1.5", "x", "٣"])
def test_a_number_outside_its_limits_stops_the_start(value: str) -> None:
    with pytest.raises(env.BadSetting, match="1 到 10"):
        env.whole("N", default=5, least=1, most=10, environ={"N": value})


@pytest.mark.parametrize("value", ["1", "10"])
def test_a_number_on_its_limits_is_read(value: str) -> None:
    assert env.whole("N", default=5, least=1, most=10, environ={"N": value}) == int(value)


def test_a_relative_folder_is_refused() -> None:
    with pytest.raises(env.BadSetting, match="绝对路径"):
        env.folder("D", default=Path("/srv"), environ={"D": "var"})


@pytest.mark.parametrize("value", ["wuye.example.cn", "ftp://wuye.example.cn", "https://wuye.example.cn/path"])
def test_an_origin_is_a_whole_address_without_a_path(value: str) -> None:
    with pytest.raises(env.BadSetting, match="完整的网址"):
        env.origins("O", environ={"O": value})


def test_a_database_address_becomes_settings_of_the_application_role() -> None:
    found = database.django_settings("postgresql://boss:s%40cret@db.example:6432/city?sslmode=require")
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"]) == ("boss", "s@cret", "db.example", "6432")
    assert found["OPTIONS"] == {"sslmode": "require", "options": "-c role=gongzhi_app", "prepare_threshold": 5}


def test_the_owner_connects_without_stepping_down_but_keeps_other_options() -> None:
    settings = database.django_settings("postgresql://boss@db/city?options=-c%20statement_timeout%3D5s&sslmode=require")
    assert settings["OPTIONS"]["options"] == "-c statement_timeout=5s -c role=gongzhi_app"
    assert database.owner_conninfo(settings) == {
        "dbname": "city",
        "user": "boss",
        "host": "db",
        "options": "-c statement_timeout=5s",
        "sslmode": "require",
    }


@pytest.mark.parametrize("url", ["mysql://a:secret@b/c", "postgresql://a:secret@b"])
def test_a_bad_database_address_is_refused_without_showing_its_password(url: str) -> None:
    with pytest.raises(env.BadSetting, match="DATABASE_URL") as refusal:
        database.django_settings(url)
    assert "secret" not in str(refusal.value)


def test_a_log_is_named_after_a_host_and_no_other_text() -> None:
    assert env.host_path("S", default="gongzhi.localhost", environ={}) == "gongzhi.localhost"
    assert env.host_path("S", default="x", environ={"S": "example.gov.cn/wuye"}) == "example.gov.cn/wuye"
    for value in ("https://a.cn", "A.cn", "a b", "a+b", "a/b/c", "名"):
        with pytest.raises(env.BadSetting, match="域名"):
            env.host_path("S", default="x", environ={"S": value})


def test_an_authority_is_a_whole_address_and_its_roots_a_file(tmp_path: Path) -> None:
    assert env.address("A", environ={"A": "https://tsa.example.cn/tsr"}) == "https://tsa.example.cn/tsr"
    assert (env.address("A", environ={}), env.file("F", environ={})) == ("", None)
    for value in ("tsa.example.cn", "ftp://a.cn/"):
        with pytest.raises(env.BadSetting, match="完整的网址"):
            env.address("A", environ={"A": value})
    (tmp_path / "root.pem").write_text("x")
    assert env.file("F", environ={"F": str(tmp_path / "root.pem")}) == tmp_path / "root.pem"
    for value in ("root.pem", str(tmp_path / "none")):
        with pytest.raises(env.BadSetting, match="绝对路径"):
            env.file("F", environ={"F": value})
