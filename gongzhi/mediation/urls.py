"""Pages of mediation, below /tiaojie/."""

from django.urls import path

from gongzhi.mediation.views import bodies, conferences, files

app_name = "mediation"

urlpatterns = [
    path("", files.listing, name="list"),
    path("shenqing/", files.choose, name="choose"),
    path("shenqing/<int:pk>/", files.apply, name="apply"),
    path("<int:pk>/", files.file, name="file"),
    path("<int:pk>/ban/<slug:code>/", files.act, name="act"),
    path("jigou/", bodies.bodies, name="bodies"),
    path("jigou/dengji/", bodies.register, name="register"),
    path("jigou/<int:pk>/tiaojieyuan/", bodies.add_mediator, name="add_mediator"),
    path("jigou/peixun/", bodies.train, name="train"),
    path("jigou/zhidao/", bodies.guide, name="guide"),
    path("jigou/xunhui/", bodies.plan, name="plan"),
    path("huiyi/", conferences.listing, name="conferences"),
    path("huiyi/dengji/", conferences.hold, name="hold_conference"),
    path("huiyi/<int:pk>/", conferences.conference, name="conference"),
    path("tongji/", bodies.figures, name="figures"),
]
