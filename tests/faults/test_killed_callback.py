"""A web process that is killed in the middle of a payment provider's callback: no money lost, none twice."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.conf import settings as configured
from django.db import connection

from gongzhi.core.models import Event
from gongzhi.funds.charges.models import Settlement
from gongzhi.funds.payments import services as payments
from gongzhi.funds.payments.models import PayOrder, Receipt
from gongzhi.funds.payments.tests import paying
from gongzhi.funds.payments.tests.provider import Provider
from gongzhi.ledger.models import Entry

SECONDS = 60
# Serves over HTTP and says on which port; stops for good where it is told.
SERVER = """
import os, time
import django
from django.conf import settings
django.setup()
from django.db import connection
settings.DATABASES["default"]["NAME"] = os.environ["GONGZHI_TEST_NAME"]
connection.settings_dict["NAME"] = os.environ["GONGZHI_TEST_NAME"]
from wsgiref.simple_server import make_server
from django.core.wsgi import get_wsgi_application
from gongzhi.funds.payments.services import receiving
from gongzhi.funds.views import callbacks
def hang():
    print("reached", flush=True)
    time.sleep(120)
def stopping(real):
    def stop(*args, **kwargs):
        found = real(*args, **kwargs)
        hang()
        return found
    return stop
point = os.environ["GONGZHI_TEST_POINT"]
if point == "money is posted":
    receiving.charges.settle = stopping(receiving.charges.settle)
if point == "all is written":
    callbacks.payments.take_notice = stopping(callbacks.payments.take_notice)
application = get_wsgi_application()
def answering(environ, start_response):
    found = application(environ, start_response)
    if point == "committed":
        hang()
    return found
server = make_server("127.0.0.1", 0, answering)
print(server.server_port, flush=True)
server.serve_forever()
"""


class Server:
    def __init__(self, point: str, handle: str) -> None:
        environment = {
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "gongzhi.site.settings",
            "GONGZHI_TEST_NAME": str(connection.settings_dict["NAME"]),
            "GONGZHI_TEST_POINT": point,
            "PYTHONPATH": str(configured.BASE_DIR),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVER],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout is not None
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}/zijin/huidiao/{handle}/"

    def tell(self, given: Any, *, seconds: float = SECONDS) -> httpx.Response:
        headers, body = given
        return httpx.post(self.url, content=body, headers=headers, timeout=seconds)

    def wait(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline().strip() == "reached"

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate(timeout=SECONDS)


@pytest.mark.parametrize("again", ["callback", "worker"])
@pytest.mark.parametrize("point", ["money is posted", "all is written", "committed"])
def test_the_money_of_a_killed_callback_is_in_the_books_once(
    committed: None, settings: Any, point: str, again: str
) -> None:
    provider = Provider()
    settings.PAY_WECHAT_URL = provider.url
    try:
        cast = paying.made()
        unit = paying.home(cast)
        owed, channel = paying.bill(cast, unit, "300.00"), paying.channel(cast)
        order = paying.ordered(cast, channel, [owed])
        provider.pay(order.number)
        entries = Entry.objects.count()
        killed = Server(point, channel.handle)
        try:
            with pytest.raises(httpx.ReadTimeout):
                killed.tell(provider.wechat_notice(order.number), seconds=15)
            killed.wait()
        finally:
            killed.kill()
        left = Settlement.objects.count()
        assert left == (1 if point == "committed" else 0) and Entry.objects.count() == entries + left
        if again == "worker":
            payments.look_after_orders(cast.now + timedelta(minutes=1))
        else:
            other = Server("", channel.handle)
            try:
                for _ in range(2):
                    assert other.tell(provider.wechat_notice(order.number)).status_code == 200
            finally:
                other.kill()
    finally:
        provider.stop()
    owed.refresh_from_db()
    assert owed.open_fen == 0 and PayOrder.objects.get().state == "paid"
    assert Settlement.objects.count() == Receipt.objects.count() == 1
    assert Event.objects.filter(kind="payment.arrived").count() == 1
    assert paying.balances(cast)["transit.wechat"] == 30_000
