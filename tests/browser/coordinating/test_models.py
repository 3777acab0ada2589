"""An administrator adds a model, and a coordinator selects it and starts a fine-tuning run."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from studies.cases.review import exclude_case
from studies.fine_tuning.models import FineTuningCase, FineTuningRun
from studies.protocol.models import Study
from studies.readers.models import User
from studies.registry.changes import activate_model
from studies.registry.installed import installed_model
from studies.registry.models import RegisteredModel
from studies.sessions.study_lifecycle import assign_cases
from tests.browser.people import Coordinator, new_page, save_screenshot
from tests.fine_tuning.corrected_cases import CORRECTED, make_corrected_cases
from tests.make import make_case, make_reader, make_site, make_study, make_user
from tests.registry.weights import add_ready_model, analysed_with, weights

COMPARISON = {
    "corrected": CORRECTED,
    "other": {
        "corners": 135,
        "patients": 7,
        "missed_before": 0,
        "missed_after": 0,
        "before_px": 0.31,
        "after_px": 0.52,
        "difference_px": 0.21,
        "interval_px": [0.12, 0.33],
    },
}
SIZES = ((1366, 768), (1024, 768))


@pytest.fixture
def study(server: str) -> Study:
    """A study whose model is fixed, with a finished run in its list and a further model."""
    clara = User.objects.get(username="clara")
    make_user("ada", is_staff=True, is_superuser=True)
    study = make_study(clara, name="Guides trial", arms=["guided"], readers_per_case=1)
    site = make_site(study)
    make_reader(study, site, "rita")
    cases = make_corrected_cases(study, site, 5)
    assign_cases(study=study, by=clara)
    tuned = add_ready_model(clara, "Corrections of the pilot")
    held_out = {"images": "Held-out corrected images from 7 patients", "count": 7, "bodies": 42}
    rows = (("before: verteread-lite", 3.41, 2.2, 40, 2), ("after", 2.1, 1.52, 42, 0))
    names = ("weights", "mean_px", "median_px", "bodies_right", "bodies_missed")
    evaluation = [{**held_out, **dict(zip(names, row, strict=True))} for row in rows]
    RegisteredModel.objects.filter(pk=tuned.pk).update(evaluation=evaluation)
    log = [
        {"step": s, "loss": 4 / s, "validation_px": 9 / s if s % 20 == 0 else None}
        for s in range(10, 280, 10)
    ]
    run = FineTuningRun.objects.create(
        name="Corrections of the pilot",
        by=clara,
        start=installed_model(),
        result=tuned,
        state="done",
        steps=270,
        step=270,
        log=log,
        seconds=154.0,
        comparison=COMPARISON,
        consent="Approval 12/2026",
        finished_at=timezone.now(),
    )
    run.studies.add(study)
    parts = ("training", "training", "training", "validation", "test")
    FineTuningCase.objects.bulk_create(
        FineTuningCase(run=run, case=case, landmark_set=case.landmark_set, part=part)
        for case, part in zip(cases, parts, strict=True)
    )
    exclude_case(case=cases[1], actor=clara, reason="The patient withdrew consent.")
    return study


def photograph(page: Page, name: str) -> None:
    """Check that the page fits, and save it in both sizes, in light and in dark."""
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            # The colours change gradually.
            page.evaluate("Promise.all(document.getAnimations().map((one) => one.finished))")
            save_screenshot(page, f"models-{name}-{width}-{scheme}")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), (name, width)
    page.emulate_media(color_scheme="light")


@pytest.mark.slow
def test_model_is_added_selected_by_amendment_and_fine_tuned(
    server: str, study: Study, browser: Browser, tmp_path: Path
) -> None:
    (tmp_path / "best.safetensors").write_bytes(weights("Site B"))
    (tmp_path / "best.pth").write_bytes(b"\x80\x04 a pickle")
    ada = new_page(browser, server)
    Coordinator(ada).sign_in("ada")
    ada.get_by_role("link", name="Models").click()
    ada.get_by_label("Weights").set_input_files(tmp_path / "best.pth")
    ada.get_by_label("Name", exact=True).fill("Site B")
    ada.get_by_role("button", name="Add model").click()
    expect(ada.locator("#model-status")).to_contain_text("can contain code and are never opened")
    ada.get_by_label("Weights").set_input_files(tmp_path / "best.safetensors")
    ada.get_by_label("Name", exact=True).fill("Site B")
    ada.get_by_role("button", name="Add model").click()
    expect(ada.locator("#models")).to_contain_text("waiting to be checked")
    photograph(ada, "list")

    page = new_page(browser, server)
    Coordinator(page).sign_in("clara")
    page.goto(f"/studies/{study.slug}/models")
    expect(page.get_by_text("It is fixed")).to_be_visible()
    photograph(page, "study")
    page.get_by_role("link", name="Select Corrections of the pilot").click()
    page.get_by_label("Number of the amendment").fill("2")
    page.get_by_label("Date of the amendment").fill("2026-11-02")
    page.get_by_label("Reason for the amendment").fill("It labels L5 better.")
    photograph(page, "select")
    page.get_by_role("button", name="Select model").click()
    expect(page.locator("table").first).to_contain_text("changed by an amendment")
    page.get_by_role("link", name="Corrections of the pilot").first.click()
    photograph(page, "model")

    page.goto(f"/studies/{study.slug}/models/fine-tuning")
    page.get_by_label("Name of the new model").fill("From corrections")
    page.get_by_label("Basis for using the images").fill("Approval 12/2026")
    page.get_by_label("Cases to leave out").fill("C9999")
    page.get_by_label("I confirm").check()
    photograph(page, "fine-tuning")
    page.get_by_role("button", name="Start fine-tuning").click()
    expect(page.get_by_text("not in the selected studies: C9999.")).to_be_visible()
    page.get_by_label("Cases to leave out").fill("")
    # The model that the study selected was trained on most of these patients.
    page.get_by_role("button", name="Start fine-tuning").click()
    expect(page.get_by_text("already trained on 3 of these 4 patients")).to_be_visible()
    weights_field = page.get_by_label("Initial weights")
    installed = weights_field.get_by_text("installed with VerteRead").get_attribute("value")
    weights_field.select_option(installed)
    page.get_by_role("button", name="Start fine-tuning").click()
    expect(page.locator("#run")).to_contain_text("waiting for a worker")
    expect(page.locator("#run")).to_contain_text("4 corrected cases from Guides trial")
    page.get_by_role("button", name="Cancel run").click()
    page.get_by_role("dialog").get_by_role("button", name="Cancel run").click()
    expect(page.get_by_role("button", name="Resume run")).to_be_visible()
    page.get_by_role("link", name="Fine-tuning").click()
    page.get_by_role("link", name="Corrections of the pilot").click()
    expect(page.get_by_text("Validation error")).to_be_visible()
    expect(page.get_by_text("These cases may no longer be used for training")).to_be_visible()
    photograph(page, "run")


@pytest.fixture
def mixed_study(server: str) -> Study:
    """A draft study, one of whose cases was analysed with a model that is active since."""
    clara = User.objects.get(username="clara")
    make_user("ada", is_staff=True, is_superuser=True)
    study = make_study(clara, name="Mixed trial", arms=["guided"], readers_per_case=1)
    site = make_site(study)
    make_reader(study, site, "rita")
    cases = make_corrected_cases(study, site, 2)
    cases += [make_case(study, site) for _ in range(4)]
    active = add_ready_model(clara, "Site B, June")
    activate_model(model=active, by=clara)
    analysed_with(active, cases[-1])
    tuned = add_ready_model(clara, "Corrections of the pilot", study)
    FineTuningRun.objects.create(
        name="Corrections of the pilot",
        by=clara,
        start=installed_model(),
        result=tuned,
        consent="Broad consent of the pilot, approval 12/2026",
        finished_at=timezone.now(),
    )
    return study


@pytest.mark.slow
def test_coordinator_sees_other_weights_before_the_first_assignment(
    server: str, mixed_study: Study, browser: Browser
) -> None:
    page = new_page(browser, server)
    Coordinator(page).sign_in("clara")
    stated = "5 of 6 cases were analysed with weights other than those of Site B, June"
    page.goto(f"/studies/{mixed_study.slug}")
    expect(page.get_by_text(stated)).to_be_visible()
    photograph(page, "other-weights-overview")
    page.goto(f"/studies/{mixed_study.slug}/assignment")
    expect(page.get_by_text(stated)).to_be_visible()
    expect(page.get_by_label("Assign these cases although")).not_to_be_checked()
    page.get_by_role("button", name="Assign cases").scroll_into_view_if_needed()
    photograph(page, "other-weights-assignment")
    page.get_by_role("link", name="Models").last.click()
    expect(
        page.get_by_text("3 unassigned cases with other weights can be analysed again")
    ).to_be_visible()
    photograph(page, "other-weights-models")
    page.get_by_role("button", name="Analyse again").click()
    page.get_by_role("dialog").get_by_role("button", name="Analyse again").click()
    expect(page.get_by_text("3 cases will be analysed again.")).to_be_visible()
    expect(page.get_by_text("corrected or confirmed").first).to_be_visible()

    page.goto(f"/studies/{mixed_study.slug}/assignment")
    page.get_by_label("Assign these cases although 2 of 3").check()
    page.get_by_role("button", name="Assign cases").click()
    page.get_by_role("dialog").get_by_role("button", name="Assign cases").click()
    expect(page.get_by_text("readings assigned")).to_be_visible()

    ada = new_page(browser, server)
    Coordinator(ada).sign_in("ada")
    ada.goto("/models")
    ada.get_by_role("link", name="Corrections of the pilot").click()
    expect(ada.get_by_text("Broad consent of the pilot")).to_be_visible()
    photograph(ada, "basis")
