import { describe, expect, it } from "vitest";
import { addEntry } from "../../../src/reading/saving/outbox";
import type { Outbox } from "../../../src/reading/saving/outbox";
import { OutboxStore } from "../../../src/reading/saving/outboxstore";
import { createStorage } from "../fixtures";

function submission(id: string, seq: number): Outbox {
  return [{ kind: "submit", id, seq, reading: "r1", tried: false }];
}

describe("outbox store", () => {
  it("loads unsent entries in order after a restart", () => {
    const storage = createStorage();
    const store = new OutboxStore(storage, "7", "a");
    const outbox = addEntry(submission("a", 1), { kind: "open", id: "b", reading: "r2" });
    store.save([], outbox);
    expect(new OutboxStore(storage, "7", "a").load().map((entry) => entry.id)).toEqual(["a", "b"]);
  });

  it("never removes entries of another tab", () => {
    const storage = createStorage();
    const [mine, other] = [new OutboxStore(storage, "7", "a"), new OutboxStore(storage, "7", "a")];
    mine.save([], submission("a", 1));
    other.save([], submission("b", 2));
    mine.save(submission("a", 1), []);
    expect(mine.load().map((entry) => entry.id)).toEqual(["b"]);
  });

  it("separates the readers of one computer", () => {
    const storage = createStorage();
    new OutboxStore(storage, "7", "a").save([], submission("a", 1));
    expect(new OutboxStore(storage, "8", "a").load()).toEqual([]);
  });

  it("separates the studies of one reader", () => {
    const storage = createStorage();
    new OutboxStore(storage, "7", "a").save([], submission("a", 1));
    expect(new OutboxStore(storage, "7", "b").load()).toEqual([]);
    expect(new OutboxStore(storage, "7", "a-b").load()).toEqual([]);
  });

  it("counts unsent entries of others, and of the same reader in other studies", () => {
    const storage = createStorage();
    new OutboxStore(storage, "7", "a").save([], submission("a", 1));
    new OutboxStore(storage, "7", "b").save([], submission("b", 1));
    new OutboxStore(storage, "8", "a").save([], [...submission("c", 1), { kind: "open", id: "d", seq: 2, reading: "r", tried: false }]);
    expect(new OutboxStore(storage, "7", "a").countOthers()).toEqual({ otherPeople: 1, otherStudies: 1 });
  });

  it("reports when nothing can be stored", () => {
    const fullStorage = { ...createStorage(), setItem: () => { throw new Error("quota"); } };
    expect(new OutboxStore(fullStorage, "7", "a").save([], submission("a", 1))).toBe(false);
    expect(new OutboxStore(null, "7", "a").load()).toEqual([]);
  });
});
