/**
 * Write the types of the API's JSON to src/schema.ts; with --check, only compare (`make schema`).
 *
 * Reads the OpenAPI document from standard input. Addresses are left out, because the pages get
 * theirs from Django's templates.
 */

import { readFile, writeFile } from "node:fs/promises";
import { json } from "node:stream/consumers";
import openapiTS, { astToString } from "openapi-typescript";

const FILE = new URL("src/schema.ts", import.meta.url);
const HEADER = "/** Types of the JSON that the API exchanges. Written by `make schema`: do not edit. */\n\n";

const { components, ...rest } = await json(process.stdin);
const options = { immutable: true, rootTypes: true, rootTypesNoSchemaPrefix: true, rootTypesKeepCasing: true };
const types = await openapiTS({ ...rest, paths: {}, components: { schemas: components.schemas } }, options);
const text = HEADER + astToString(types);
if (process.argv.includes("--check")) {
  if (text !== (await readFile(FILE, "utf8"))) {
    process.stderr.write("frontend/src/schema.ts does not match the API. Run: make schema\n");
    process.exitCode = 1;
  }
} else {
  await writeFile(FILE, text);
}
