"""Pages of votes, below /biaojue/."""

from django.urls import path

from gongzhi.governance.votes.views import acts, downloads, paper, phone, public, sealed, staff, trustees

app_name = "governance"

urlpatterns = [
    path("", staff.listing, name="votes"),
    path("niding/", staff.draft, name="draft"),
    path("jieguo/", public.results, name="results"),
    path("jieguo/<int:pk>/", public.result, name="result"),
    path("jieguo/<int:pk>/yiyi/", public.objecting, name="object"),
    path("jieguo/<int:pk>/shuju/", public.export, name="export"),
    path("piao/<str:token>/", phone.phone, name="phone"),
    path("piao/<str:token>/huizhi/<slug:number>/", phone.ballot_receipt, name="ballot_receipt"),
    path("piao/<str:token>/xuanze/<slug:number>/", phone.own_choice, name="own_choice"),
    path("p/<str:typed>/", paper.by_code, name="paper_code"),
    path("zhizhi/<int:pk>/", paper.sheet, name="sheet"),
    path("zhizhi/<int:pk>/piaohao/", paper.code, name="sheet_code"),
    path("zhizhi/<int:pk>/buluru/", paper.set_aside, name="sheet_set_aside"),
    path("guize/<int:pk>/", acts.procedure, name="procedure"),
    path("rending/<int:pk>/", acts.adjudicate, name="adjudicate"),
    path("yiyi/<int:pk>/", acts.reply, name="reply"),
    path("<int:pk>/", staff.vote, name="vote"),
    path("<int:pk>/yiti/", staff.motion, name="motion"),
    path("<int:pk>/mingce/", staff.roll, name="roll"),
    path("<int:pk>/mingce/<slug:code>/lianjie/", acts.links, name="link"),
    path("<int:pk>/mingce/<slug:code>/tuiding/", acts.nominate, name="nominate"),
    path("<int:pk>/mingce/<slug:code>/gengzheng/", acts.correct, name="correct"),
    path("<int:pk>/zhizhi/", paper.overview, name="paper"),
    path("<int:pk>/zhizhi/dayin/", paper.printing, name="paper_print"),
    path("<int:pk>/zhizhi/saomiao/", paper.scanning, name="paper_scan"),
    path("tuoguan/<str:token>/", trustees.trustee, name="trustee"),
    path("<int:pk>/tuoguan/", trustees.overview, name="trustees"),
    path("<int:pk>/tuoguan/zhiding/", trustees.name, name="trustees_name"),
    path("<int:pk>/tuoguan/<int:number>/lianjie/", trustees.renew, name="trustee_renew"),
    path("<int:pk>/wujiming/xianchang/", sealed.desk, name="sealed_desk"),
    path("<int:pk>/wujiming/xianchang/<str:grant>/", sealed.booth, name="sealed_booth"),
    path("<int:pk>/wujiming/zhizhi/", sealed.paper, name="sealed_paper"),
    path("<int:pk>/songda/", acts.serve, name="serve"),
    path("<int:pk>/beianbiao/", downloads.filing, name="filing_form"),
    path("<int:pk>/canyu/", downloads.participants, name="participants"),
    path("<int:pk>/jianpiao/", downloads.opened, name="opened"),
    path("<int:pk>/ban/<slug:name>/", acts.act, name="act"),
]
