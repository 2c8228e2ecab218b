"""The platform's addresses and one bare view that inserts a row: what a POST costs on this server."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import path

from gongzhi.site.urls import urlpatterns as platform

ROW = "INSERT INTO bare_row (at, body) VALUES (now(), %s)"


def bare(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(ROW, [request.POST["body"]])
    return HttpResponse(status=303)


urlpatterns = [*platform, path("bare/", bare)]
