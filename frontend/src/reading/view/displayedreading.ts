/** A reading as it is displayed: mirrored if the study shows every image with anterior on one side. Pure. */

import { mirrorGuides, mirrorValues } from "../../viewer/mirror";
import type { PixelValues } from "../../viewer/windowlut";
import type { Reading } from "../contract";
import type { LoadedReading } from "../saving/readingcache";

/** Return the reading with image, guides and anterior side as they appear on the screen. */
export function displayedReading(loaded: LoadedReading): LoadedReading {
  const { reading, values, guides } = loaded;
  const shown = shownAnterior(reading);
  if (shown === sideOf(reading)) return loaded;
  const { width } = reading.image;
  return {
    reading: { ...reading, image: { ...reading.image, anterior: shown } },
    values: mirrorOnce(values, width),
    // The landmarks are not drawn in the reading room.
    guides: guides === null ? null : { ...guides, guides: mirrorGuides(guides.guides, width) },
  };
}

/** Mirrored pixels of images in use: the next image is mirrored before it is shown. */
const mirrored = new WeakMap<PixelValues, PixelValues>();

function mirrorOnce(values: PixelValues, width: number): PixelValues {
  const known = mirrored.get(values) ?? mirrorValues(values, width);
  mirrored.set(values, known);
  return known;
}

function shownAnterior(reading: Reading): "left" | "right" {
  const side = reading.display.anterior;
  return side === "" ? sideOf(reading) : side;
}

function sideOf(reading: Reading): "left" | "right" {
  return reading.image.anterior === "left" ? "left" : "right";
}
