import type { LicenceChoice } from "./licence-choice.ts";

/** A CycloneDX 1.6 document, https://cyclonedx.org/docs/1.6/json/, as far as it is read here. */
export interface Sbom {
  readonly bomFormat: "CycloneDX";
  readonly specVersion: "1.6";
  readonly metadata: { readonly component: SbomComponent };
  readonly components: readonly SbomComponent[];
}

/** A part of a {@link Sbom}. */
export interface SbomComponent {
  readonly type: string;
  readonly name: string;
  readonly version?: string;
  readonly purl?: string;
  readonly licenses?: readonly LicenceChoice[];
  readonly [more: string]: unknown;
}

/** The names of licences in a document, each with who has it; the model first, then libraries without one last. */
export function licenceList(document: Sbom): { name: string; version?: string; licences: readonly LicenceChoice[] }[] {
  const libraries = document.components.filter(({ type }) => type === "library");
  return [document.metadata.component, ...libraries].map(({ type, name, version, licenses = [] }) => ({
    name,
    ...(version === undefined || type !== "library" ? {} : { version }),
    licences: licenses,
  }));
}
