"""The application works with fewer rights than the owner of its tables."""

import psycopg
import pytest
from django.db import connection, connections
from django.db.utils import ProgrammingError

from gongzhi.site import roles
from gongzhi.site.database import owner_conninfo

pytestmark = pytest.mark.django_db


def _one(question: str) -> tuple[object, ...]:
    with connection.cursor() as cursor:
        cursor.execute(question)
        return tuple(cursor.fetchone())


def test_the_application_is_neither_superuser_nor_above_row_security() -> None:
    assert _one("SELECT current_user, session_user") == ("gongzhi_app", "gongzhi_owner")
    rights = "rolsuper, rolbypassrls, rolcanlogin, rolcreaterole, rolcreatedb"
    assert _one(f"SELECT {rights} FROM pg_roles WHERE rolname = current_user") == (False,) * 5
    assert _one("SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = session_user") == (False, False)


def test_the_application_reads_and_writes_rows_of_migrated_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO django_content_type (app_label, model) VALUES ('try', 'out') RETURNING id")
        number = cursor.fetchone()[0]
        cursor.execute("DELETE FROM django_content_type WHERE id = %s", [number])
        assert cursor.rowcount == 1


@pytest.mark.parametrize(
    "statement",
    ["CREATE TABLE intruder (id int)", "DROP TABLE django_session", "TRUNCATE django_session", "CREATE ROLE intruder"],
)
def test_the_application_may_not_change_tables_or_roles(statement: str) -> None:
    with pytest.raises(ProgrammingError), connection.cursor() as cursor:
        cursor.execute(statement)


def test_preparing_again_does_not_give_back_what_a_migration_took_away() -> None:
    conninfo = owner_conninfo(connections["default"].settings_dict)
    with psycopg.connect(**conninfo, autocommit=True) as owner:
        owner.execute("CREATE TABLE once_only (id int)")
        try:
            owner.execute("REVOKE UPDATE, DELETE ON once_only FROM gongzhi_app")
            roles.prepare(conninfo)
            asked = "SELECT has_table_privilege('gongzhi_app', 'once_only', %s)"
            assert [owner.execute(asked, [right]).fetchone() for right in ("INSERT", "DELETE")] == [(True,), (False,)]
        finally:
            owner.execute("DROP TABLE once_only")


def test_a_server_that_does_not_answer_is_named_in_chinese() -> None:
    conninfo = {**owner_conninfo(connections["default"].settings_dict), "host": "/nonexistent"}
    with pytest.raises(roles.DatabaseNotReady, match="连不上数据库"):
        roles.prepare(conninfo)


def test_the_owner_steps_up_only_inside_the_block() -> None:
    with roles.as_owner(connection):
        assert _one("SELECT current_user") == ("gongzhi_owner",)
    assert _one("SELECT current_user") == ("gongzhi_app",)
