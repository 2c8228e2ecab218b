"""What the worker does for money when it is told. An edge of the platform: here the clock is read."""

from django.utils import timezone

from gongzhi.core import jobs
from gongzhi.funds.charges.models import BillingRun
from gongzhi.funds.charges.services import billing
from gongzhi.funds.payments import services as payments
from gongzhi.funds.payments.models import RefundRequest


@jobs.task(payments.SEND)
def send_refund(request_id: int) -> None:
    """Asks the provider once; when he does not answer, the round of the worker asks again."""
    request = RefundRequest.objects.filter(pk=request_id).first()
    if request is not None:
        payments.send_refund(request, now=timezone.now())  # noqa: TID251 - an edge


@jobs.task(billing.TASK)
def go_on_billing(run_id: int) -> None:
    billing.go_on(_run(run_id), now=timezone.now())  # noqa: TID251 - an edge


@jobs.task(payments.PRINT)
def print_run(run_id: int, base: str) -> None:
    payments.print_run(_run(run_id), base=base, now=timezone.now())  # noqa: TID251 - an edge


@jobs.task(payments.TELL)
def tell_run(run_id: int, base: str) -> None:
    payments.tell_run(_run(run_id), base=base, now=timezone.now())  # noqa: TID251 - an edge


def _run(run_id: int) -> BillingRun:
    return BillingRun.objects.select_related("project__estate", "project__company").get(pk=run_id)
