"""Enforcement in estates: notices, evidence, operations, stations, books; and who keeps the register of problems."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0016_search_keys'),
        ('core', '0008_units_have_days'),
        ('proof', '0002_append_only_logs'),
        ('registry', '0008_estates_move'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(model_name='problem', name='cases_problem_company'),
        migrations.RenameField(model_name='problem', old_name='company', new_name='keeper'),
        migrations.CreateModel(
            name='CompanyCase',
            fields=[
                ('case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='about_company', serialize=False, to='cases.case', verbose_name='案件')),
                ('category', models.CharField(blank=True, choices=[('irregular', '违规经营'), ('breach', '合同违约'), ('unlawful', '违反法律法规')], max_length=10, verbose_name='类别')),
                ('ended_at', models.DateTimeField(null=True, verbose_name='结果时间')),
                ('result', models.TextField(blank=True, verbose_name='结果')),
                ('decision', models.CharField(blank=True, max_length=80, verbose_name='处理决定文号')),
                ('demo', models.BooleanField(default=False, verbose_name='示范数据')),
            ],
            options={
                'verbose_name': '企业案件',
                'verbose_name_plural': '企业案件',
            },
        ),
        migrations.CreateModel(
            name='Custody',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('handed_label', models.CharField(blank=True, max_length=200, verbose_name='移交人（当时）')),
                ('handed_at', models.DateTimeField(verbose_name='移交时间')),
                ('reason', models.CharField(blank=True, max_length=200, verbose_name='移交事由')),
                ('from_at', models.DateTimeField(null=True, verbose_name='签收时间')),
                ('to_at', models.DateTimeField(null=True, verbose_name='交出时间')),
                ('signed_label', models.CharField(blank=True, max_length=200, verbose_name='签收人（当时）')),
                ('demo', models.BooleanField(default=False, verbose_name='示范数据')),
            ],
            options={
                'verbose_name': '证据保管',
                'verbose_name_plural': '证据保管',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='DissuasionNotice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('addressee', models.CharField(max_length=100, verbose_name='当事人（房号、摊位）')),
                ('demand', models.CharField(max_length=300, verbose_name='要求')),
                ('issued_at', models.DateTimeField(verbose_name='出具时间')),
                ('signing', models.CharField(blank=True, choices=[('signed', '当事人签收'), ('refused', '拒绝签收'), ('absent', '无人在场，张贴留置')], max_length=8, verbose_name='签收')),
                ('signed_at', models.DateTimeField(null=True, verbose_name='送达时间')),
                ('witness', models.CharField(blank=True, max_length=60, verbose_name='见证人')),
                ('demo', models.BooleanField(default=False, verbose_name='示范数据')),
            ],
            options={
                'verbose_name': '劝阻告知书',
                'verbose_name_plural': '劝阻告知书',
            },
        ),
        migrations.CreateModel(
            name='Evidence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place_path', models.TextField(verbose_name='地区路径')),
                ('number', models.CharField(max_length=40, unique=True, verbose_name='证据编号')),
                ('title', models.CharField(max_length=120, verbose_name='证明什么')),
                ('taken_at', models.DateTimeField(verbose_name='取得时间')),
                ('taken_where', models.CharField(max_length=200, verbose_name='取得地点')),
                ('received_at', models.DateTimeField(verbose_name='收存时间')),
                ('demo', models.BooleanField(default=False, verbose_name='示范数据')),
            ],
            options={
                'verbose_name': '证据',
                'verbose_name_plural': '证据',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Officer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place_path', models.TextField(verbose_name='地区路径')),
                ('name', models.CharField(max_length=60, verbose_name='姓名')),
                ('title', models.CharField(blank=True, max_length=60, verbose_name='职务')),
                ('phone', models.CharField(blank=True, max_length=30, verbose_name='公开的工作电话')),
                ('from_on', models.DateField(verbose_name='自')),
                ('to_on', models.DateField(null=True, verbose_name='至')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='版本')),
                ('demo', models.BooleanField(default=False, verbose_name='示范数据')),
            ],
            options={
                'verbose_name': '执法联络人',
                'verbose_name_plural': '执法联络人',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Operation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place_path', models.TextField(verbose_name='地区路径')),
                ('number', models.CharField(max_length=40, unique=True, verbose_name='编号')),
                ('kind', models.CharField(choices=[('joint', '联合执法'), ('check', '专项执法检查'), ('campaign', '专项整治'), ('conference', '联席会议')], max_length=12, verbose_name='种类')),
                ('title', models.CharField(max_length=120, verbose_name='名称')),
                ('plan', models.TextField(verbose_name='方案')),
                ('planned_on', models.DateField(verbose_name='安排日期')),
                ('held_on', models.DateField(null=True, verbose_name='开展日期')),
                ('summary', models.TextField(blank=True, verbose_name='总结')),
                ('topics', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=60), default=list, size=None, verbose_name='查处的事项')),
                ('basis', models.JSONField(verbose_name='依据')),
                ('state', models.CharField(choices=[('planned', '已安排'), ('held', '已开展'), ('archived', '已归档')], default='planned', max_length=8, verbose_name='状态')),
                ('opened_at', models.DateTimeField(verbose_name='发起时间')),
                ('archived_at', models.DateTimeField(null=True, verbose_name='归档时间')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='版本')),
                ('demo', models.BooleanField(default=False, verbose_name='示范数据')),
            ],
            options={
                'verbose_name': '联合行动',
                'verbose_name_plural': '联合行动',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='OperationItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('matter', models.CharField(blank=True, max_length=60, verbose_name='事项')),
                ('text', models.CharField(max_length=200, verbose_name='任务')),
                ('result', models.TextField(blank=True, verbose_name='结果')),
                ('result_at', models.DateTimeField(null=True, verbose_name='填报时间')),
                ('units', models.PositiveIntegerField(default=0, verbose_name='处罚单位')),
                ('households', models.PositiveIntegerField(default=0, verbose_name='处罚家庭')),
                ('persons', models.PositiveIntegerField(default=0, verbose_name='处罚个人')),
            ],
            options={
                'verbose_name': '行动任务',
                'verbose_name_plural': '行动任务',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='OperationUnit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(max_length=40, verbose_name='职责')),
                ('part', models.CharField(choices=[('main', '主办'), ('lead', '牵头'), ('support', '配合')], max_length=8, verbose_name='作用')),
                ('told_at', models.DateTimeField(verbose_name='通知时间')),
                ('result', models.TextField(blank=True, verbose_name='结果')),
                ('result_at', models.DateTimeField(null=True, verbose_name='填报时间')),
            ],
            options={
                'verbose_name': '参加单位',
                'verbose_name_plural': '参加单位',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='PremisesReview',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place_path', models.TextField(verbose_name='地区路径')),
                ('kind', models.CharField(choices=[('residence', '住宅'), ('garage', '车库'), ('auxiliary', '其他附属设施')], max_length=10, verbose_name='房屋种类')),
                ('approved', models.BooleanField(verbose_name='有规划批准')),
                ('relaxed', models.BooleanField(verbose_name='符合放宽条件')),
                ('answer', models.CharField(choices=[('allowed', '可以登记'), ('refused', '依法不予核准登记')], max_length=8, verbose_name='结论')),
                ('basis', models.JSONField(verbose_name='依据条款')),
                ('at', models.DateTimeField(verbose_name='时间')),
                ('demo', models.BooleanField(default=False, verbose_name='示范数据')),
            ],
            options={
                'verbose_name': '经营场所核对',
                'verbose_name_plural': '经营场所核对',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ProblemReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(max_length=40, verbose_name='职责')),
                ('at', models.DateTimeField(verbose_name='上报时间')),
                ('demo', models.BooleanField(default=False, verbose_name='示范数据')),
            ],
            options={
                'verbose_name': '逐级上报',
                'verbose_name_plural': '逐级上报',
                'ordering': ['id'],
            },
        ),
        migrations.CreateModel(
            name='SiteEntry',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place_path', models.TextField(verbose_name='地区路径')),
                ('role', models.CharField(max_length=40, verbose_name='职责')),
                ('kind', models.CharField(choices=[('clue', '处理线索'), ('operation', '联合执法'), ('visit', '巡查走访')], max_length=10, verbose_name='事由')),
                ('on', models.DateField(verbose_name='日期')),
                ('note', models.CharField(blank=True, max_length=300, verbose_name='情况')),
                ('at', models.DateTimeField(verbose_name='登记时间')),
                ('demo', models.BooleanField(default=False, verbose_name='示范数据')),
            ],
            options={
                'verbose_name': '进小区记录',
                'verbose_name_plural': '进小区记录',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Station',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place_path', models.TextField(verbose_name='地区路径')),
                ('kind', models.CharField(choices=[('station', '联合执法工作站点'), ('team', '违建防控队伍')], max_length=8, verbose_name='种类')),
                ('name', models.CharField(max_length=100, verbose_name='名称')),
                ('address', models.CharField(blank=True, max_length=200, verbose_name='地点')),
                ('phone', models.CharField(blank=True, max_length=30, verbose_name='电话')),
                ('opened_on', models.DateField(verbose_name='设立日期')),
                ('closed_on', models.DateField(null=True, verbose_name='撤销日期')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='版本')),
                ('demo', models.BooleanField(default=False, verbose_name='示范数据')),
            ],
            options={
                'verbose_name': '执法站点和队伍',
                'verbose_name_plural': '执法站点和队伍',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Structure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place_path', models.TextField(verbose_name='地区路径')),
                ('number', models.CharField(max_length=40, unique=True, verbose_name='编号')),
                ('location', models.CharField(max_length=200, verbose_name='位置')),
                ('era', models.CharField(choices=[('new', '新增'), ('stock', '存量')], max_length=6, verbose_name='类别')),
                ('begun_on', models.DateField(verbose_name='搭建（发现）日期')),
                ('area_m2', models.DecimalField(decimal_places=2, max_digits=10, null=True, verbose_name='面积（平方米）')),
                ('removed_on', models.DateField(null=True, verbose_name='拆除日期')),
                ('basis', models.JSONField(verbose_name='依据')),
                ('entered_at', models.DateTimeField(verbose_name='登记时间')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='版本')),
                ('demo', models.BooleanField(default=False, verbose_name='示范数据')),
            ],
            options={
                'verbose_name': '违建台账',
                'verbose_name_plural': '违建台账',
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Tenancy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place_path', models.TextField(verbose_name='地区路径')),
                ('people', models.PositiveSmallIntegerField(default=1, verbose_name='居住人数')),
                ('from_on', models.DateField(verbose_name='起租日期')),
                ('to_on', models.DateField(null=True, verbose_name='退租日期')),
                ('finding', models.CharField(blank=True, choices=[('lawful', '没有违规'), ('unlawful', '违规出租')], max_length=10, verbose_name='查处结果')),
                ('finding_note', models.TextField(blank=True, verbose_name='查处情况')),
                ('finding_on', models.DateField(null=True, verbose_name='查处日期')),
                ('entered_at', models.DateTimeField(verbose_name='申报时间')),
                ('version', models.PositiveIntegerField(default=1, verbose_name='版本')),
                ('demo', models.BooleanField(default=False, verbose_name='示范数据')),
            ],
            options={
                'verbose_name': '出租房',
                'verbose_name_plural': '出租房',
                'abstract': False,
            },
        ),
        migrations.AlterModelOptions(
            name='problem',
            options={'verbose_name': '问题台账', 'verbose_name_plural': '问题台账'},
        ),
        migrations.AddField(
            model_name='problem',
            name='extent',
            field=models.CharField(blank=True, choices=[('initial', '初期（正在建、刚发生）'), ('built', '已经建成、已经形成')], max_length=8, verbose_name='到什么程度'),
        ),
        migrations.AddField(
            model_name='problem',
            name='fed_back_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='收到反馈时间'),
        ),
        migrations.AddField(
            model_name='problem',
            name='law_field',
            field=models.CharField(blank=True, choices=[('security', '治安'), ('fire', '消防'), ('market', '市场监管'), ('planning', '规划'), ('city', '城管'), ('environment', '环保'), ('civil_defence', '人防'), ('health', '公共卫生'), ('animals', '动物管理'), ('decoration', '装饰装修和使用')], max_length=16, verbose_name='违反哪方面的规定'),
        ),
        migrations.AddField(
            model_name='problem',
            name='opened_case',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reported_line', to='cases.case', verbose_name='上报后的案件'),
        ),
        migrations.AlterField(
            model_name='problem',
            name='keeper',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='problems', to='core.organisation', verbose_name='登记单位'),
        ),
        migrations.AddIndex(
            model_name='problem',
            index=models.Index(fields=['keeper', 'found_at'], name='cases_problem_keeper'),
        ),
        migrations.AddField(
            model_name='companycase',
            name='company',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='cases_about', to='core.organisation', verbose_name='企业'),
        ),
        migrations.AddField(
            model_name='custody',
            name='handed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.organisation', verbose_name='移交单位'),
        ),
        migrations.AddField(
            model_name='custody',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.organisation', verbose_name='保管单位'),
        ),
        migrations.AddField(
            model_name='custody',
            name='signed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='签收人'),
        ),
        migrations.AddField(
            model_name='dissuasionnotice',
            name='document',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.document', verbose_name='文书'),
        ),
        migrations.AddField(
            model_name='dissuasionnotice',
            name='photo',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.storedfile', verbose_name='送达照片'),
        ),
        migrations.AddField(
            model_name='dissuasionnotice',
            name='problem',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='cases.problem', verbose_name='问题'),
        ),
        migrations.AddField(
            model_name='evidence',
            name='case',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='evidence', to='cases.case', verbose_name='案件'),
        ),
        migrations.AddField(
            model_name='evidence',
            name='entry',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='proof.entry', verbose_name='存证'),
        ),
        migrations.AddField(
            model_name='evidence',
            name='file',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.storedfile', verbose_name='文件'),
        ),
        migrations.AddField(
            model_name='evidence',
            name='problem',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='evidence', to='cases.problem', verbose_name='问题'),
        ),
        migrations.AddField(
            model_name='custody',
            name='evidence',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='custody', to='cases.evidence', verbose_name='证据'),
        ),
        migrations.AddField(
            model_name='officer',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='officers', to='core.organisation', verbose_name='单位'),
        ),
        migrations.AddField(
            model_name='operation',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='经办人'),
        ),
        migrations.AddField(
            model_name='operation',
            name='opener',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.organisation', verbose_name='发起单位'),
        ),
        migrations.AddField(
            model_name='operationitem',
            name='company',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.organisation', verbose_name='涉及企业'),
        ),
        migrations.AddField(
            model_name='operationitem',
            name='estate',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.estate', verbose_name='小区'),
        ),
        migrations.AddField(
            model_name='operationitem',
            name='operation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='items', to='cases.operation', verbose_name='行动'),
        ),
        migrations.AddField(
            model_name='operationitem',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.organisation', verbose_name='承办单位'),
        ),
        migrations.AddField(
            model_name='operationitem',
            name='photo',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.storedfile', verbose_name='照片'),
        ),
        migrations.AddField(
            model_name='operationunit',
            name='operation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='units', to='cases.operation', verbose_name='行动'),
        ),
        migrations.AddField(
            model_name='operationunit',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.organisation', verbose_name='单位'),
        ),
        migrations.AddField(
            model_name='premisesreview',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='经办人'),
        ),
        migrations.AddField(
            model_name='premisesreview',
            name='organisation',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.organisation', verbose_name='登记机关'),
        ),
        migrations.AddField(
            model_name='premisesreview',
            name='paper',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.storedfile', verbose_name='依据'),
        ),
        migrations.AddField(
            model_name='premisesreview',
            name='unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='premises_reviews', to='registry.unit', verbose_name='房屋'),
        ),
        migrations.AddField(
            model_name='problemreport',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.organisation', verbose_name='上报给'),
        ),
        migrations.AddField(
            model_name='problemreport',
            name='problem',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='cases.problem', verbose_name='问题'),
        ),
        migrations.AddField(
            model_name='siteentry',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='登记人'),
        ),
        migrations.AddField(
            model_name='siteentry',
            name='case',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case', verbose_name='案件'),
        ),
        migrations.AddField(
            model_name='siteentry',
            name='estate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='site_entries', to='registry.estate', verbose_name='小区'),
        ),
        migrations.AddField(
            model_name='siteentry',
            name='operation',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.operation', verbose_name='行动'),
        ),
        migrations.AddField(
            model_name='siteentry',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='site_entries', to='core.organisation', verbose_name='单位'),
        ),
        migrations.AddField(
            model_name='station',
            name='estates',
            field=models.ManyToManyField(related_name='stations', to='registry.estate', verbose_name='负责的小区'),
        ),
        migrations.AddField(
            model_name='station',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='stations', to='core.organisation', verbose_name='设立单位'),
        ),
        migrations.AddField(
            model_name='officer',
            name='station',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='officers', to='cases.station', verbose_name='站点、队伍'),
        ),
        migrations.AddField(
            model_name='structure',
            name='after',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.storedfile', verbose_name='拆后照片'),
        ),
        migrations.AddField(
            model_name='structure',
            name='before',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.storedfile', verbose_name='拆前照片'),
        ),
        migrations.AddField(
            model_name='structure',
            name='case',
            field=models.OneToOneField(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='structure', to='cases.case', verbose_name='案件'),
        ),
        migrations.AddField(
            model_name='structure',
            name='estate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='structures', to='registry.estate', verbose_name='小区'),
        ),
        migrations.AddField(
            model_name='structure',
            name='lead',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.organisation', verbose_name='牵头拆除单位'),
        ),
        migrations.AddField(
            model_name='tenancy',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='申报人'),
        ),
        migrations.AddField(
            model_name='tenancy',
            name='case',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='cases.case', verbose_name='查处案件'),
        ),
        migrations.AddField(
            model_name='tenancy',
            name='estate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rentals', to='registry.estate', verbose_name='小区'),
        ),
        migrations.AddField(
            model_name='tenancy',
            name='tenant',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.personaldata', verbose_name='承租人'),
        ),
        migrations.AddField(
            model_name='tenancy',
            name='told_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='core.organisation', verbose_name='申报单位'),
        ),
        migrations.AddField(
            model_name='tenancy',
            name='unit',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rentals', to='registry.unit', verbose_name='房屋'),
        ),
        migrations.AddIndex(
            model_name='companycase',
            index=models.Index(fields=['company', '-case'], name='cases_company_file'),
        ),
        migrations.AddConstraint(
            model_name='dissuasionnotice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('signed_at', None), ('signing', '')), models.Q(models.Q(('signing', ''), _negated=True), models.Q(('signed_at', None), _negated=True)), _connector='OR'), name='cases_notice_signed'),
        ),
        migrations.AddIndex(
            model_name='evidence',
            index=models.Index(fields=['place_path'], name='cases_evidence_path', opclasses=['text_pattern_ops']),
        ),
        migrations.AddConstraint(
            model_name='evidence',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('problem', None), models.Q(('case', None), _negated=True)), models.Q(models.Q(('problem', None), _negated=True), ('case', None)), _connector='OR'), name='cases_evidence_of_one'),
        ),
        migrations.AddConstraint(
            model_name='custody',
            constraint=models.UniqueConstraint(condition=models.Q(('from_at', None)), fields=('evidence',), name='cases_custody_one_offer'),
        ),
        migrations.AddConstraint(
            model_name='custody',
            constraint=models.UniqueConstraint(condition=models.Q(('from_at__isnull', False), ('to_at', None)), fields=('evidence',), name='cases_custody_one_holder'),
        ),
        migrations.AddIndex(
            model_name='operation',
            index=models.Index(fields=['place_path'], name='cases_operation_path', opclasses=['text_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='operation',
            index=models.Index(fields=['kind', 'held_on'], name='cases_operation_kind'),
        ),
        migrations.AddConstraint(
            model_name='operation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'archived'), _negated=True), models.Q(('held_on', None), _negated=True), _connector='OR'), name='cases_operation_was_held'),
        ),
        migrations.AddConstraint(
            model_name='operationunit',
            constraint=models.UniqueConstraint(fields=('operation', 'organisation'), name='cases_operation_unit_once'),
        ),
        migrations.AddIndex(
            model_name='premisesreview',
            index=models.Index(fields=['place_path'], name='cases_premisesreview_path', opclasses=['text_pattern_ops']),
        ),
        migrations.AddConstraint(
            model_name='problemreport',
            constraint=models.UniqueConstraint(fields=('problem', 'organisation'), name='cases_problem_told_once'),
        ),
        migrations.AddIndex(
            model_name='siteentry',
            index=models.Index(fields=['place_path'], name='cases_siteentry_path', opclasses=['text_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='siteentry',
            index=models.Index(fields=['organisation', 'on'], name='cases_entry_unit'),
        ),
        migrations.AddIndex(
            model_name='station',
            index=models.Index(fields=['place_path'], name='cases_station_path', opclasses=['text_pattern_ops']),
        ),
        migrations.AddConstraint(
            model_name='station',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_on', None)), fields=('organisation', 'kind'), name='cases_station_once'),
        ),
        migrations.AddIndex(
            model_name='officer',
            index=models.Index(fields=['place_path'], name='cases_officer_path', opclasses=['text_pattern_ops']),
        ),
        migrations.AddIndex(
            model_name='structure',
            index=models.Index(fields=['place_path'], name='cases_structure_path', opclasses=['text_pattern_ops']),
        ),
        migrations.AddConstraint(
            model_name='structure',
            constraint=models.CheckConstraint(condition=models.Q(('removed_on', None), models.Q(models.Q(('lead', None), _negated=True), models.Q(('after', None), _negated=True)), _connector='OR'), name='cases_structure_removed'),
        ),
        migrations.AddIndex(
            model_name='tenancy',
            index=models.Index(fields=['place_path'], name='cases_tenancy_path', opclasses=['text_pattern_ops']),
        ),
        migrations.AddConstraint(
            model_name='tenancy',
            constraint=models.UniqueConstraint(condition=models.Q(('to_on', None)), fields=('unit',), name='cases_tenancy_once'),
        ),
    ]
