"""Kinds of events of reports, downloads, fine-tuning and models."""

from __future__ import annotations

from typing import Final

from studies.audit.kinds.kind import About, Group, Kind


def _result(title: str, text: str) -> Kind:
    return Kind(title, Group.RESULTS, About.WHOLE_STUDY, text)


def _fine_tuning(title: str, text: str) -> Kind:
    return Kind(title, Group.MODELS, About.WHOLE_STUDY, text)


def _model(title: str, text: str) -> Kind:
    return Kind(title, Group.MODELS, About.INSTALLATION, text)


RESULT_KINDS: Final[dict[str, Kind]] = {
    "data.downloaded": _result("Data downloaded", "{actor} downloaded the file {subject}."),
    "report.asked_for": _result("Report requested", "{actor} requested a report."),
    "report.made": _result("Report generated", "A report was generated."),
    "report.downloaded": _result("Report downloaded", "{actor} downloaded a report[ ({form})]."),
    "workbook.asked_for": _result("Workbook requested", "{actor} requested the workbook."),
    "workbook.made": _result("Workbook generated", "The workbook was generated."),
    "package.asked_for": _result(
        "Package requested", "{actor} requested the reproducibility package."
    ),
    "package.made": _result("Package generated", "The reproducibility package was generated."),
    "bootstrap.asked_for": _result("Bootstrap requested", "{actor} requested bootstrap intervals."),
}

MODEL_KINDS: Final[dict[str, Kind]] = {
    "fine_tuning.requested": _fine_tuning(
        "Fine-tuning requested", "{actor} requested fine-tuning[ on {cases:case} of this study]."
    ),
    "fine_tuning.finished": _fine_tuning(
        "Fine-tuning finished", "Fine-tuning finished[ with model {model}]."
    ),
    "fine_tuning.failed": _fine_tuning("Fine-tuning failed", "A fine-tuning run failed."),
    "fine_tuning.cancelled": _fine_tuning(
        "Fine-tuning cancelled", "{actor} cancelled a fine-tuning run."
    ),
    "fine_tuning.resumed": _fine_tuning(
        "Fine-tuning resumed", "{actor} resumed a fine-tuning run."
    ),
    "model.registered": _model("Model registered", "The installed model {subject} was registered."),
    "model.added": _model("Model added", "{actor} added the model {name} ({subject})."),
    "model.fine_tuned": _model(
        "Model fine-tuned", "Fine-tuning for {actor} added the model {name} ({subject})."
    ),
    "model.checked": _model("Model checked", "The model {subject} passed its check."),
    "model.rejected": _model("Model rejected", "The model {subject} did not pass its check."),
    "model.activated": _model("Model activated", "{actor} activated the model {name} ({subject})."),
}
