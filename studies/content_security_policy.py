"""The Content Security Policy: what a page may load, and from where."""

from __future__ import annotations

from csp.constants import NONE, SELF, UNSAFE_INLINE


def content_security_policy(*, dev_server: str) -> dict[str, dict[str, list[str]]]:
    """Return the policy as django-csp expects it.

    Parameters
    ----------
    dev_server
        Address of Vite's dev server, which also serves scripts and styles; empty without one.
    """
    directives = {
        # Neither inline scripts nor eval: text from users cannot become a script, even if a
        # template failed to escape it.
        "default-src": [SELF],
        "img-src": [SELF, "blob:", "data:"],
        "object-src": [NONE],
        # The last three do not fall back to default-src.
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
    if dev_server:
        # Vite inserts styles into the page and announces changes over a web socket.
        directives |= {
            "default-src": [SELF, dev_server],
            "connect-src": [SELF, dev_server, dev_server.replace("http", "ws", 1)],
            "img-src": [*directives["img-src"], dev_server],
            "style-src": [SELF, dev_server, UNSAFE_INLINE],
        }
    return {"DIRECTIVES": directives}
