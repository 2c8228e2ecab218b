"""Pages of patrols, below /xuncha/."""

from django.urls import path

from gongzhi.patrols.views import books, findings, phone, rounds

app_name = "patrols"

urlpatterns = [
    path("", rounds.listing, name="list"),
    path("jilu/<int:pk>/", rounds.round_shown, name="round"),
    path("jilu/<int:pk>/gengzheng/", rounds.correct, name="correct"),
    path("jilu/<int:pk>/zuofei/", rounds.void, name="void"),
    path("tongji/", rounds.figures, name="figures"),
    path("xuan/", rounds.choose, name="choose"),
    path("xiaoqu/<int:pk>/", rounds.estate, name="estate"),
    path("xiaoqu/<int:pk>/biao/<slug:code>/", rounds.fill, name="fill"),
    path("xiaoqu/<int:pk>/luxian/", rounds.set_route, name="set_route"),
    path("xiaoqu/<int:pk>/luxian/<int:route>/", rounds.change_route, name="change_route"),
    path("luxian/<int:pk>/", rounds.route, name="route"),
    path("luxian/<int:pk>/erweima.pdf", rounds.codes, name="codes"),
    path("luxian/<int:pk>/tingyong/", rounds.end_route, name="end_route"),
    path("dian/<slug:token>/", rounds.point, name="point"),
    path("sw.js", phone.worker, name="worker"),
    path("wenti/", findings.listing, name="findings"),
    path("wenti/daochu/", findings.export, name="findings_export"),
    path("wenti/<int:pk>/", findings.finding, name="finding"),
    path("wenti/<int:pk>/ban/<slug:code>/", findings.act, name="act"),
    path("xiaoqu/<int:pk>/shangbao/", findings.report, name="report"),
    path("dengji/", books.listing, name="books"),
    path("dengji/<slug:code>/", books.book, name="book"),
    path("dengji/<slug:code>/daochu/", books.export, name="book_export"),
    path("dengji/<slug:code>/xin/", books.enter, name="enter"),
    path("dengji/<slug:code>/xin/<int:pk>/", books.enter_estate, name="enter_estate"),
    path("ce/<int:pk>/", books.entry, name="entry"),
    path("ce/<int:pk>/xiugai/", books.change, name="change_entry"),
    path("ce/<int:pk>/ban/<slug:stage>/", books.stage, name="stage"),
    path("ce/<int:pk>/zhuxiao/", books.end, name="end_entry"),
]
