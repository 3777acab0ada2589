"""Every kind of event that the code records has a sentence."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib import admin

from studies.audit.kinds.table import KINDS
from studies.audit.sentences import _OPTIONAL, _PLACEHOLDER, sentence
from studies.registry.models import StudyModel
from studies.reports.models import PackageRun, WorkbookRun

STUDIES = Path(__file__).resolve().parents[2] / "studies"
# Calls whose kind is put together at run time, and the kinds that result.
COMPOSED = {
    "fine_tuning/runs.py": {
        f"fine_tuning.{verb}" for verb in ("finished", "failed", "cancelled", "resumed")
    },
    "readers/admin.py": {
        f"administrator.{verb}_{model}"
        for verb in ("added", "changed", "deleted")
        for model in ("user", "site", "membership")
    },
    "registry/study_models.py": {f"study.model_{kind}" for kind in StudyModel.Kind.values},
    "reports/prepared_files.py": {
        f"{run.NOUN}.{verb}" for run in (WorkbookRun, PackageRun) for verb in ("asked_for", "made")
    },
    "demonstration/accounts.py": {"demonstration.account_created"},
    "review/adjudication/work.py": {"adjudication.opened", "adjudication.submitted"},
}


def recorded() -> Iterator[tuple[str, str]]:
    """Yield each module that records events, with a kind or "" where it is composed."""
    for path in sorted(STUDIES.rglob("*.py")):
        name = str(path.relative_to(STUDIES))
        tree = ast.parse(path.read_text())
        assigned = {
            target.id: node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(tree):
            called = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if called and node.func.id == "record" and node.args:
                kind = node.args[0]
                if isinstance(kind, ast.Name):
                    kind = assigned.get(kind.id, kind)
                for code in _codes(kind):
                    yield name, code


def _codes(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from _codes(node.body)
        yield from _codes(node.orelse)
    elif isinstance(node, ast.Constant):
        yield node.value
    else:
        yield ""


def test_every_recorded_kind_has_a_sentence():
    kinds = list(recorded())
    codes = {code for _, code in kinds if code}
    assert len(codes) > 70, "the search no longer finds the calls"
    for name in {name for name, code in kinds if not code}:
        codes |= COMPOSED[name]
    assert codes <= KINDS.keys()


def test_every_sentence_is_of_a_recorded_kind():
    codes = {code for _, code in recorded() if code}.union(*COMPOSED.values())
    assert KINDS.keys() <= codes


def test_the_models_of_the_administration_are_those_of_the_composed_kinds():
    changed = {model._meta.model_name for model in admin.site._registry} - {"event", "study"}
    # It can be read and not changed.
    changed -= {"outgoingmail"}
    assert {f"administrator.changed_{model}" for model in changed} <= KINDS.keys()


@pytest.mark.parametrize("code", KINDS)
def test_a_sentence_of_an_event_without_data_is_complete(code):
    text = sentence(code, actor="CO01", subject="C0007")
    assert text[0].isupper()
    assert text.endswith(".")
    assert not set("[]<>{}") & set(text)


def test_no_template_names_a_score_an_arm_of_a_reader_or_output_of_a_model():
    masked = {"arm", "previous_arm", "score", "scores", "former", "checksum", "crop", "exact"}
    for code, kind in KINDS.items():
        assert not {name for name, _ in _PLACEHOLDER.findall(kind.text)} & masked, code
        assert _OPTIONAL.sub("", kind.text), code
