/** What an installation is made of. */
export interface InstallSettings {
  /** The platform's own image, by digest: operator and gateway run it. */
  readonly image: string;
  /** Of the product, for labels: `0.1.0`. */
  readonly version: string;
  /** Where the platform's own pods run. Default `slipway-system`. */
  readonly namespace?: string;
  /** Namespaces whose Models may run: the operator gets its rights there, and nowhere else. Default `default`. */
  readonly modelNamespaces?: readonly string[];
  /** Host names the gateway answers for beside those of its Service. */
  readonly hosts?: readonly string[];
  /** The Gateway (of the Gateway API) that leads from outside to Slipway's gateways. */
  readonly parentGateway?: { readonly namespace: string; readonly name: string };
}

/** What each builder of an installation is given: settings with their defaults. */
export type InstallParts = Required<Omit<InstallSettings, "parentGateway">> & Pick<InstallSettings, "parentGateway">;
