import { randomInt } from "node:crypto";
import { SlipwayError } from "@slipway/base";
import { type KindInfo, kinds, type Resource } from "@slipway/spec";
import { isJsonObject, type JsonObject } from "../body/json-object.ts";
import { readObject } from "../body/read-body.ts";
import { presentOne } from "../present/present.ts";
import { noteAbout } from "../status/about-error.ts";
import { invalidObject } from "../status/refusals.ts";
import { identified, sentVersion } from "./identity.ts";
import { presentationOf, type Target } from "./target.ts";
import { checkManager, type WriteQuery, writeQuery } from "./write-options.ts";

/** Kubernetes' alphabet: no vowels, so no words, and nothing that looks like something else. */
const alphabet = "bcdfghjklmnpqrstvwxz2456789";
const maxGeneratedName = 63;
const nameAttempts = 8;

/** POST of a new object; with `metadata.generateName` the name is made up. */
export async function create(target: Target): Promise<void> {
  const query = writeQuery(target.exchange);
  checkManager(target.exchange, query.manager);
  const presentation = presentationOf(target);
  const object = identified(target, await readObject(target.exchange));
  if (sentVersion(object) !== undefined)
    throw new SlipwayError("badRequest", "resourceVersion should not be set on objects to be created");
  const created = await createNamed(target, object, query);
  target.exchange.sendJson(201, presentOne(presentation, created));
}

async function createNamed(target: Target, object: JsonObject, query: WriteQuery): Promise<Resource> {
  const metadata = isJsonObject(object.metadata) ? object.metadata : {};
  const { generateName: prefix } = metadata;
  if (typeof metadata.name === "string" && metadata.name !== "") return write(target, object, metadata.name, query);
  if (typeof prefix !== "string" || prefix === "") {
    const message = "Required value: name or generateName is required";
    throw invalidObject(target.info, "", [{ path: "metadata.name", message, reason: "FieldValueRequired" }]);
  }
  for (let attempt = 1; ; attempt += 1) {
    const name = `${prefix.slice(0, maxGeneratedName - 5)}${Array.from({ length: 5 }, () => alphabet[randomInt(alphabet.length)]).join("")}`;
    try {
      return await write(target, { ...object, metadata: { ...metadata, name } }, name, query);
    } catch (error) {
      if (SlipwayError.from(error).code !== "alreadyExists" || attempt === nameAttempts) throw error;
    }
  }
}

async function write(target: Target, object: JsonObject, name: string, query: WriteQuery): Promise<Resource> {
  try {
    return await target.context.store.write(object as unknown as Resource, { expect: "absent", ...query });
  } catch (error) {
    // What a creation does not find is its namespace.
    const about = { info: target.info, name };
    const namespace = { info: kinds.Namespace as KindInfo, name: target.namespace };
    throw noteAbout(error, SlipwayError.from(error).code === "notFound" ? namespace : about);
  }
}
