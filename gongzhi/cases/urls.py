from django.urls import path

from gongzhi.cases import (
    views_acts,
    views_bulk,
    views_case,
    views_checks,
    views_competence,
    views_intake,
    views_list,
    views_problems,
    views_registers,
)
from gongzhi.cases.hotline import views as hotline
from gongzhi.cases.statistics import views as statistics

app_name = "cases"

urlpatterns = [
    path("", views_list.listing, name="list"),
    path("daochu/", views_list.export, name="export"),
    path("piliang/", views_bulk.bulk, name="bulk"),
    path("piliang/fenpai/", views_bulk.bulk_assign, name="bulk_assign"),
    path("piliang/bingjian/", views_bulk.bulk_merge, name="bulk_merge"),
    path("dayin/", views_case.print_cases, name="print_many"),
    path("dengji/", views_intake.intake, name="intake"),
    path("dengji/laifangbiao/", views_intake.register_form, name="register_form"),
    path("taizhang/", views_registers.ledger, name="ledger"),
    path("taizhang/daochu/", views_registers.ledger_export, name="ledger_export"),
    path("redian/", views_registers.hotspots, name="hotspots"),
    path("redian/daochu/", views_registers.hotspots_export, name="hotspots_export"),
    path("tongji/", statistics.statistics, name="statistics"),
    path("tongji/daochu/", statistics.statistics_export, name="statistics_export"),
    path("tongji/tu/", statistics.statistics_chart, name="statistics_chart"),
    path("rexian/", hotline.exchange, name="hotline"),
    path("rexian/laiyuan/", hotline.new_source, name="hotline_source_new"),
    path("rexian/laiyuan/<int:pk>/", hotline.source, name="hotline_source"),
    path("rexian/laiyuan/<int:pk>/huichuan/", hotline.answers_file, name="hotline_answers"),
    path("rexian/laiyuan/<int:pk>/chongfa/", hotline.resend, name="hotline_resend"),
    path("rexian/<int:pk>/", hotline.run, name="hotline_run"),
    path("rexian/<int:pk>/biaozhu/", hotline.marked, name="hotline_marked"),
    path("jizhong/", statistics.concentration_page, name="concentration"),
    path("jizhong/daochu/", statistics.concentration_export, name="concentration_export"),
    path("jizhong/<int:pk>/", statistics.concentration_estate, name="concentration_estate"),
    path("jiancha/", views_checks.checks, name="checks"),
    path("jiancha/dengji/", views_checks.check_new, name="check_new"),
    path("zhize/", views_competence.competences, name="competences"),
    path("wenti/", views_problems.problems, name="problems"),
    path("wenti/dengji/", views_problems.register, name="problem_new"),
    path("wenti/daochu/", views_problems.problems_export, name="problems_export"),
    path("wenti/<slug:number>/", views_problems.problem, name="problem"),
    path("wenti/<slug:number>/<slug:code>/", views_problems.problem_act, name="problem_act"),
    path("danju/<slug:number>/", views_case.complaint, name="complaint"),
    path("<slug:number>/", views_case.case, name="case"),
    path("<slug:number>/dayin/", views_case.print_cases, name="print"),
    path("<slug:number>/juanzong/", views_case.package, name="zip"),
    path("<slug:number>/tousuren/", views_case.reveal, name="reveal"),
    path("<slug:number>/<slug:code>/", views_acts.act, name="act"),
]
