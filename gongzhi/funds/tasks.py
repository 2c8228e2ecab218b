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
    run = BillingRun.objects.select_related("project__estate").get(pk=run_id)
    billing.go_on(run, now=timezone.now())  # noqa: TID251 - an edge
