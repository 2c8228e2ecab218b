from typing import Any

from django.core.management.commands.migrate import Command as DjangoCommand
from django.db import connections

from gongzhi.site import migrating, roles
from gongzhi.site.database import owner_conninfo


class Command(DjangoCommand):
    """Django's own, with the owner's rights and the application's role in place before the first table."""

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        roles.prepare(owner_conninfo(connection.settings_dict))
        with roles.as_owner(connection), migrating.brisk():
            super().handle(*args, **options)
