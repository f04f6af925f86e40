import type { WrittenMeta } from "../objects/kubernetes-object.ts";
import { labels, ownLabels } from "../objects/labels.ts";
import { modelObjectName } from "../objects/names.ts";
import { ownedBy } from "../objects/owned-by.ts";
import type { RevisionParts } from "./revision-settings.ts";

/** The labels that select a revision's pods, and only them. */
export function revisionSelector({ model, revision }: RevisionParts): Readonly<Record<string, string>> {
  return { [labels.model]: model.metadata.name, [labels.revision]: revision.metadata.name };
}

/** Metadata of an object of one revision: it goes with the Revision. */
export function revisionMeta(parts: RevisionParts, name: string = parts.revision.metadata.name): WrittenMeta {
  const { model, revision } = parts;
  return {
    name,
    namespace: model.metadata.namespace!,
    labels: { ...ownLabels, ...revisionSelector(parts) },
    ...ownedBy(revision),
  };
}

/** Metadata of an object that all revisions of a Model share: it goes with the Model. */
export function modelMeta({ model }: RevisionParts): WrittenMeta {
  return {
    name: modelObjectName(model.metadata.name),
    namespace: model.metadata.namespace!,
    labels: { ...ownLabels, [labels.model]: model.metadata.name },
    ...ownedBy(model),
  };
}
