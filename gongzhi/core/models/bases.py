"""What rows of many apps share: the path of their place."""

from typing import Any, Self

from django.db import models


class PlaceQuerySet(models.QuerySet[Any]):
    def within(self, place_path: str) -> Self:
        """Rows of that place and of everything below it. The empty path holds nothing."""
        return self.filter(place_path__startswith=place_path) if place_path else self.none()


class PlaceBound(models.Model):
    """A row that belongs to a place. `place_path` is the path of the place at the time of writing."""

    place_path = models.TextField("地区路径")

    objects = PlaceQuerySet.as_manager()

    class Meta:
        abstract = True
        indexes = [
            models.Index(fields=["place_path"], opclasses=["text_pattern_ops"], name="%(app_label)s_%(class)s_path")
        ]
