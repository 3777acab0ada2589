// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";
import { cropFacts } from "../../src/cases/cropfacts";
import type { Version } from "../../src/cases/contract";
import { decisionsFor } from "../../src/cases/decisions";
import { caseFacts, landmarkFacts, namesText } from "../../src/cases/facts";
import { historyList } from "../../src/cases/history";
import { stateBadge } from "../../src/cases/states";
import type { CropCheck } from "../../src/viewer/overlay/cropmarks";
import { SQUARE_PIXELS } from "../../src/viewer/pixelsize";
import { rendered } from "../rendered";
import { caseDetail, caseWith, landmarkSet } from "./fixtures";

const text = (elements: readonly Element[]): string => elements.map((element) => element.textContent).join("|");

describe("case details", () => {
  it("state what is unknown", () => {
    const unknown = caseDetail({ acquired_shifted: null, anterior: null, image: null });
    const facts = rendered(caseFacts(unknown)).textContent;
    expect(facts).toContain("Scan dateunknown");
    expect(facts).toContain("Anterior sidenot determined yet");
    expect(facts).toContain("Pixel sizeunknown");
  });

  it("list former versions of the image", () => {
    const former = { version: 1, replaced_at: "2026-11-29T08:00:00Z", changes: "pixel spacing 2.5 to 2 mm" };
    expect(rendered(caseFacts(caseDetail({ former_images: [former] }))).textContent).toContain("Image version 1replaced on");
  });

  it("show dashes for levels without measurements", () => {
    const rows = [...rendered(landmarkFacts(landmarkSet(), SQUARE_PIXELS)).querySelectorAll("tbody tr")];
    expect(text([...(rows[1]?.children ?? [])])).toBe("L1|0.91|25.0|24.2|normal");
    expect(text([...(rows[5]?.children ?? [])])).toBe("L5|\u2013|\u2013|\u2013|\u2013");
  });
});

describe("probabilities of the level labels", () => {
  const names = { probability: 0.9, shifts: { "0": 0.9, "1": 0.08 }, other_count: 0.02, views: 2 };

  it("name the second most probable labelling", () => {
    const set = { ...landmarkSet(), names: { ...names, runner_up: { shift: 1, probability: 0.08 } } };
    const facts = rendered(landmarkFacts(set, SQUARE_PIXELS)).textContent;
    expect(facts).toContain("Probability of the network's level labels: 0.90; second best (0.08): labels one level further cranial on the image.");
  });

  it("name a different number of lumbar vertebrae", () => {
    const text = namesText({ ...names, runner_up: { shift: null, probability: 0.08 } });
    expect(text).toContain("second best (0.08): a different number of lumbar vertebrae.");
  });

  it("leave out improbable labellings and missing probabilities", () => {
    expect(namesText({ ...names, runner_up: { shift: -2, probability: 0.001 } })).not.toContain("second best");
    expect(rendered(landmarkFacts(landmarkSet(), SQUARE_PIXELS)).textContent).not.toContain("Probability of");
  });
});

describe("crop facts", () => {
  const crop: CropCheck = {
    method: "field",
    verdict: "cropped",
    levels: { L2: { verdict: "cropped", margin_mm: -4, margin_px: null } },
    evidence: {
      unit: "mm",
      narrowest: { L2: { at: [6, 4], side: "right", kind: "image" } },
      lines: [{ name: "L2 1/3", margin: -4, leaves: true, field_end: null, at: [6, 4], side: "right", kind: "image" }],
      vertenet: { verdict: "ok" },
    },
  };

  it("name the verdict, the rule and the margin of each level", () => {
    const crops = rendered(cropFacts(crop, SQUARE_PIXELS));
    const facts = crops.textContent;
    expect(facts).toContain("The aorta at L1 to L4 may be cropped. Judged from the edge of the field of view");
    expect(text([...(crops.querySelector("tbody tr")?.children ?? [])])).toBe("L2|4.0 mm short|image border on the right");
    expect(facts).toContain("1 line leaves the field of view");
    expect(facts).toContain("Verdict by the rule of the VerteNet authors: ok.");
  });

  it("are short where a rule leaves no evidence", () => {
    const facts = rendered(cropFacts({ method: "other", verdict: "unknown", levels: {}, evidence: {} }, SQUARE_PIXELS));
    expect([...facts.children].map(({ tagName }) => tagName)).toEqual(["H2", "P"]);
  });
});

describe("decisions", () => {
  it("are offered in a fixed order, and only those that are possible", () => {
    const labels = decisionsFor(caseWith({ actions: ["reject", "exclude", "analyse", "release"] })).map(({ label }) => label);
    expect(labels).toEqual(["Repeat analysis", "Exclude case", "Reject case"]);
  });
});

describe("state badges", () => {
  it("show the state in words", () => {
    expect(rendered(stateBadge(caseWith({ state: "pending_review" }))).textContent).toBe("pending de-identification review");
    expect(rendered(stateBadge(caseWith({ state: "rejected" }))).querySelector(".badge.warning")).not.toBeNull();
  });

  it("mark uncertain labels until they are accepted", () => {
    const uncertainty = { reason: "", detail: "", accepted: false };
    expect(rendered(stateBadge(caseWith({ level_uncertainty: uncertainty }))).textContent).toBe("level labelling uncertain");
    expect(rendered(stateBadge(caseWith({ level_uncertainty: { ...uncertainty, accepted: true } }))).textContent).toBe("ready");
  });
});

describe("version history", () => {
  const base = { text: "", by: "clara", at: "2026-11-29T08:00:00Z", parent: 1, reason: "", moves: null };
  const moves = { moved: 2, added: 1, removed: 0, mean: 1.26, most: 2, unit: "mm" as const };
  const history: Version[] = [
    { ...base, version: 1, source: "model", text: "located by the network" },
    { ...base, version: 2, source: "moved", reason: "see report", moves },
    { ...base, version: 3, source: "shifted" },
    { ...base, version: 4, source: "taken" },
  ];

  it("describes each version, newest first", () => {
    const detail = caseDetail({ history, landmark_set: landmarkSet(4) });
    const items = [...rendered(historyList(detail, null, true, { compare: () => undefined, restore: () => undefined })).querySelectorAll("li")];
    expect(items.map((item) => item.firstElementChild?.textContent)).toEqual([
      "Version 4: version 1 restored",
      "Version 3: levels relabelled",
      "Version 2: 2 corners moved by 1.3 on average, 2.0 mm at most, 1 corner added",
      "Version 1: located by the network",
    ]);
    expect(items[0]?.textContent).toContain("Current version");
    expect(items[0]?.querySelector("button")).toBeNull();
    expect(items[2]?.textContent).toContain("\u201csee report\u201d");
  });

  it("offers to restore only where corners may be changed", () => {
    const detail = caseDetail({ history, landmark_set: landmarkSet(4) });
    const list = rendered(historyList(detail, 1, false, { compare: () => undefined, restore: () => undefined }));
    expect([...list.querySelectorAll("button")].map((one) => one.textContent)).toEqual(["Compare", "Compare", "Compare"]);
    expect([...list.querySelectorAll("button")].map((one) => one.getAttribute("aria-pressed"))).toEqual(["false", "false", "true"]);
  });
});
