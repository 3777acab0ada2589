"""The values that a study's options can have."""

from __future__ import annotations

from django.db import models


class ArmCode(models.TextChoices):
    """The reading conditions that a study can compare."""

    UNGUIDED = "unguided", "Unguided"
    GUIDED = "guided", "Guided"
    GUIDED_CORRECTED = "guided corrected", "Guided, corrected landmarks"
    MEASURED = "measured", "Measured"
    GUIDED_MEASURED = "guided measured", "Guided, measured"


class StudyState(models.TextChoices):
    DRAFT = "draft", "being set up"
    OPEN = "open", "open for reading"
    PAUSED = "paused", "paused"
    LOCKED = "locked", "locked"


class StudyDesign(models.TextChoices):
    """How readers are allocated to arms; docs/running-a-study.md describes each design."""

    CROSSOVER = "crossover", "crossover: each reader reads in every arm"
    SEQUENTIAL = (
        "sequential",
        "sequential: each case unguided, then at once in another arm",
    )
    PARALLEL = "parallel", "parallel groups: each reader reads in one of the arms"
    SINGLE_ARM = "single_arm", "single arm"


class StudyOutcome(models.TextChoices):
    CELLS = "cells", "the eight cells, pooled"
    AAC24 = "aac24", "AAC-24 total"
    GROUP = "aac_group", "AAC group"


class StudyWeights(models.TextChoices):
    NONE = "none", "unweighted"
    LINEAR = "linear", "linear"
    QUADRATIC = "quadratic", "quadratic"


class StudyPrimaryInterval(models.TextChoices):
    """The 95 % confidence interval of the main result; docs/agreement.md compares them."""

    EXPANDED = "expanded", "expanded percentile bootstrap"
    PERCENTILE = "percentile", "percentile bootstrap"
    BCA = "bca", "BCa bootstrap (bias-corrected and accelerated)"
    DELTA = "delta", "delta method"


class StudyBoundary(models.TextChoices):
    LOWER = "lower", "exactly 1/3 is grade 1, exactly 2/3 is grade 2 (VerteRead)"
    UPPER = "upper", "exactly 1/3 is grade 2, exactly 2/3 is grade 3 (Manitoba)"


class StudyScores(models.TextChoices):
    AAC24 = "aac24", "AAC-24"
    AAC24_AAC8 = "aac24_aac8", "AAC-24 and AAC-8"


class StudyViewBetweenCases(models.TextChoices):
    RESET = "reset", "fit the image and use its opening window"
    KEEP = "keep", "keep zoom, position and window of the previous case"
    READER = "reader", "each reader decides"


class StudyRevisionRule(models.TextChoices):
    NEVER = "never", "never"
    SESSION = "session", "within the current reading session"
    PERIOD = "period", "until the period is complete"


class StudyAnteriorSide(models.TextChoices):
    AS_ACQUIRED = "", "as acquired"
    RIGHT = "right", "right, mirrored where necessary"
    LEFT = "left", "left, mirrored where necessary"


class StudyDisplayCheck(models.TextChoices):
    OFF = "off", "off"
    RECOMMENDED = "recommended", "recommended: readers can continue without it"
    REQUIRED = "required", "required: readers must pass it in each reading session"


class StudyAdjudicatorScores(models.TextChoices):
    HIDDEN = "hidden", "without the original scores"
    SHOWN = "shown", "with the original scores, without the readers' labels"


class StudyDisplayContrast(models.IntegerChoices):
    """Differences of the letters from black and white, in grey levels of 0 to 255."""

    LEVELS_32 = 32, "32 of 255 grey levels"
    LEVELS_16 = 16, "16 of 255 grey levels"
    LEVELS_8 = 8, "8 of 255 grey levels"
    LEVELS_4 = 4, "4 of 255 grey levels"
    LEVELS_2 = 2, "2 of 255 grey levels"
