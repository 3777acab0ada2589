from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("reading_sessions", "0011_aac8_scores"),
    ]

    operations = [
        migrations.AddField(
            model_name='readinglist',
            name='step',
            field=models.PositiveSmallIntegerField(default=1),
        ),
        migrations.AlterModelOptions(
            name='readinglist',
            options={'ordering': ['reader', 'period', 'step']},
        ),
        migrations.RemoveConstraint(
            model_name='readinglist',
            name='one_list_a_period',
        ),
        migrations.AddConstraint(
            model_name='readinglist',
            constraint=models.UniqueConstraint(fields=('reader', 'period', 'step'), name='one_list_a_period_and_step'),
        ),
        migrations.AddConstraint(
            model_name='readinglist',
            constraint=models.CheckConstraint(condition=models.Q(('step', 1), models.Q(('period', 1), ('step', 2)), _connector='OR'), name='step_2_in_period_1_alone'),
        ),
    ]
