import { zipSync } from "fflate";
import type { AsyncZippable, Zippable } from "fflate";
import { describe, expect, it, vi } from "vitest";
import { crc32 } from "../../src/upload/crc32";
import { MAX_MEMBERS, expandArchives } from "../../src/upload/unpack";
import { toSelectedFile } from "../../src/upload/selectedfiles";
import type { SelectedFile } from "../../src/upload/selectedfiles";

const ENCODER = new TextEncoder();
const NOISE = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 2_654_435_761) >>> 13);

function archive(files: Zippable): Uint8Array<ArrayBuffer> {
  return zipSync(files) as Uint8Array<ArrayBuffer>;
}

function selectArchive(bytes: Uint8Array<ArrayBuffer>, path = "scans.zip"): SelectedFile {
  return toSelectedFile(new File([bytes], path), path);
}

async function members(bytes: Uint8Array<ArrayBuffer>, path?: string): Promise<SelectedFile[]> {
  return expandArchives([selectArchive(bytes, path)]);
}

async function content(files: SelectedFile | undefined): Promise<Uint8Array> {
  if (files === undefined) throw new Error("missing file");
  return new Uint8Array(await (await files.open()).arrayBuffer());
}

/** Compared by hand, because a matcher takes seconds for this many numbers. */
function hasSameBytes(archiveBytes: Uint8Array, other: Uint8Array): boolean {
  return archiveBytes.length === other.length && archiveBytes.every((byte, at) => byte === other[at]);
}

/** The bytes with every entry of the central directory changed. */
function withEntries(bytes: Uint8Array<ArrayBuffer>, change: (view: DataView, at: number) => void): Uint8Array<ArrayBuffer> {
  const copy = bytes.slice();
  const view = new DataView(copy.buffer);
  for (let at = 0; at + 46 <= copy.length; at += 1) if (view.getUint32(at, true) === 0x02014b50) change(view, at);
  return copy;
}

describe("crc32", () => {
  it("has the check value of the standard, in one piece or several", () => {
    expect(crc32(ENCODER.encode("123456789"))).toBe(0xcbf43926);
    expect(crc32(ENCODER.encode("6789"), crc32(ENCODER.encode("12345")))).toBe(0xcbf43926);
  });
});

describe("a zip archive", () => {
  it("becomes the files in it, compressed or stored, each under the archive's name", async () => {
    const files = await members(archive({ "a/1.dcm": NOISE, "2.dcm": [NOISE.slice(7), { level: 0 }] }));
    expect(files.map(({ path }) => path)).toEqual(["scans.zip/a/1.dcm", "scans.zip/2.dcm"]);
    expect(hasSameBytes(await content(files[0]), NOISE)).toBe(true);
    expect(hasSameBytes(await content(files[1]), NOISE.slice(7))).toBe(true);
  });

  it("keeps its position among other files", async () => {
    const other = toSelectedFile(new File(["x"], "x.dcm"), "x.dcm");
    const files = await expandArchives([other, selectArchive(archive({ "1.dcm": NOISE })), other]);
    expect(files.map(({ path }) => path)).toEqual(["x.dcm", "scans.zip/1.dcm", "x.dcm"]);
  });

  it("is read in small pieces, never as a whole, and no file before it is sent", async () => {
    const bytes = archive({ "1.dcm": [NOISE, { level: 0 }], "2.dcm": NOISE });
    const file = new File([bytes], "scans.zip");
    const slice = vi.spyOn(file, "slice");
    const whole = vi.spyOn(file, "arrayBuffer");
    const files = await expandArchives([toSelectedFile(file, "scans.zip")]);
    const before = slice.mock.calls.length;
    expect(before).toBeLessThanOrEqual(2);
    await content(files[1]);
    expect(whole).not.toHaveBeenCalled();
    expect(slice.mock.calls.length).toBe(before + 2);
  });

  it("leaves out folders, system files, and a DICOMDIR beside other files", async () => {
    const junk = ["__MACOSX/._1.dcm", "a/._1.dcm", "a/.DS_Store", "@eaDir/1", "DICOMDIR"];
    const junkFiles = Object.fromEntries(junk.map((name) => [name, ENCODER.encode("x")]));
    const files = await members(archive({ a: {}, ...junkFiles, "a/1.dcm": NOISE }));
    expect(files.map(({ path }) => path)).toEqual(["scans.zip/a/1.dcm"]);
    expect(await members(archive({ DICOMDIR: ENCODER.encode("x") }))).toHaveLength(1);
  });

  it("may have data in front and a comment at the end", async () => {
    const bytes = archive({ "1.dcm": NOISE });
    const comment = ENCODER.encode("PK made by hand");
    const end = bytes.slice();
    new DataView(end.buffer).setUint16(end.length - 2, comment.length, true);
    const all = new File([ENCODER.encode("#!/bin/sh\n"), end, comment], "scans.zip");
    const [files] = await expandArchives([toSelectedFile(all, "scans.zip")]);
    expect(hasSameBytes(await content(files), NOISE)).toBe(true);
  });

  it("decodes names in UTF-8 and older encodings", async () => {
    const [files] = await members(archive({ "Größe.dcm": NOISE }));
    expect(files?.path).toBe("scans.zip/Größe.dcm");
  });
});

