"""Addresses of the whole platform. Parts that are not installed have no addresses, and the navigation leaves them out."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from gongzhi.site import views_account, views_home

handler400 = "gongzhi.site.errors.bad_request"
handler403 = "gongzhi.site.errors.forbidden"
handler404 = "gongzhi.site.errors.not_found"
handler500 = "gongzhi.site.errors.server_error"

# (address, module): included when the part has pages.
PARTS = (
    ("", "gongzhi.core.urls"),
    ("gongzuotai/", "gongzhi.duties.urls"),
    ("anjian/", "gongzhi.cases.urls"),
    ("xiaoqu/", "gongzhi.registry.urls"),
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views_home.home, name="home"),
    path("denglu/", views_account.sign_in, name="login"),
    path("tuichu/", views_account.sign_out, name="logout"),
    path("healthz", views_home.healthz, name="healthz"),
]
urlpatterns += [path(address, include(module)) for address, module in PARTS if find_spec(module)]
