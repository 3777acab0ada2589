import { describe, expect, it } from "vitest";
import { pixelSize } from "../../src/viewer/pixelsize";
import { LOWER_SPINE, fromRelative, presetView, toRelative, zoomOf } from "../../src/viewer/presets";
import { fitImage, toImage, toRaster, toScreen, zoomAbout } from "../../src/viewer/view";

const screen = { width: 1024, height: 768 };
const idxa = toRaster({ width: 808, height: 1768 }, pixelSize({ spacing_mm: [0.2477, 0.2475], pixel_aspect: 1 }));
const small = toRaster({ width: 402, height: 1104 }, pixelSize({ spacing_mm: null, pixel_aspect: 1.1 }));

describe("preset views", () => {
  it.each([["iDXA", idxa], ["Hologic", small]])("show a fixed part of the field as the lower spine of an image of %s", (_name, image) => {
    const view = presetView("lower_spine", image, screen, fitImage(image, screen), 1);
    const top = toImage(image, view, { x: 512, y: 0 });
    const bottom = toImage(image, view, { x: 512, y: 768 });
    expect((top.y + 0.5) / image.height).toBeCloseTo(LOWER_SPINE.top, 6);
    expect((bottom.y + 0.5) / image.height).toBeCloseTo(LOWER_SPINE.bottom, 6);
    expect((top.x + 0.5) / image.width).toBeCloseTo(0.5, 6);
  });

  it("show the full width of the lower spine in a narrow window", () => {
    const narrow = { width: 320, height: 600 };
    const view = presetView("lower_spine", idxa, narrow, fitImage(idxa, narrow), 1);
    expect(idxa.width * view.scale).toBeLessThanOrEqual(320.001);
  });

  it("show one image pixel per device pixel at actual size, about the centre of the view", () => {
    const before = fitImage(idxa, screen);
    const view = presetView("actual_size", idxa, screen, before, 2);
    expect(view.scale).toBeCloseTo(0.5, 9);
    const middle = { x: 512, y: 384 };
    expect(toImage(idxa, view, middle).y).toBeCloseTo(toImage(idxa, before, middle).y, 6);
  });

  it("transfer a zoomed view to an image of another size", () => {
    const view = zoomAbout(idxa, screen, fitImage(idxa, screen), 2.5, { x: 500, y: 600 });
    const relative = toRelative("manual", idxa, screen, view);
    const moved = fromRelative(relative, small, screen, 1);
    expect(zoomOf(small, screen, moved)).toBeCloseTo(2.5, 9);
    const again = toRelative("manual", small, screen, moved);
    expect([again.x, again.y]).toEqual([expect.closeTo(relative.x, 9), expect.closeTo(relative.y, 9)]);
    expect(fromRelative(relative, idxa, screen, 1)).toEqual({
      scale: expect.closeTo(view.scale, 9) as number, x: expect.closeTo(view.x, 6) as number, y: expect.closeTo(view.y, 6) as number,
    });
  });

  it("keep presets as presets", () => {
    const lower = presetView("lower_spine", idxa, screen, fitImage(idxa, screen), 1);
    const moved = fromRelative(toRelative("lower_spine", idxa, screen, lower), small, screen, 1);
    expect(moved).toEqual(presetView("lower_spine", small, screen, fitImage(small, screen), 1));
    expect(toScreen(small, moved, { x: 0, y: small.height - 0.5 }).y).toBeCloseTo(768, 6);
  });
});
