"""Pages of the bodies, below /zuzhi/."""

from django.urls import path

from gongzhi.governance.bodies.views import assessing, details, doing, forming, listing, matters, notices, papers

app_name = "bodies"

urlpatterns = [
    path("", listing.bodies, name="list"),
    path("wode/", listing.mine, name="mine"),
    path("xiaoqu/<int:pk>/", listing.estate, name="estate"),
    path("kaohe/", assessing.ranking, name="ranking"),
    path("diqu/<int:pk>/", listing.place, name="place"),
    path("<int:pk>/", details.body, name="body"),
    path("zujian/<int:pk>/", forming.formation, name="formation"),
    path("zujian/<int:pk>/zijian/", doing.volunteer, name="volunteer"),
    path("zujian/<int:pk>/gongshi/", listing.notice, name="notice"),
    path("renxuan/<int:pk>/", papers.candidate, name="candidate"),
    path("beian/<int:pk>/", papers.filing, name="filing"),
    path("yijiao/<int:pk>/", papers.handover, name="handover"),
    path("yijiao/<int:pk>/wenshu/", papers.handover_list, name="handover_list"),
    path("lianming/<int:pk>/", matters.petition, name="petition"),
    path("huiyi/<int:pk>/", matters.meeting, name="meeting"),
    path("jiuzheng/<int:pk>/", matters.correction, name="correction"),
    path("zhidao/<int:pk>/", matters.advice, name="advice"),
    path("chachu/<int:pk>/", matters.charge, name="charge"),
    path("daibiao/<int:pk>/", matters.representatives, name="representatives"),
    path("gonggao/<int:pk>/", notices.shown, name="shown"),
    path("jubao/<int:pk>/", notices.report, name="report"),
    path("guiyue/<int:pk>/", matters.text, name="text"),
    path("ban/<slug:kind>/<int:pk>/<slug:code>/", doing.act, name="act"),
]
