import { SlipwayError } from "@slipway/base";
import type { Resource } from "@slipway/spec";
import { readObject } from "../body/read-body.ts";
import { presentOne } from "../present/present.ts";
import { identified, sentVersion } from "./identity.ts";
import { retryConflict } from "./retry-conflict.ts";
import { existing, presentationOf, type Target } from "./target.ts";
import { checkManager, writeQuery } from "./write-options.ts";

/** PUT of a whole object: at the version it names, or, when it names none, whatever is there. */
export async function update(target: Target, subresource?: "status"): Promise<void> {
  const query = writeQuery(target.exchange);
  checkManager(query.manager);
  const presentation = presentationOf(target);
  const object = identified(target, await readObject(target.exchange));
  const version = sentVersion(object);
  const door = { ...query, ...(subresource === undefined ? {} : { subresource }) };
  const write = async () => {
    const current = await existing(target);
    const expect = version ?? current.metadata.resourceVersion;
    if (expect === undefined) throw new SlipwayError("internal", "A stored object has no resourceVersion.");
    return target.context.store.write(object as unknown as Resource, { expect, ...door });
  };
  const updated = version === undefined ? await retryConflict(write) : await write();
  target.exchange.sendJson(200, presentOne(presentation, updated));
}
