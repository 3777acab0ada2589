from django.db import migrations, models

ARMS = [('unguided', 'Unguided'), ('guided', 'Guided'), ('measured', 'Measured'), ('guided measured', 'Guided, measured')]
ORDER = [code for code, _ in ARMS]


def name_contrasts(apps, schema_editor):
    """Store the contrast that reports have used so far: most minus least assistance."""
    Study = apps.get_model("protocol", "Study")
    several = Study.objects.annotate(count=models.Count("arms")).filter(count__gte=3)
    for study in several.prefetch_related("arms"):
        arms = sorted((arm.code for arm in study.arms.all()), key=ORDER.index)
        Study.objects.filter(pk=study.pk).update(primary_arm=arms[-1], comparator_arm=arms[0])


class Migration(migrations.Migration):

    dependencies = [
        ('protocol', '0019_sequential_design'),
    ]

    operations = [
        migrations.AddField(
            model_name='study',
            name='primary_arm',
            field=models.CharField(blank=True, choices=ARMS, default='', max_length=20, verbose_name='primary contrast: arm'),
        ),
        migrations.AddField(
            model_name='study',
            name='comparator_arm',
            field=models.CharField(blank=True, choices=ARMS, default='', max_length=20, verbose_name='primary contrast: compared with'),
        ),
        migrations.AddConstraint(
            model_name='study',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('comparator_arm', ''), ('primary_arm', '')), models.Q(models.Q(('primary_arm', ''), _negated=True), models.Q(('comparator_arm', ''), _negated=True), models.Q(('primary_arm', models.F('comparator_arm')), _negated=True)), _connector='OR'), name='study_contrast_of_two_arms', violation_error_message='The primary contrast compares two different arms. Select both.'),
        ),
        migrations.RunPython(name_contrasts, migrations.RunPython.noop),
    ]
