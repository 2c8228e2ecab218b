"""Who serves an estate: companies, their projects, managers, staff and papers."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Q

from gongzhi.core.models import Event, Organisation, PersonalData, PlaceBound, StoredFile, User
from gongzhi.registry.models.estates import Estate
from gongzhi.registry.models.spans import days
from gongzhi.registry.questions import SERVICE_KINDS


class Project(PlaceBound):
    """A company's service of an estate from a day to a day, both included. One company a day."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="projects", verbose_name="小区")
    company = models.ForeignKey(Organisation, models.PROTECT, related_name="projects", verbose_name="物业服务企业")
    manager = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="managed_projects", verbose_name="项目经理"
    )
    service_kind = models.CharField("服务方式", max_length=12, choices=list(SERVICE_KINDS.items()), default="market")
    service_standard = models.CharField("服务标准", max_length=40, blank=True)
    fee = models.CharField("收费标准", max_length=60, blank=True)
    fee_yuan_m2_month = models.DecimalField(
        "物业费（元/平方米·月）", max_digits=8, decimal_places=4, null=True, blank=True
    )
    from_on = models.DateField("服务起")
    to_on = models.DateField("服务止", null=True, blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "物业项目"
        constraints = [
            models.CheckConstraint(condition=Q(to_on=None) | Q(to_on__gte=F("from_on")), name="registry_project_dates"),
            ExclusionConstraint(
                name="registry_project_one_a_day",
                expressions=[("estate", RangeOperators.EQUAL), (days(), RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.estate}：{self.company}"


class ProjectManager(models.Model):
    """Who led a project from a day to a day. The name is public; the account, if there is one, is `user`."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="managers", verbose_name="物业项目")
    name = models.CharField("姓名", max_length=60)
    user = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="账号")
    from_on = models.DateField("自")
    to_on = models.DateField("至", null=True, blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta:
        verbose_name = verbose_name_plural = "项目负责人"
        constraints = [
            models.CheckConstraint(condition=Q(to_on=None) | Q(to_on__gte=F("from_on")), name="registry_manager_days"),
            ExclusionConstraint(
                name="registry_manager_one",
                expressions=[("project", RangeOperators.EQUAL), (days(), RangeOperators.OVERLAPS)],
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CompanyStaff(PlaceBound):
    """Somebody who worked for a company from a day to a day."""

    company = models.ForeignKey(Organisation, models.PROTECT, related_name="staff", verbose_name="企业")
    person = models.ForeignKey(PersonalData, models.PROTECT, related_name="+", verbose_name="人员")
    position = models.CharField("岗位", max_length=40)
    from_on = models.DateField("到岗")
    to_on = models.DateField("离岗", null=True, blank=True)
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "企业从业人员"
        constraints = [
            models.CheckConstraint(condition=Q(to_on=None) | Q(to_on__gte=F("from_on")), name="registry_staff_days"),
        ]

    def __str__(self) -> str:
        return f"{self.person} {self.position}"


class ArchiveCatalogue(PlaceBound):
    """The items that the service archive of a place has to hold from a day on; it goes before the document's list."""

    items = ArrayField(models.CharField(max_length=60), verbose_name="类目")
    from_on = models.DateField("自")
    event = models.ForeignKey(Event, models.PROTECT, related_name="+", verbose_name="来由")
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "物业资料目录"

    def __str__(self) -> str:
        return f"{self.place_path} {self.from_on}"


class ArchivePaper(PlaceBound):
    """A paper of the estate's service archive. It belongs to the estate and stays when the company goes."""

    estate = models.ForeignKey(Estate, models.PROTECT, related_name="papers", verbose_name="小区")
    item = models.CharField("类目", max_length=60)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+", verbose_name="文件")
    event = models.ForeignKey(Event, models.PROTECT, related_name="+", verbose_name="来由")
    demo = models.BooleanField("示范数据", default=False)

    class Meta(PlaceBound.Meta):
        verbose_name = verbose_name_plural = "物业资料"

    def __str__(self) -> str:
        return f"{self.item} {self.file}"
