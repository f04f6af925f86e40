import type { Instant } from "@slipway/base";
import type { Bundle } from "../manifest/bundle.ts";
import { hexOf } from "../manifest/digest.ts";

/** Where what was built came from, if version control knows. */
export interface SourceFacts {
  /** Address of the repository, without credentials. */
  readonly repository?: string;
  /** Commit that was checked out. */
  readonly commit: string;
  /** Whether files differed from that commit. */
  readonly modified: boolean;
  /** Path of the model directory in the repository. */
  readonly path: string;
}

/** How a bundle was made. */
export interface BuildFacts {
  /** Version of Slipway. */
  readonly version: string;
  readonly startedAt: Instant;
  readonly finishedAt: Instant;
  readonly source?: SourceFacts;
  /** Where its files were fetched from, and the commit they had there. */
  readonly fetched?: { readonly uri: string; readonly commit?: string };
}

/** An in-toto statement with SLSA provenance, https://slsa.dev/spec/v1.1/provenance, as far as it is read here. */
export interface Provenance {
  readonly _type: "https://in-toto.io/Statement/v1";
  readonly predicateType: "https://slsa.dev/provenance/v1";
  readonly subject: readonly { readonly name: string; readonly digest: Readonly<Record<string, string>> }[];
  readonly predicate: {
    readonly buildDefinition: {
      readonly buildType: string;
      readonly externalParameters: Readonly<Record<string, unknown>>;
      readonly resolvedDependencies: readonly { readonly uri?: string; readonly name?: string; readonly digest: object }[];
    };
    readonly runDetails: {
      readonly builder: { readonly id: string; readonly version: Readonly<Record<string, string>> };
      readonly metadata: { readonly startedOn: string; readonly finishedOn: string };
    };
  };
}

/** Says what a build of Slipway takes and does; its parameters are those of {@link provenance}. */
export const buildType = "https://slipway.dev/build/v1";

/** Nobody vouches for a build on somebody's own machine: SLSA's level 1 until it is signed. */
export const localBuilder = "https://slipway.dev/builder/local";

/** How a bundle was made and from what. Names no user, host or directory outside the repository. */
export function provenance(bundle: Bundle, { version, startedAt, finishedAt, source, fetched }: BuildFacts): Provenance {
  const name = bundle.manifest.name ?? "model";
  const origin = source && {
    ...(source.repository === undefined
      ? {}
      : { uri: source.repository.startsWith("git+") ? source.repository : `git+${source.repository}` }),
    name: source.path,
    digest: { gitCommit: source.commit },
    ...(source.modified ? { annotations: { modified: true } } : {}),
  };
  return {
    _type: "https://in-toto.io/Statement/v1",
    subject: [{ name, digest: { sha256: hexOf(bundle.digest) } }],
    predicateType: "https://slsa.dev/provenance/v1",
    predicate: {
      buildDefinition: {
        buildType,
        externalParameters: { format: bundle.manifest.format, ...(source === undefined ? {} : { directory: source.path }) },
        resolvedDependencies: [
          ...(origin === undefined ? [] : [origin]),
          ...(fetched === undefined
            ? []
            : [{ uri: fetched.uri, digest: fetched.commit === undefined ? {} : { gitCommit: fetched.commit } }]),
          ...bundle.manifest.files.map((file) => ({ name: file.path, digest: { sha256: file.digest.slice("sha256:".length) } })),
        ],
      },
      runDetails: {
        builder: { id: localBuilder, version: { slipway: version } },
        metadata: { startedOn: new Date(startedAt).toISOString(), finishedOn: new Date(finishedAt).toISOString() },
      },
    },
  };
}

/** Whether two builds were the same but for their times. */
export function sameBuild(a: Provenance, b: Provenance): boolean {
  const facts = ({ subject, predicate: { buildDefinition, runDetails } }: Provenance) =>
    JSON.stringify([subject, buildDefinition, runDetails.builder]);
  return facts(a) === facts(b);
}
