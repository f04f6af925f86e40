/** What an installation is made of. */
export interface InstallSettings {
  /** The platform's own image, by digest: operator and gateway run it. */
  readonly image: string;
  /** Of the product, for labels: `0.1.0`. */
  readonly version: string;
  /** Where the platform's own pods run. Default `slipway-system`. */
  readonly namespace?: string;
}

/** What each builder of an installation is given: settings with their defaults. */
export type InstallParts = Required<InstallSettings>;
