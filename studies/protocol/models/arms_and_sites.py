"""The arms and the sites of a study."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models

from studies.analytics.arms import arms_in_order
from studies.protocol.models.choices import ArmCode
from studies.protocol.models.studies import Study


class ArmQuerySet(models.QuerySet["Arm"]):
    def listed(self) -> list[Arm]:
        """Return the arms in the order in which pages, reports and files list them."""
        by_code = {arm.code: arm for arm in self}
        return [by_code[code] for code in arms_in_order(list(by_code)) if code is not None]


class Arm(models.Model):
    """A reading condition of a study."""

    Code = ArmCode

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="arms")
    code = models.CharField(max_length=20, choices=Code)
    guides = models.BooleanField(default=False)
    """Whether guides can be shown to the reader."""
    measured = models.BooleanField(default=False)
    """Whether the reader traces plaques, from which grades are proposed."""

    objects = ArmQuerySet.as_manager()

    class Meta:
        # The draw of an assignment depends on this order; pages list the arms by `listed`.
        ordering = ["-code"]
        constraints = [models.UniqueConstraint(fields=["study", "code"], name="arm_once")]

    def __str__(self) -> str:
        return self.get_code_display()


class Site(models.Model):
    """A participating site, where images were acquired or where readers work."""

    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="sites")
    code = models.CharField(
        max_length=12,
        validators=[RegexValidator(r"^[A-Za-z0-9-]+$", "Letters, digits and hyphens only.")],
    )
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["code"]
        constraints = [models.UniqueConstraint(fields=["study", "code"], name="site_code_once")]

    def __str__(self) -> str:
        return self.name
