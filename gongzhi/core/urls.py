from django.urls import path

from gongzhi.core import views

app_name = "core"

urlpatterns = [
    path("wenjian/<int:pk>/", views.file, name="file"),
    path("wenshu/<int:pk>/", views.document, name="document"),
    path("wenshu/<int:pk>/qianshou/", views.sign_for, name="sign_for"),
]
