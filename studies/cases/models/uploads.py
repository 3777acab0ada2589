"""The results of uploads."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from studies.cases.models.cases import Case
from studies.cases.querysets import UploadQuerySet
from studies.protocol.models import Study


class Upload(models.Model):
    """The result of uploading one file; deleted, with the file's name, when it is dismissed."""

    class Status(models.TextChoices):
        ACCEPTED = "accepted", "added"
        PENDING_REVIEW = "pending_review", "added, pending de-identification review"
        REPLACED = "replaced", "replaced an earlier version"
        DUPLICATE = "duplicate", "already in the study"
        REJECTED = "rejected", "not added"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="uploads")
    uploader = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+"
    )
    name = models.TextField()
    status = models.CharField(max_length=20, choices=Status)
    reason_code = models.CharField(max_length=40, blank=True)
    reason_text = models.TextField(blank=True)
    reason_detail = models.TextField(blank=True)
    case = models.ForeignKey(Case, null=True, on_delete=models.CASCADE, related_name="uploads")
    at = models.DateTimeField(auto_now_add=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ["at"]
        indexes = [models.Index(fields=["study", "uploader", "at"], name="upload_of_person")]

    def __str__(self) -> str:
        return self.status
