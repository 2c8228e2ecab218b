"""Pages of the registry, below /xiaoqu/."""

from django.urls import path

from gongzhi.registry.views import chart, estate, facilities, governed, imports, listing, organisations, units

app_name = "registry"

urlpatterns = [
    path("", listing.estates, name="estates"),
    path("daochu/", listing.export, name="export"),
    path("wode/", listing.mine, name="mine"),
    path("dengji/", listing.register, name="register"),
    path("dishu/", listing.known, name="known"),
    path("daoru/", imports.upload, name="imports"),
    path("daoru/daochu/", imports.template, name="template"),
    path("daoru/<int:pk>/", imports.result, name="import"),
    path("daoru/<int:pk>/daochu/", imports.marked, name="marked"),
    path("jigou/", chart.chart, name="chart"),
    path("sheshi/", facilities.facilities, name="facilities"),
    path("sheshi/<int:pk>/", facilities.facility, name="facility"),
    path("sheshi/<int:pk>/jiancha/", facilities.inspect, name="inspect_facility"),
    path("sheshi/<int:pk>/tingyong/", facilities.end, name="end_facility"),
    path("danwei/", organisations.organisations, name="organisations"),
    path("danwei/<int:pk>/", organisations.organisation, name="organisation"),
    path("danwei/<int:pk>/daogang/", organisations.begin_post, name="begin_post"),
    path("danwei/<int:pk>/renyuan/", organisations.staff, name="staff"),
    path("danwei/<int:pk>/zhusuo/", organisations.address, name="address"),
    path("danwei/<int:pk>/jianbing/", organisations.join, name="join"),
    path("renyuan/<int:pk>/ligang/", organisations.leave, name="leave"),
    path("gangwei/<int:pk>/ligang/", organisations.end_post, name="end_post"),
    path("gangwei/<int:pk>/daiban/", organisations.deputy, name="deputy"),
    path("xiangmu/<int:pk>/tuichu/", governed.end_project, name="end_project"),
    path("xiangmu/<int:pk>/fuzeren/", governed.manager, name="manager"),
    path("heban/<int:pk>/", governed.review, name="review"),
    path("fangwu/<int:pk>/", units.unit, name="unit"),
    path("fangwu/<int:pk>/zhuanrang/", units.transfer, name="transfer"),
    path("fangwu/<int:pk>/mianji/", units.area, name="area"),
    path("fangwu/<int:pk>/yezhu/<int:owner>/", units.reveal, name="reveal"),
    path("<int:pk>/", estate.estate, name="estate"),
    path("<int:pk>/dengji/", estate.fact, name="fact"),
    path("<int:pk>/gai/", estate.change, name="change"),
    path("<int:pk>/ziliao/", estate.paper, name="paper"),
    path("<int:pk>/fangwu/", units.units, name="units"),
    path("<int:pk>/fangwu/dengji/", units.add, name="add_unit"),
    path("<int:pk>/sheshi/dengji/", facilities.add, name="add_facility"),
    path("<int:pk>/guanli/", facilities.management, name="management"),
    path("<int:pk>/qiye/", governed.project, name="project"),
    path("<int:pk>/heban/", governed.ask_review, name="ask_review"),
    path("<int:pk>/hebing/", governed.merge, name="merge"),
    path("<int:pk>/chaifen/", governed.split, name="split"),
]
