"""What the worker does by the clock. A task that finds nothing due costs one query."""

import logging

from django.utils import timezone

from gongzhi.core import jobs
from gongzhi.duties import services as duties
from gongzhi.equipment import services as equipment
from gongzhi.funds.charges import services as charges
from gongzhi.funds.maintenance import services as fund
from gongzhi.funds.payments import services as payments
from gongzhi.governance.bodies import services as bodies
from gongzhi.registry import services as registry
from gongzhi.site import limits

logger = logging.getLogger(__name__)

EVERY_MINUTE = "* * * * *"
NIGHTLY = "20 3 * * *"
HOURLY = "5 * * * *"
TICK_LIMIT = 2000


@jobs.periodic("site.tick", cron=EVERY_MINUTE)
def tick() -> None:
    """Duties past due become overdue, reminders go out, ladders climb, recurrences open."""
    report = duties.tick(timezone.now(), limit=TICK_LIMIT)
    logger.log(logging.ERROR if report.ours else logging.INFO, "tick: %s", report)


@jobs.periodic("site.standing", cron=HOURLY)
def standing() -> None:
    """Standing duties of documents that came to hold today, and of units registered since."""
    opened = duties.open_standing(timezone.now())
    logger.info("standing duties opened: %s", opened)


@jobs.periodic("site.sweep_doors", cron=NIGHTLY)
def sweep_doors() -> None:
    """Forgets attempts and puzzles that no limit looks at any more."""
    limits.sweep(now=timezone.now())


@jobs.periodic("site.watch_inspections", cron=HOURLY)
def watch_inspections() -> None:
    """Equipment whose inspection held until yesterday: noted once, with what the local document makes of it."""
    logger.info("inspections that ran out: %s", registry.watch_inspections(timezone.now()))


@jobs.periodic("site.watch_equipment", cron=HOURLY)
def watch_equipment() -> None:
    """Checks and upkeep that were missed, contracts and permits that end soon."""
    logger.info("equipment: %s", equipment.watch(timezone.now()))


@jobs.periodic("site.watch_terms", cron=HOURLY)
def watch_terms() -> None:
    """Terms of committees that are about to end or have ended, years without an application."""
    logger.info("terms: %s", bodies.watch(timezone.now()))


@jobs.periodic("site.watch_renewals", cron=NIGHTLY)
def watch_renewals() -> None:
    """Estates whose maintenance fund fell below the renewal line, and those that reached their target again."""
    logger.info("renewals: %s", fund.watch_all(timezone.now()))


@jobs.periodic("site.watch_arrears", cron=NIGHTLY)
def watch_arrears() -> None:
    """Demands whose period ended unpaid, and whom the committees are to urge."""
    logger.info("arrears: %s", charges.note_periods_over(now=timezone.now()))


@jobs.periodic("site.watch_payments", cron=EVERY_MINUTE)
def watch_payments() -> None:
    """Payment orders and refunds of which no callback came: the provider is asked."""
    now = timezone.now()
    found = payments.look_after_orders(now), payments.look_after_refunds(now)
    if any(found):
        logger.info("payment orders and refunds asked after: %s, %s", *found)


@jobs.periodic("site.fetch_channel_bills", cron=HOURLY)
def fetch_channel_bills() -> None:
    """The payment providers' bills of the days that have none yet."""
    logger.info("bills of payment channels fetched: %s", payments.fetch_due(timezone.now()))


@jobs.periodic("site.refresh_certificates", cron=NIGHTLY)
def refresh_certificates() -> None:
    """The certificates that a payment provider signs with, where it uses them."""
    logger.info("certificates of payment channels refreshed: %s", payments.refresh_all_certificates())
