"""Pages of money, below /zijin/."""

from django.urls import path

from gongzhi.funds.views import books, fund, revenue, uses

app_name = "funds"

urlpatterns = [
    path("", books.overview, name="overview"),
    path("xuchou/", fund.renewals, name="renewals"),
    path("shiyong/", uses.listing, name="uses"),
    path("shiyong/<int:pk>/", uses.use, name="use"),
    path("shiyong/<int:pk>/ban/", uses.step, name="step"),
    path("shiyong/<int:pk>/duban/", uses.back, name="use_back"),
    path("wode/", revenue.mine, name="mine"),
    path("shouyi/", revenue.flagged, name="flagged"),
    path("shouyi/<int:pk>/jiechu/", revenue.clear, name="clear"),
    path("gongshi/<int:pk>/", revenue.shown, name="shown"),
    path("gongshi/<int:pk>/yiwen/", revenue.ask, name="ask"),
    path("yiwen/<int:pk>/", revenue.reply, name="reply"),
    path("xiaoqu/<int:pk>/shouyi/", revenue.estate, name="revenue"),
    path("xiaoqu/<int:pk>/shouyi/<slug:act>/", revenue.act, name="revenue_act"),
    path("zhanghu/<int:pk>/", books.bank, name="bank"),
    path("zhanghu/<int:pk>/duizhangdan/", books.statement, name="statement"),
    path("liushui/<int:pk>/", books.match, name="match"),
    path("fenhu/<int:pk>/", fund.unit, name="unit"),
    path("xiaoqu/<int:pk>/", books.estate, name="estate"),
    path("xiaoqu/<int:pk>/duizhang/<slug:purse>/", books.ledger, name="ledger"),
    path("xiaoqu/<int:pk>/zhanghu/", books.register_account, name="account"),
    path("xiaoqu/<int:pk>/heding/", fund.assess, name="assess"),
    path("xiaoqu/<int:pk>/jiaocun/", fund.deposit, name="deposit"),
    path("xiaoqu/<int:pk>/jieguan/", fund.take_over, name="take_over"),
    path("xiaoqu/<int:pk>/zengzhi/", fund.interest, name="interest"),
    path("xiaoqu/<int:pk>/chayan/", fund.gate, name="gate"),
    path("xiaoqu/<int:pk>/fenhu/", fund.units, name="units"),
    path("xiaoqu/<int:pk>/zhidao/", fund.guide, name="guide"),
    path("xiaoqu/<int:pk>/duban/", fund.urge, name="urge"),
    path("xiaoqu/<int:pk>/xujiao/", fund.assess_renewal, name="assess_renewal"),
    path("xiaoqu/<int:pk>/shiyong/", uses.propose, name="propose"),
]
