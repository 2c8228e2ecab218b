"""The one way a command says no. No Django."""

from collections.abc import Mapping, Sequence

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


UNAVAILABLE_STATUS = 503
MOST_PROBLEMS_TOLD = 3


class PackBroken(Refused):
    """The document attached to a place cannot be read: nothing is answered, and never by national law instead."""

    def __init__(self, pack: str, problems: Sequence[str]) -> None:
        told = "；".join(problems[:MOST_PROBLEMS_TOLD]) or "找不到这份文件的文件夹"
        more = f"（共{len(problems)}处）" if len(problems) > MOST_PROBLEMS_TOLD else ""
        super().__init__(
            "pack_broken",
            f"本地文件“{pack}”有错，没有装载，平台不能判断，也不用国家规定代替。{told}{more}。请系统管理员改正后再办。",
            status=UNAVAILABLE_STATUS,
        )
        self.pack = pack
        self.problems = tuple(problems)
