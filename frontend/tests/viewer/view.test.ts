import { describe, expect, it } from "vitest";
import { pixelSize } from "../../src/viewer/pixelsize";
import { fitImage, fitPart, panIntoView, svgMatrix, panBy, toRaster, resizeView, toImage, toScreen, zoomAbout } from "../../src/viewer/view";

const screen = { width: 1000, height: 700 };
const idxa = toRaster({ width: 808, height: 1768 }, pixelSize({ spacing_mm: [0.2477, 0.2475], pixel_aspect: 0.2477 / 0.2475 }));

describe("view", () => {
  it("fits the whole image in true proportions", () => {
    const view = fitImage(idxa, screen);
    const height = 1768 * view.scale * idxa.aspect;
    expect(height).toBeCloseTo(700, 6);
    expect((808 * view.scale) / height).toBeCloseTo((808 * 0.2475) / (1768 * 0.2477), 9);
    expect(view.x).toBeCloseTo((1000 - 808 * view.scale) / 2, 9);
  });

  it("takes the shape of pixels from the file when no spacing is known", () => {
    const shape = pixelSize({ spacing_mm: null, pixel_aspect: 1.25 });
    expect(toRaster({ width: 10, height: 20 }, shape).aspect).toBe(1.25);
  });

  it("puts the centre of the first pixel half a pixel from the edge", () => {
    const point = toScreen(idxa, { scale: 2, x: 10, y: 20 }, { x: 0, y: 0 });
    expect(point.x).toBe(11);
    expect(point.y).toBeCloseTo(20 + idxa.aspect, 9);
  });

  it("maps to the screen and back", () => {
    const view = { scale: 0.7, x: -31, y: 12 };
    const back = toImage(idxa, view, toScreen(idxa, view, { x: 123.4, y: 987.6 }));
    expect(back.x).toBeCloseTo(123.4, 9);
    expect(back.y).toBeCloseTo(987.6, 9);
  });

  it("keeps the image point under the pointer while zooming", () => {
    const view = fitImage(idxa, screen);
    const at = { x: 520, y: 300 };
    const before = toImage(idxa, view, at);
    const after = toImage(idxa, zoomAbout(idxa, screen, view, 2.5, at), at);
    expect(after.x).toBeCloseTo(before.x, 9);
    expect(after.y).toBeCloseTo(before.y, 9);
  });

  it("limits the zoom in both directions", () => {
    const view = fitImage(idxa, screen);
    expect(zoomAbout(idxa, screen, view, 1e-9, { x: 0, y: 0 }).scale).toBeCloseTo(view.scale / 2, 9);
    expect(zoomAbout(idxa, screen, view, 1e9, { x: 0, y: 0 }).scale).toBe(24);
  });

  it("never lets the image leave the screen", () => {
    const view = panBy(idxa, screen, fitImage(idxa, screen), { x: 1e6, y: -1e6 });
    expect(view.x).toBeLessThan(1000);
    expect(view.y + 1768 * view.scale * idxa.aspect).toBeGreaterThan(0);
  });

  it("stays fitted when the window changes, and keeps the zoom otherwise", () => {
    const after = { width: 800, height: 500 };
    expect(resizeView(idxa, screen, after, fitImage(idxa, screen))).toEqual(fitImage(idxa, after));
    const zoomed = zoomAbout(idxa, screen, fitImage(idxa, screen), 3, { x: 500, y: 350 });
    expect(resizeView(idxa, screen, after, zoomed).scale).toBe(zoomed.scale);
  });

  it("gives the overlay the same position as the image", () => {
    const view = { scale: 1.5, x: 40, y: -7 };
    const [a, b, c, d, e, f] = svgMatrix(idxa, view);
    const point = toScreen(idxa, view, { x: 200, y: 300 });
    expect(a * 200 + c * 300 + e).toBeCloseTo(point.x, 9);
    expect(b * 200 + d * 300 + f).toBeCloseTo(point.y, 9);
  });

  it("pans as little as needed to show a point, and not at all for a visible one", () => {
    const close = zoomAbout(idxa, screen, fitImage(idxa, screen), 8, { x: 500, y: 350 });
    const far = { x: 400, y: 60 };
    expect(toScreen(idxa, close, far).y).toBeLessThan(0);
    const view = panIntoView(idxa, screen, close, far);
    expect(toScreen(idxa, view, far).y).toBeCloseTo(64, 9);
    expect(view.x).toBe(close.x);
    expect(panIntoView(idxa, screen, close, toImage(idxa, close, { x: 500, y: 350 }))).toBe(close);
  });

  it("shows a part as large as fits, centred and in true proportions", () => {
    const view = fitPart(idxa, screen, { x: 300, y: 900 }, { x: 500, y: 1700 });
    const [from, to] = [toScreen(idxa, view, { x: 300, y: 900 }), toScreen(idxa, view, { x: 500, y: 1700 })];
    expect((from.x + to.x) / 2).toBeCloseTo(500, 9);
    expect((from.y + to.y) / 2).toBeCloseTo(350, 9);
    expect((to.y - from.y) * 1.16).toBeCloseTo(700, 9);
  });
});
