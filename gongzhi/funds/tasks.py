"""What the worker does for money when it is told. An edge of the platform: here the clock is read."""

from django.utils import timezone

from gongzhi.core import jobs
from gongzhi.funds.payments import services as payments
from gongzhi.funds.payments.models import RefundRequest


@jobs.task(payments.SEND)
def send_refund(request_id: int) -> None:
    """Asks the provider once; when he does not answer, the round of the worker asks again."""
    request = RefundRequest.objects.filter(pk=request_id).first()
    if request is not None:
        payments.send_refund(request, now=timezone.now())  # noqa: TID251 - an edge
