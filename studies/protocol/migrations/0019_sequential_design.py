from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('protocol', '0018_linkage'),
    ]

    operations = [
        migrations.AlterField(
            model_name='study',
            name='design',
            field=models.CharField(choices=[('crossover', 'crossover: each reader reads in every arm'), ('sequential', 'sequential: each case unguided, then at once in another arm'), ('parallel', 'parallel groups: each reader reads in one of the arms'), ('single_arm', 'single arm')], default='crossover', max_length=20),
        ),
    ]
