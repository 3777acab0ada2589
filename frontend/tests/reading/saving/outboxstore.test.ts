import { describe, expect, it } from "vitest";
import { addEntry } from "../../../src/reading/saving/outbox";
import type { Outbox } from "../../../src/reading/saving/outbox";
import { OutboxStore } from "../../../src/reading/saving/outboxstore";
import { shelf } from "../fixtures";

function one(id: string, seq: number): Outbox {
  return [{ kind: "submit", id, seq, reading: "r1", tried: false }];
}

describe("outbox store", () => {
  it("gives back after a restart what was not sent, in order", () => {
    const kept = shelf();
    const store = new OutboxStore(kept, "7", "a");
    const outbox = addEntry(one("a", 1), { kind: "open", id: "b", reading: "r2" });
    store.save([], outbox);
    expect(new OutboxStore(kept, "7", "a").load().map((entry) => entry.id)).toEqual(["a", "b"]);
  });

  it("never takes away what another tab has put there", () => {
    const kept = shelf();
    const [mine, other] = [new OutboxStore(kept, "7", "a"), new OutboxStore(kept, "7", "a")];
    mine.save([], one("a", 1));
    other.save([], one("b", 2));
    mine.save(one("a", 1), []);
    expect(mine.load().map((entry) => entry.id)).toEqual(["b"]);
  });

  it("keeps the readers of one computer apart", () => {
    const kept = shelf();
    new OutboxStore(kept, "7", "a").save([], one("a", 1));
    expect(new OutboxStore(kept, "8", "a").load()).toEqual([]);
  });

  it("keeps the studies of one reader apart", () => {
    const kept = shelf();
    new OutboxStore(kept, "7", "a").save([], one("a", 1));
    expect(new OutboxStore(kept, "7", "b").load()).toEqual([]);
    expect(new OutboxStore(kept, "7", "a-b").load()).toEqual([]);
  });

  it("counts what others, and the same reader in other studies, have not sent", () => {
    const kept = shelf();
    new OutboxStore(kept, "7", "a").save([], one("a", 1));
    new OutboxStore(kept, "7", "b").save([], one("b", 1));
    new OutboxStore(kept, "8", "a").save([], [...one("c", 1), { kind: "open", id: "d", seq: 2, reading: "r", tried: false }]);
    expect(new OutboxStore(kept, "7", "a").countOthers()).toEqual({ otherPeople: 1, otherStudies: 1 });
  });

  it("says when nothing can be kept", () => {
    const full = { ...shelf(), setItem: () => { throw new Error("quota"); } };
    expect(new OutboxStore(full, "7", "a").save([], one("a", 1))).toBe(false);
    expect(new OutboxStore(null, "7", "a").load()).toEqual([]);
  });
});
