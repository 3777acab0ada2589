"""A tab of Firefox: pages, keys, mouse, pictures, and what the console reports."""

from __future__ import annotations

import base64
import json
import os
import time
from pathlib import Path
from typing import Any, Literal

from tests.browser.firefox.bidi import TIMEOUT_S, BrowserError, Firefox

# Reports what the Content-Security-Policy has blocked, which is otherwise not in the log.
REPORT_VIOLATIONS = """() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
        console.error(`blocked ${violatedDirective}: ${blockedURI}`);
    });
}"""
PAINTED = """new Promise((done) => {
    requestAnimationFrame(() => requestAnimationFrame(() => done(0)));
})"""
Point = tuple[float, float]


class Tab:
    """A tab with its own cookies and storage."""

    def __init__(self, firefox: Firefox, address: str) -> None:
        self._firefox, self._address = firefox, address
        self._user = firefox.command("browser.createUserContext", {})["userContext"]
        options = {"type": "tab", "userContext": self._user}
        self._tab = firefox.command("browsingContext.create", options)["context"]
        script = {"functionDeclaration": REPORT_VIOLATIONS, "contexts": [self._tab]}
        firefox.command("script.addPreloadScript", script)
        self.resize(1366, 768)

    def close(self) -> None:
        # Requests that a page sends when it is left are sent before the test's rows are removed.
        self._command("browsingContext.navigate", url="about:blank", wait="complete")
        self._firefox.command("browser.removeUserContext", {"userContext": self._user})

    def resize(self, width: int, height: int, *, pixel_ratio: float = 1) -> None:
        """Set the size in CSS pixels; twice the pixel ratio and half the size is 200 % zoom."""
        size = {"width": width, "height": height}
        self._command("browsingContext.setViewport", viewport=size, devicePixelRatio=pixel_ratio)

    def goto(self, path: str) -> None:
        self._command("browsingContext.navigate", url=self._address + path, wait="complete")

    def evaluate(self, expression: str) -> Any:
        """Return the JSON value of an expression in the page."""
        answer = self._firefox.command(
            "script.evaluate",
            {
                "expression": f"(async () => JSON.stringify(await ({expression})))()",
                "target": {"context": self._tab},
                "awaitPromise": True,
                # Some features, such as full screen, need it.
                "userActivation": True,
            },
        )
        if answer["type"] == "exception":
            raise BrowserError(f"{answer['exceptionDetails']['text']}: {expression}")
        text = answer["result"].get("value")
        return None if text is None else json.loads(text)

    def wait_for(self, condition: str) -> None:
        """Wait until an expression in the page is true."""
        deadline = time.monotonic() + TIMEOUT_S
        while time.monotonic() < deadline:
            try:
                if self.evaluate(condition):
                    return
            except BrowserError:
                # The page is being replaced.
                pass
            time.sleep(0.05)
        raise AssertionError(condition)

    def wait_for_paint(self) -> None:
        self.evaluate(PAINTED)

    def wait_for_text(self, selector: str, text: str) -> None:
        self.wait_for(f"{element(selector)}?.textContent.includes({json.dumps(text)})")

    def count(self, selector: str) -> int:
        number: int = self.evaluate(f"document.querySelectorAll({json.dumps(selector)}).length")
        return number

    def attribute(self, selector: str, name: str) -> str | None:
        value: str | None = self.evaluate(f"{element(selector)}.getAttribute({json.dumps(name)})")
        return value

    def count_by_role(self, role: str, name: str) -> int:
        """Return how many elements have this role and name for assistive technology."""
        locator = {"type": "accessibility", "value": {"role": role, "name": name}}
        return len(self._command("browsingContext.locateNodes", locator=locator)["nodes"])

    def press(self, *keys: str, hold_ms: int = 0) -> None:
        """Hold all keys but the last, press the last, and release them in reverse order."""
        down = [{"type": "keyDown", "value": key} for key in keys]
        pause = [{"type": "pause", "duration": hold_ms}]
        up = [{"type": "keyUp", "value": key} for key in reversed(keys)]
        self._perform({"type": "key", "id": "keyboard", "actions": [*down, *pause, *up]})

    def hold(self, key: str, *, repeats: int) -> None:
        """Hold a key down until it has repeated."""
        down = [{"type": "keyDown", "value": key}] * (repeats + 1)
        up = {"type": "keyUp", "value": key}
        self._perform({"type": "key", "id": "keyboard", "actions": [*down, up]})

    def type(self, text: str) -> None:
        for key in text:
            self.press(key)

    def box(self, selector: str) -> dict[str, float]:
        """Return x, y, width and height of an element in CSS pixels."""
        box: dict[str, float] = self.evaluate(f"{element(selector)}.getBoundingClientRect()")
        return box

    def centre(self, selector: str) -> Point:
        box = self.box(selector)
        return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2

    def click(self, selector: str, *, times: int = 1) -> None:
        press = [_pointer("pointerDown"), _pointer("pointerUp")] * times
        self._point("mouse", _move(self.centre(selector)), *press)

    def hover(self, at: Point) -> None:
        self._point("mouse", _move(at))

    def drag(self, start: Point, end: Point, *, pointer: str = "mouse") -> None:
        """Drag in six steps with the mouse or, as "touch", with a finger."""
        moves = [_move(_between(start, end, step / 6)) for step in range(1, 7)]
        self._point(pointer, _move(start), _pointer("pointerDown"), *moves, _pointer("pointerUp"))

    def choose_files(self, selector: str, *paths: Path) -> None:
        """Select files in an input, as in the browser's dialog."""
        locator = {"type": "css", "value": selector}
        (node,) = self._command("browsingContext.locateNodes", locator=locator)["nodes"]
        shared = {"sharedId": node["sharedId"]}
        self._command("input.setFiles", element=shared, files=[str(path) for path in paths])

    def picture(self, selector: str | None = None) -> bytes:
        """Return a PNG of an element, or of the viewport."""
        options: dict[str, Any] = {}
        if selector is not None:
            options["clip"] = {"type": "box", **_sides(self.box(selector))}
        return base64.b64decode(
            self._command("browsingContext.captureScreenshot", **options)["data"]
        )

    def save_screenshot(self, name: str) -> None:
        """Save a screenshot if VERTEREAD_SCREENSHOTS names a folder for it."""
        folder = os.environ.get("VERTEREAD_SCREENSHOTS")
        if folder:
            (Path(folder) / f"firefox-{name}.png").write_bytes(self.picture())

    def errors(self) -> list[str]:
        """Return the errors of the console, uncaught exceptions, and responses with an error."""
        # The answer to this command follows every earlier event.
        self.evaluate("0")
        return [text for event in self._firefox.events[self._tab] if (text := _error(event))]

    def _command(self, method: str, **parameters: Any) -> Any:
        return self._firefox.command(method, {"context": self._tab, **parameters})

    def _point(self, pointer: str, *actions: dict[str, Any]) -> None:
        kind = {"pointerType": pointer}
        self._perform(
            {"type": "pointer", "id": pointer, "parameters": kind, "actions": list(actions)}
        )

    def _perform(self, source: dict[str, Any]) -> None:
        self._command("input.performActions", actions=[source])


def element(selector: str) -> str:
    """Return the expression for the first element that a selector matches."""
    return f"document.querySelector({json.dumps(selector)})"


def _move(at: Point) -> dict[str, Any]:
    return {"type": "pointerMove", "x": round(at[0]), "y": round(at[1])}


def _pointer(kind: Literal["pointerDown", "pointerUp"]) -> dict[str, Any]:
    return {"type": kind, "button": 0}


def _between(start: Point, end: Point, part: float) -> Point:
    return start[0] + (end[0] - start[0]) * part, start[1] + (end[1] - start[1]) * part


def _sides(box: dict[str, float]) -> dict[str, float]:
    return {name: box[name] for name in ("x", "y", "width", "height")}


def _error(event: dict[str, Any]) -> str:
    parameters = event["params"]
    if event["method"] == "network.responseCompleted":
        response = parameters["response"]
        return f"{response['status']} {response['url']}" if response["status"] >= 400 else ""
    return str(parameters["text"]) if parameters["level"] == "error" else ""