describe("a file in a zip archive is rejected with its reason", () => {
  const archiveBytes = archive({ "1.dcm": NOISE });
  const refusal = async (bytes: Uint8Array<ArrayBuffer>): Promise<string> => (await members(bytes))[0]?.problem ?? "";

  it("when it has a password", async () => {
    expect(await refusal(withEntries(archiveBytes, (view, at) => { view.setUint16(at + 8, 1, true); }))).toContain("password");
  });

  it("when its method is unknown", async () => {
    expect(await refusal(withEntries(archiveBytes, (view, at) => { view.setUint16(at + 10, 9, true); }))).toContain("method");
  });

  it("when it is a link", async () => {
    const link = withEntries(archiveBytes, (view, at) => { view.setUint32(at + 38, 0o120777 * 65_536, true); });
    expect(await refusal(link)).toContain("link");
  });

  it("when its path points outside of the archive", async () => {
    for (const name of ["../1.dcm", "a/../../1.dcm", "/etc/1.dcm", "C:\\1.dcm"]) {
      expect(await refusal(archive({ [name]: NOISE }))).toContain("points outside");
    }
  });

  it("when it is too large or expands like a zip bomb", async () => {
    const large = withEntries(archiveBytes, (view, at) => {
      view.setUint32(at + 24, 300 * 2 ** 20, true);
      view.setUint32(at + 20, 300 * 2 ** 20, true);
    });
    expect(await refusal(large)).toContain("more than 256 MB");
    expect(await refusal(archive({ bomb: new Uint8Array(20 * 2 ** 20) }))).toContain("expands far more");
  });

  it("when it is a zip archive, by name or by content", async () => {
    expect(await refusal(archive({ "inner.zip": archiveBytes }))).toContain("inside a zip archive");
    const [files] = await members(archive({ "inner.dcm": archiveBytes }));
    await expect(files?.open()).rejects.toThrow("inside a zip archive");
  });

  it("while the other files are unpacked", async () => {
    const files = await members(archive({ "inner.zip": archiveBytes, "1.dcm": NOISE }));
    expect(files.map((file) => file.problem === null)).toEqual([false, true]);
  });
});

