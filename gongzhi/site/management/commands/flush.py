from typing import Any

from django.core.management.commands.flush import Command as DjangoCommand
from django.db import connections

from gongzhi.site import roles


class Command(DjangoCommand):
    """Django's own, with the owner's rights: the application may not empty tables."""

    def handle(self, **options: Any) -> None:
        with roles.as_owner(connections[options["database"]]):
            super().handle(**options)
