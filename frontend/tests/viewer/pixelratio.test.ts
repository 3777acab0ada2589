// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";
import { watchPixelRatio } from "../../src/viewer/pixelratio";

describe("device pixel ratio", () => {
  afterEach(() => { vi.unstubAllGlobals(); });

  it("is watched again after each change", () => {
    const queries: EventTarget[] = [];
    const mediaQueries: string[] = [];
    vi.stubGlobal("matchMedia", (query: string) => {
      mediaQueries.push(query);
      const list = new EventTarget();
      queries.push(list);
      return list;
    });
    vi.stubGlobal("devicePixelRatio", 1);
    const onChange = vi.fn();
    watchPixelRatio(onChange);
    for (const ratio of [2, 1.5]) {
      vi.stubGlobal("devicePixelRatio", ratio);
      queries.at(-1)?.dispatchEvent(new Event("change"));
    }
    expect(onChange).toHaveBeenCalledTimes(2);
    expect(mediaQueries).toEqual(["(resolution: 1dppx)", "(resolution: 2dppx)", "(resolution: 1.5dppx)"]);
  });
});
