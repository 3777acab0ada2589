"""axe in the browser, run on the states of a page."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page

from tests.running import BASE

AXE = BASE / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Experimental in axe: the label of a cell names level and wall, and gives its figures in words.
LEFT_OUT = ["label-content-name-mismatch"]
RUN = """async ([tags, leftOut]) => {
    const rules = Object.fromEntries(leftOut.map((id) => [id, { enabled: false }]));
    const { violations } = await axe.run(document, { runOnly: tags, rules });
    return violations.map(({ id, help, nodes }) =>
        `${id}: ${help}: ${nodes.map(({ target }) => target.join(" ")).join(", ")}`);
}"""


class Audit:
    """Runs axe on the states of a page, and collects what it finds."""

    def __init__(self, page: Page, scheme: str) -> None:
        self.page = page
        self.scheme = scheme
        self.violations: list[str] = []
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]

    def check(self, state: str, *left_out: str) -> None:
        if not self.page.evaluate("typeof axe !== 'undefined'"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        # Colours of a state that is still fading in are those of neither state.
        self.page.evaluate("Promise.all(document.getAnimations().map((a) => a.finished))")
        violations: list[Any] = self.page.evaluate(RUN, [RULES, [*LEFT_OUT, *left_out]])
        self.violations += [f"{state} ({self.scheme}): {text}" for text in violations]

    def visit(self, path: str) -> None:
        self.page.goto(path)
        self.page.wait_for_load_state("networkidle")
        self.check(path)
