"""Pages of choices, inspections, contracts and exits, below /xuanpin/."""

from django.urls import path

from gongzhi.contracts.pages import acts, contracts, procedures

app_name = "contracts"

urlpatterns = [
    path("", procedures.listing, name="list"),
    path("xin/", procedures.choose, name="choose"),
    path("xin/<int:pk>/<slug:kind>/", procedures.new, name="new"),
    path("zeling/", procedures.order_out, name="order_out"),
    path("wuren/", procedures.gaps, name="gaps"),
    path("<int:pk>/", procedures.one, name="procedure"),
    path("<int:pk>/buzhou/<slug:step>/", acts.step, name="step"),
    path("<int:pk>/qianzi/<int:party>/", acts.sign, name="sign"),
    path("<int:pk>/ban/<slug:code>/", acts.act, name="act"),
    path("gongshi/<int:pk>/", procedures.shown, name="shown"),
    path("hetong/", contracts.listing, name="contracts"),
    path("hetong/xin/<int:pk>/<slug:kind>/", contracts.new, name="contract_new"),
    path("hetong/<int:pk>/", contracts.one, name="contract"),
    path("hetong/<int:pk>/<slug:code>/", contracts.act, name="contract_act"),
    path("yijian/", contracts.remarks, name="remarks"),
    path("yijian/xin/<int:pk>/", contracts.remark_new, name="remark_new"),
    path("yijian/<int:pk>/dafu/", contracts.remark_answer, name="remark_answer"),
]
