"""Columns of a case by stage, kept apart so that each stage reads as one page."""

from django.db import models

FINDINGS = {"requested": "已商请", "unlawful": "违法", "lawful": "合法"}
CALL_BACKS = {"satisfied": "满意", "unsatisfied": "不满意", "unreachable": "联系不上"}


class EnforcementFields(models.Model):
    """Looking, finding, filing, punishing."""

    verified_at = models.DateTimeField("现场核实时间", null=True, blank=True)
    contacted_at = models.DateTimeField("告知期限时间", null=True, blank=True)
    promised_on = models.DateField("告知的办理期限", null=True, blank=True)
    intervened_at = models.DateTimeField("前期介入时间", null=True, blank=True)
    investigated_at = models.DateTimeField("调查取证时间", null=True, blank=True)
    enforced_at = models.DateTimeField("执法处理时间", null=True, blank=True)
    finding_role = models.CharField("认定职责", max_length=40, blank=True)
    finding = models.CharField("认定意见", max_length=12, choices=list(FINDINGS.items()), blank=True)
    finding_at = models.DateTimeField("认定时间", null=True, blank=True)
    filed_at = models.DateTimeField("立案时间", null=True, blank=True)
    filing_number = models.CharField("立案文号", max_length=80, blank=True)
    penalty_number = models.CharField("处罚决定文号", max_length=80, blank=True)
    penalised_at = models.DateTimeField("处罚时间", null=True, blank=True)
    police_requested_at = models.DateTimeField("请求公安支援时间", null=True, blank=True)
    police_arrived_at = models.DateTimeField("公安到场时间", null=True, blank=True)
    transferred_at = models.DateTimeField("移交时间", null=True, blank=True)
    shirking_found_at = models.DateTimeField("认定推诿时间", null=True, blank=True)

    class Meta:
        abstract = True


class ClosingFields(models.Model):
    """Answering, asking back, closing, filing away."""

    handled_at = models.DateTimeField("处理完毕时间", null=True, blank=True)
    result = models.TextField("处理结果", blank=True)
    explained_at = models.DateTimeField("逾期说明时间", null=True, blank=True)
    explanation = models.TextField("逾期说明", blank=True)
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    answer_text = models.TextField("答复内容", blank=True)
    answered_late = models.BooleanField("逾期答复", null=True, blank=True)
    on_spot = models.BooleanField("当场办结", default=False)
    called_back_at = models.DateTimeField("回访时间", null=True, blank=True)
    call_back_result = models.CharField("回访结果", max_length=12, choices=list(CALL_BACKS.items()), blank=True)
    stars = models.PositiveSmallIntegerField("评价", null=True, blank=True)
    rating_text = models.CharField("评价内容", max_length=500, blank=True)
    reopened_at = models.DateTimeField("重新办理时间", null=True, blank=True)
    reopened_times = models.PositiveSmallIntegerField("重新办理次数", default=0)
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    archived_at = models.DateTimeField("归档时间", null=True, blank=True)
    suspended_at = models.DateTimeField("挂起时间", null=True, blank=True)
    void_reason = models.CharField("作废原因", max_length=200, blank=True)

    class Meta:
        abstract = True
