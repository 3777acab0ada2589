import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='TrainedImage',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('pixel_hash', models.CharField(db_index=True, max_length=64)),
                ('model', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='trained_images', to='registry.registeredmodel')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('model', 'pixel_hash'), name='trained_image_once')],
            },
        ),
    ]
