"""Patrols, findings and registers for other programs."""

from ninja import Router

from gongzhi.patrols.api import books, rounds

router = Router()
router.add_router("", rounds.router)
router.add_router("", books.router)
