"""A slow connection and a slow processor for the pages of browser tests.

Both are set in the environment (CONTRIBUTING.md, Test) and off by default.
"""

from __future__ import annotations

import os
import random

from playwright.sync_api import BrowserContext, Page

LATENCY = "VERTEREAD_TEST_LATENCY_MS"
SEED = "VERTEREAD_TEST_LATENCY_SEED"
CPU_RATE = "VERTEREAD_TEST_CPU_RATE"

# Requests are delayed in the page: a handler of `page.route` would only run while the test waits
# for the browser. Each delay is drawn anew and divided at random between request and response, so
# that a request may reach the server late, and responses may arrive in another order.
SCRIPT = """
(() => {
  const latency = LATENCY_MS;
  let state = SEED;
  const random = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const delays = () => {
    const total = latency * (0.5 + random());
    const before = total * random();
    return [before, total - before];
  };
  const wait = (ms, signal) => new Promise((resolve, reject) => {
    const abort = () => { reject(signal.reason); };
    if (signal?.aborted) { abort(); return; }
    signal?.addEventListener("abort", abort, { once: true });
    setTimeout(resolve, ms);
  });
  const fetchNow = window.fetch;
  window.fetch = async (input, init) => {
    const [before, after] = delays();
    const signal = init?.signal;
    await wait(before, signal);
    try {
      return await fetchNow(input, init);
    } finally {
      await wait(after, signal);
    }
  };
  const { send, abort } = XMLHttpRequest.prototype;
  const timers = new WeakMap();
  XMLHttpRequest.prototype.send = function (body) {
    timers.set(this, setTimeout(() => { send.call(this, body); }, delays()[0]));
  };
  XMLHttpRequest.prototype.abort = function () {
    clearTimeout(timers.get(this));
    abort.call(this);
  };
})();
"""


def slow_down(context: BrowserContext) -> None:
    """Delay the requests of all pages of a context, and slow their processor, if this is set."""
    latency_ms = int(os.environ.get(LATENCY, "0"))
    if latency_ms > 0:
        seed = int(os.environ.get(SEED) or random.randrange(2**31))
        print(f"{LATENCY}={latency_ms} {SEED}={seed}")  # noqa: T201
        script = SCRIPT.replace("LATENCY_MS", str(latency_ms)).replace("SEED", str(seed))
        context.add_init_script(script)
    rate = float(os.environ.get(CPU_RATE, "1"))
    if rate > 1:
        context.on("page", lambda page: _throttle(page, rate))


def _throttle(page: Page, rate: float) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": rate})
