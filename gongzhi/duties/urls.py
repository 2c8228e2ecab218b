from django.urls import path

from gongzhi.duties import views

app_name = "duties"

urlpatterns = [
    path("", views.desk, name="desk"),
    path("piliang/", views.act, name="act"),
    path("banjie/", views.fulfil_many, name="fulfil_many"),
    path("daochu/", views.export, name="export"),
    path("qingdan/", views.today_list, name="today"),
    path("qian/", views.owed, name="owed"),
    path("richeng/", views.calendar, name="calendar"),
    path("danwei/", views.units, name="units"),
    path("danwei/<int:pk>/", views.unit, name="unit"),
    path("jiaoban/", views.tasks, name="tasks"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/<slug:code>/", views.do, name="do"),
]
