"""Fill in what earlier versions did not store.

Images of fine-tuning runs count as trained on, also for the models that started from the result.
Studies that were assigned before models were fixed get the model that analysed most of their cases,
or the current one if that model is not registered. A study that is analysed with a checkpoint in
the authors' format, which cannot be registered, keeps it without a row.
"""

from pathlib import Path

from django.conf import settings
from django.db import migrations
from django.db.models import Count


def store_trained_images(apps, schema_editor):
    """Store the images that models were trained on."""
    RegisteredModel = apps.get_model("registry", "RegisteredModel")
    TrainedImage = apps.get_model("registry", "TrainedImage")
    FineTuningCase = apps.get_model("fine_tuning", "FineTuningCase")
    images = {}
    # The oldest first, so that those of the initial weights are known.
    for model in RegisteredModel.objects.order_by("added_at"):
        run_cases = FineTuningCase.objects.filter(
            run__result=model.pk, case__image__isnull=False
        )
        hashes = set(run_cases.values_list("case__image__pixel_hash", flat=True))
        images[model.pk] = hashes | images.get(model.parent_id, set())
        TrainedImage.objects.bulk_create(
            [
                TrainedImage(model_id=model.pk, pixel_hash=pixel_hash)
                for pixel_hash in sorted(images[model.pk])
            ],
            ignore_conflicts=True,
        )


def fix_models(apps, schema_editor):
    """Fix the model of each study that has assigned cases and no model."""
    Study = apps.get_model("protocol", "Study")
    StudyModel = apps.get_model("registry", "StudyModel")
    ReadingList = apps.get_model("reading_sessions", "ReadingList")
    assigned = ReadingList.objects.values("study")
    for study in Study.objects.filter(pk__in=assigned).order_by("pk"):
        if StudyModel.objects.filter(study=study).exists():
            continue
        model = _model_to_fix(apps, study)
        if model is None:
            continue
        StudyModel.objects.create(study=study, number=1, model=model, kind="fixed", by=None)
        apps.get_model("audit", "Event").objects.create(
            action="study.model_fixed",
            study=study.slug,
            subject=model.name,
            data={"checksum": model.checksum, "amendment": None, "migrated": True},
        )


def _model_to_fix(apps, study):
    RegisteredModel = apps.get_model("registry", "RegisteredModel")
    usable = RegisteredModel.objects.filter(state="ready").exclude(
        pk__in=RegisteredModel.objects.filter(source_studies=study).values("pk")
    )
    # The historical models have the plain manager, and `Study` no relation to newer tables.
    Case = apps.get_model("cases", "Case")
    rows = Case.objects.filter(study=study, readings__isnull=False).order_by()
    counts = rows.values_list("landmark_set__model_checksum").annotate(
        number=Count("pk", distinct=True)
    )
    first = counts.order_by("-number", "landmark_set__model_checksum").first()
    identified = usable.filter(checksum=first[0]).first() if first and first[0] else None
    if identified is not None:
        return identified
    if settings.WEIGHTS and Path(settings.WEIGHTS).suffix != ".safetensors":
        return None
    activations = apps.get_model("registry", "ModelActivation").objects.filter(model__in=usable)
    activation = activations.select_related("model").order_by("-pk").first()
    if activation is not None:
        return activation.model
    return usable.filter(origin="installed").order_by("-added_at").first()


class Migration(migrations.Migration):
    dependencies = [
        ("registry", "0002_trained_images"),
        ("audit", "0003_log_indexes"),
        ("cases", "0017_moved_corners_confirmed"),
        ("fine_tuning", "0001_initial"),
        ("protocol", "0012_amendments"),
        ("reading_sessions", "0015_batches"),
    ]

    operations = [
        migrations.RunPython(store_trained_images, migrations.RunPython.noop, elidable=True),
        migrations.RunPython(fix_models, migrations.RunPython.noop, elidable=True),
    ]
