"""Pages of equipment and of what must be ready, below /shebei/."""

from django.urls import path

from gongzhi.equipment.pages import acts, beginning, board, lists, rows

app_name = "equipment"

urlpatterns = [
    path("", board.board, name="board"),
    path("tongji/", board.figures_page, name="figures"),
    path("gongkai/<int:pk>/", board.shown, name="shown"),
    path("yuqi/", lists.late, name="late"),
    path("xiaoqu/<int:pk>/", rows.estate, name="estate"),
    path("xin/<slug:what>/", beginning.choose, name="choose"),
    path("xin/<slug:what>/<int:pk>/", beginning.new, name="new"),
    path("hetong/", lists.contracts, name="contracts"),
    path("hetong/<int:pk>/", rows.contract, name="contract"),
    path("guzhang/", lists.faults, name="faults"),
    path("guzhang/<int:pk>/", rows.fault, name="fault"),
    path("jiancha/", lists.directives, name="directives"),
    path("jiancha/xiafa/", beginning.directive, name="directive_new"),
    path("jiancha/<int:pk>/", rows.directive, name="directive"),
    path("fankui/", lists.targets, name="targets"),
    path("yanlian/", lists.drills, name="drills"),
    path("fankui/<int:pk>/", rows.target, name="target"),
    path("zhenggai/", lists.defects, name="defects"),
    path("yuan/", lists.plans, name="plans"),
    path("yuan/benji/", beginning.place_plan, name="place_plan"),
    path("yuan/<int:pk>/", rows.plan, name="plan"),
    path("tufa/", lists.emergencies, name="emergencies"),
    path("tufa/<int:pk>/", rows.emergency, name="emergency"),
    path("shiyongzheng/", lists.permits, name="permits"),
    path("shiyongzheng/<int:pk>/", rows.permit, name="permit"),
    path("<slug:kind>/<int:pk>/ban/<slug:act>/", acts.act, name="act"),
]