describe("a damaged zip archive", () => {
  it.each([
    ["is no archive at all", ENCODER.encode("this is text and no archive at all, whatever its name")],
    ["is empty", new Uint8Array()],
    ["is cut off", archive({ "1.dcm": NOISE }).slice(0, 2_000)],
  ])("is listed with its reason when it %s", async (_, bytes) => {
    const [files] = await members(bytes as Uint8Array<ArrayBuffer>);
    expect(files?.path).toBe("scans.zip");
    expect(files?.problem).toContain("damaged or incomplete");
  });

  it("without files is reported", async () => {
    expect((await members(archive({})))[0]?.problem).toContain("contains no files");
  });

  it("stops at the file whose checksum, size or stream is wrong", async () => {
    const good = archive({ "1.dcm": NOISE });
    const bad = [
      withEntries(good, (view, at) => { view.setUint32(at + 16, 1, true); }),
      withEntries(good, (view, at) => { view.setUint32(at + 24, 100, true); }),
      withEntries(good, (view, at) => { view.setUint32(at + 24, NOISE.length + 1, true); }),
      good.map((byte, at) => (at > 100 && at < 400 ? byte ^ 0x5a : byte)),
    ];
    for (const bytes of bad) await expect((await members(bytes))[0]?.open()).rejects.toThrow("damaged inside");
  });

  it("with too many files is rejected as a whole", async () => {
    const many: AsyncZippable = {};
    for (let i = 0; i <= MAX_MEMBERS; i += 1) many[`${String(i)}.dcm`] = [new Uint8Array([1]), { level: 0 }];
    const files = await members(archive(many as Zippable));
    expect(files).toHaveLength(1);
    expect(files[0]?.problem).toContain("5001 files");
  });

  it("that can no longer be read is reported", async () => {
    const file = new File([archive({ "1.dcm": NOISE })], "scans.zip");
    const [files] = await expandArchives([toSelectedFile(file, "scans.zip")]);
    const gone = { arrayBuffer: () => Promise.reject(new DOMException("", "NotReadableError")) } as Blob;
    vi.spyOn(file, "slice").mockReturnValue(gone);
    await expect(files?.open()).rejects.toThrow("moved or changed");
  });
});

describe("zip64", () => {
  /** An archive with one stored file, all of whose sizes are in zip64 fields, as large archives have them. */
  function zip64(data: Uint8Array, name = "1.dcm"): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(2_000 + data.length);
    const view = new DataView(bytes.buffer);
    let at = 0;
    const writeNumbers = (size: 2 | 4 | 8, ...values: number[]): void => {
      for (const value of values) {
        if (size === 2) view.setUint16(at, value, true);
        else if (size === 4) view.setUint32(at, value, true);
        else view.setBigUint64(at, BigInt(value), true);
        at += size;
      }
    };
    const writeBytes = (more: Uint8Array): void => { bytes.set(more, at); at += more.length; };
    writeNumbers(4, 0x04034b50); writeNumbers(2, 45, 0, 0, 0, 0); writeNumbers(4, crc32(data), 0xffffffff, 0xffffffff); writeNumbers(2, name.length, 20);
    writeBytes(ENCODER.encode(name)); writeNumbers(2, 1, 16); writeNumbers(8, data.length, data.length); writeBytes(data);
    const list = at;
    writeNumbers(4, 0x02014b50); writeNumbers(2, 45, 45, 0, 0, 0, 0); writeNumbers(4, crc32(data), 0xffffffff, 0xffffffff); writeNumbers(2, name.length, 28, 0, 0, 0);
    writeNumbers(4, 0, 0xffffffff); writeBytes(ENCODER.encode(name)); writeNumbers(2, 1, 24); writeNumbers(8, data.length, data.length, 0);
    const end = at;
    writeNumbers(4, 0x06064b50); writeNumbers(8, 44); writeNumbers(2, 45, 45); writeNumbers(4, 0, 0); writeNumbers(8, 1, 1, end - list, list);
    writeNumbers(4, 0x07064b50, 0); writeNumbers(8, end); writeNumbers(4, 1);
    writeNumbers(4, 0x06054b50); writeNumbers(2, 0, 0, 0xffff, 0xffff); writeNumbers(4, 0xffffffff, 0xffffffff); writeNumbers(2, 0);
    return bytes.slice(0, at);
  }

  it("is read", async () => {
    const files = await members(zip64(NOISE));
    expect(files.map(({ path, problem: refusal }) => [path, refusal])).toEqual([["scans.zip/1.dcm", null]]);
    expect(hasSameBytes(await content(files[0]), NOISE)).toBe(true);
  });
});
