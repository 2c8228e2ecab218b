"""The two database roles: the owner migrates, the application works with fewer rights and never as a superuser."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from gongzhi.site.database import APP_ROLE

OLDEST_SERVER = 150000
APP = sql.Identifier(APP_ROLE)


class DatabaseNotReady(SystemExit):
    """The server cannot be used as it is; the message says what its administrator has to do."""


def prepare(conninfo: Mapping[str, Any]) -> None:
    """Creates the application's role if need be and grants what it may do with tables still to be made.

    Connects as the owner. Safe to repeat. Privileges come from the owner's defaults, at the moment a table is
    made: a migration that takes some away (from the event log) is not undone here.
    """
    try:
        connection = psycopg.connect(**conninfo, autocommit=True, connect_timeout=10)
    except psycopg.OperationalError as error:
        raise DatabaseNotReady(f"连不上数据库：{str(error).strip()}\n请检查 DATABASE_URL 和数据库服务。") from error
    with connection:
        version = connection.info.server_version
        if version < OLDEST_SERVER:
            raise DatabaseNotReady(f"PostgreSQL 版本太低（{version // 10000}），请使用 15 或更新的版本。")
        create_app_role(connection, member=connection.info.user)
        for statement in (
            "GRANT USAGE ON SCHEMA public TO {app}",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}",
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {app}",
        ):
            connection.execute(sql.SQL(statement).format(app=APP))


def create_app_role(connection: psycopg.Connection[Any], *, member: str) -> None:
    """Makes sure that `gongzhi_app` exists, is weak enough, and that `member` may step down to it."""
    found = connection.execute(
        "SELECT rolsuper OR rolbypassrls OR rolcanlogin FROM pg_roles WHERE rolname = %s", [APP_ROLE]
    ).fetchone()
    try:
        if found is None:
            try:
                connection.execute(
                    sql.SQL("CREATE ROLE {app} NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS").format(app=APP)
                )
            except (psycopg.errors.DuplicateObject, psycopg.errors.UniqueViolation):
                pass  # another process was faster
        elif found[0]:
            raise DatabaseNotReady(
                f"数据库角色 {APP_ROLE} 权限过大，请由数据库管理员执行："
                f"ALTER ROLE {APP_ROLE} NOLOGIN NOSUPERUSER NOBYPASSRLS;"
            )
        if not _may_step_down(connection, member):
            connection.execute(sql.SQL("GRANT {app} TO {member}").format(app=APP, member=sql.Identifier(member)))
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseNotReady(
            f"数据库角色 {member} 无权准备应用角色，请由数据库管理员执行：\n"
            f"  CREATE ROLE {APP_ROLE} NOLOGIN;\n"
            f'  GRANT {APP_ROLE} TO "{member}";'
        ) from error


def _may_step_down(connection: psycopg.Connection[Any], member: str) -> bool:
    found = connection.execute(
        "SELECT 1 FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid JOIN pg_roles u ON u.oid = m.member"
        " WHERE r.rolname = %s AND u.rolname = %s",
        [APP_ROLE, member],
    ).fetchone()
    return found is not None


@contextmanager
def as_owner(connection: Any) -> Iterator[None]:
    """Inside, a Django connection works with the owner's rights."""
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            with connection.cursor() as cursor:
                cursor.execute("RESET ROLE")
