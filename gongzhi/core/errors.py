"""The one way a command says no. No Django."""

from collections.abc import Mapping

REFUSED_STATUS = 422


class Refused(Exception):  # noqa: N818 - the word of the design
    """A command was refused: what, why, by which clause, and what to do, in Chinese.

    `fields` maps a form field to the sentence shown beside it. `clause` is one clause id or several.
    """

    def __init__(
        self,
        code: str,
        message: str,
        clause: str | tuple[str, ...] | None = None,
        fields: Mapping[str, str] | None = None,
        status: int = REFUSED_STATUS,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.clauses: tuple[str, ...] = (clause,) if isinstance(clause, str) else tuple(clause or ())
        self.fields: dict[str, str] = dict(fields or {})
        self.status = status

    @property
    def clause(self) -> str | None:
        return self.clauses[0] if self.clauses else None
