"""Addresses of the whole platform. A part without pages has no addresses; the navigation leaves it out."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from gongzhi.cases import views_public
from gongzhi.core import views as core_views
from gongzhi.funds.views import callbacks
from gongzhi.governance.votes.views import public as votes_public
from gongzhi.site import (
    views_account,
    views_calendar,
    views_estates,
    views_home,
    views_keys,
    views_log,
    views_receipts,
    views_second_factor,
)
from gongzhi.site.api import api
from gongzhi.site.callbacks import bounded
from gongzhi.site.captcha import guarded
from gongzhi.site.policy import views_ask, views_catalogue, views_clauses, views_simulate, views_switches

handler400 = "gongzhi.site.errors.bad_request"
handler403 = "gongzhi.site.errors.forbidden"
handler404 = "gongzhi.site.errors.not_found"
handler500 = "gongzhi.site.errors.server_error"

# (address, module): included when the part has pages.
PARTS = (
    ("", "gongzhi.core.urls"),
    ("gongzuotai/", "gongzhi.duties.urls"),
    ("anjian/", "gongzhi.cases.urls"),
    ("wenze/", "gongzhi.cases.accountability.urls"),
    ("zhifa/", "gongzhi.cases.enforcement.urls"),
    ("xiaoqu/", "gongzhi.registry.urls"),
    ("zuzhi/", "gongzhi.governance.bodies.urls"),
    ("biaojue/", "gongzhi.governance.votes.urls"),
    ("xuanpin/", "gongzhi.contracts.urls"),
    ("shebei/", "gongzhi.equipment.urls"),
    ("zijin/", "gongzhi.funds.urls"),
    ("tiaojie/", "gongzhi.mediation.urls"),
    ("xuncha/", "gongzhi.patrols.urls"),
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views_home.home, name="home"),
    path("denglu/", views_account.sign_in, name="login"),
    path("denglu/erci/", views_second_factor.challenge, name="second_factor"),
    path("denglu/erci/shezhi/", views_second_factor.settings_page, name="second_factor_settings"),
    path("denglu/erci/tingyong/", views_second_factor.switch_off, name="second_factor_off"),
    path("denglu/erci/tingyong/<int:pk>/", views_second_factor.switch_off_for, name="second_factor_off_for"),
    path("denglu/gangwei/", views_account.choose_post, name="choose_post"),
    path("denglu/kouling/", views_account.own_password, name="own_password"),
    path("tuichu/", views_account.sign_out, name="logout"),
    path("api/v1/", api.urls),
    path("jiekou/", views_keys.guide, name="api_guide"),
    path("jiekou/lingpai/", views_keys.keys, name="api_keys"),
    path("jiekou/lingpai/xin/", views_keys.issue, name="api_issue"),
    path("jiekou/lingpai/<int:pk>/", views_keys.key, name="api_key"),
    path("jiekou/lingpai/<int:pk>/shouhui/", views_keys.revoke, name="api_revoke"),
    path("jiekou/tuisong/xin/", views_keys.subscribe, name="api_subscribe"),
    path("jiekou/tuisong/<int:pk>/", views_keys.hook, name="api_hook"),
    path("jiekou/tuisong/<int:pk>/tingyong/", views_keys.unsubscribe, name="api_unsubscribe"),
    path("jiekou/tuisong/<int:pk>/<int:delivery>/zaisong/", views_keys.send_again, name="api_send_again"),
    path("healthz", views_home.healthz, name="healthz"),
    path("wuzhangai/", views_home.accessibility, name="accessibility"),
    path("hedui/", views_receipts.check, name="check_receipt"),
    path("hedui/rizhi/", views_log.listing, name="logs"),
    path("hedui/rizhi/<path:name>/checkpoint", views_log.checkpoint, name="log_checkpoint"),
    path("hedui/rizhi/<path:name>/keys", views_log.keys, name="log_keys"),
    path("hedui/rizhi/<path:name>/leaf", views_log.leaf, name="log_leaf"),
    path("hedui/rizhi/<path:name>/inclusion", views_log.inclusion, name="log_inclusion"),
    path("hedui/rizhi/<path:name>/consistency", views_log.consistency, name="log_consistency"),
    path("hedui/rizhi/<path:name>/export", views_log.export, name="log_export"),
    path("yinsi/", views_home.privacy, name="privacy"),
    path("tousu/", guarded(views_public.complain), name="complain"),
    path("tousu/xiaoqu/", guarded(views_public.choose_estate), name="complain_estates"),
    path("tousu/xiaoqu/<slug:code>/", guarded(views_public.choose_estate), name="complain_estates_in"),
    path("gongshi/", guarded(views_public.choose_estate), {"then": "estate_public"}, name="estates_public"),
    path(
        "gongshi/di/<slug:code>/",
        guarded(views_public.choose_estate),
        {"then": "estate_public"},
        name="estates_public_in",
    ),
    path("gongshi/<int:pk>/", views_estates.estate, name="estate_public"),
    path("tousu/<slug:number>/", guarded(views_public.receipt), name="complaint_receipt"),
    path("chaxun/", guarded(views_public.track), name="track"),
    path("chaxun/<slug:number>/", guarded(views_public.progress), name="track_complaint"),
    path("chaxun/<slug:number>/<int:pk>/pingjia/", guarded(views_public.rate), name="rate_case"),
    path("chaxun/<slug:number>/<int:pk>/chongban/", guarded(views_public.reopen), name="reopen_case"),
    path("biaojue/jieguo/<int:pk>/yiyi/", guarded(votes_public.objecting), name="object_to_result"),
    path("biaojue/gonggao/<int:pk>/yiyi/", guarded(votes_public.objecting_to_roll), name="object_to_roll"),
    path("zijin/huidiao/<str:handle>/", bounded(callbacks.notice), name="pay_notice"),
    path("duanxin/huizhi/<str:handle>/", bounded(core_views.sms_reports), name="sms_reports"),
    path("tiaokuan/", views_clauses.documents, name="clauses"),
    path("tiaokuan/<slug:slug>/", views_clauses.clauses, name="pack_clauses"),
    path("tiaokuan/<slug:slug>/kaiguan/", views_switches.switches, name="pack_switches"),
    path("zhize/", views_catalogue.own, name="own_duties"),
    path("tiaokuan/<slug:slug>/zhize/", views_catalogue.duties, name="pack_duties"),
    path("tiaokuan/<slug:slug>/zhize/daochu/", views_catalogue.export, name="pack_duties_export"),
    path("wenguize/", views_ask.questions, name="ask"),
    path("wenguize/<slug:slug>/moni/", views_simulate.simulation, name="simulate"),
    path("wenguize/<slug:slug>/<str:question>/", views_ask.ask, name="ask_question"),
    path("rili/", views_calendar.years, name="workdays"),
    path("rili/<int:year>/", views_calendar.year, name="workdays_of_year"),
    path("rili/<int:year>/luru/", views_calendar.enter, name="workdays_enter"),
]
urlpatterns += [path(address, include(module)) for address, module in PARTS if find_spec(module)]
