from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('protocol', '0020_primary_contrast'),
    ]

    operations = [
        migrations.AddField(
            model_name='study',
            name='stratified',
            field=models.BooleanField(default=False, verbose_name='stratify the assignment'),
        ),
    ]
