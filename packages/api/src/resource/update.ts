import { SlipwayError } from "@slipway/base";
import type { Resource } from "@slipway/spec";
import { readObject } from "../body/read-body.ts";
import { presentOne } from "../present/present.ts";
import { noteAbout } from "../status/about-error.ts";
import { invalidObject } from "../status/refusals.ts";
import { identified, sentVersion } from "./identity.ts";
import { retryConflict } from "./retry-conflict.ts";
import { existing, presentationOf, type Target } from "./target.ts";
import { checkManager, writeQuery } from "./write-options.ts";

/** PUT of a whole object: at the version it names, or, of Kubernetes' own kinds only, when it names none, whatever is there. */
export async function update(target: Target, subresource?: "status"): Promise<void> {
  const query = writeQuery(target.exchange);
  checkManager(target.exchange, query.manager);
  const presentation = presentationOf(target);
  const object = identified(target, await readObject(target.exchange));
  const version = sentVersion(object);
  const door = { ...query, ...(subresource === undefined ? {} : { subresource }) };
  const write = async () => {
    const current = await existing(target);
    if (version === undefined && target.info.group !== "") throw versionRequired(target);
    const expect = version ?? current.metadata.resourceVersion;
    if (expect === undefined) throw new SlipwayError("internal", "A stored object has no resourceVersion.");
    return target.context.store.write(object as unknown as Resource, { expect, ...door });
  };
  const updated = version === undefined ? await retryConflict(write) : await write();
  target.exchange.sendJson(200, presentOne(presentation, updated));
}

/** As Kubernetes says it of custom resources, down to naming the plural as the kind. */
function versionRequired({ info, name }: Target): SlipwayError {
  const type = { kind: info.plural, group: info.group, plural: info.plural };
  const message = "Invalid value: 0: must be specified for an update";
  const problem = { path: "metadata.resourceVersion", message, reason: "FieldValueInvalid" } as const;
  return noteAbout(invalidObject(type, name, [problem]), { info: type, name });
}
