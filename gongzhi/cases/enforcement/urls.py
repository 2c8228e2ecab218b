"""Pages of enforcement, below /zhifa/."""

from django.urls import path

from gongzhi.cases.enforcement.views import acts, evidence, pages

app_name = "enforcement"

urlpatterns = [
    path("", pages.overview, name="overview"),
    path("xingdong/", pages.operations, name="operations"),
    path("xingdong/<int:pk>/", pages.operation, name="operation"),
    path("zhandian/", pages.stations, name="stations"),
    path("weijian/", pages.structures, name="structures"),
    path("weijian/<int:pk>/", pages.structure, name="structure"),
    path("chuzu/", pages.tenancies, name="tenancies"),
    path("chuzu/<int:pk>/", pages.tenancy, name="tenancy"),
    path("chuzu/<int:pk>/chengzuren/", acts.reveal, name="reveal"),
    path("chuzu/<int:pk>/<slug:code>/", acts.tenancy, name="tenancy_act"),
    path("changsuo/", pages.premises, name="premises"),
    path("zhengju/<slug:kind>/<int:pk>/", evidence.listing, name="evidence"),
    path("zhengju/<slug:kind>/<int:pk>/daochu/", evidence.package, name="package"),
    path("zhengju/<slug:kind>/<int:pk>/<slug:code>/", acts.evidence, name="evidence_act"),
    path("gaozhishu/<int:pk>/", evidence.notice_pdf, name="notice_pdf"),
    path("gongshipai/<int:pk>/", evidence.board_pdf, name="board_pdf"),
    path("ban/<slug:code>/", acts.act, name="begin"),
    path("ban/<slug:code>/<int:pk>/", acts.act, name="act"),
]
