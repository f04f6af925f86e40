/** A licence as CycloneDX writes it: by its SPDX identifier, as an expression of several, or by a name of its own. */
export type LicenceChoice =
  | { readonly license: { readonly id: string; readonly url?: string } }
  | { readonly license: { readonly name: string; readonly url?: string } }
  | { readonly expression: string };

/** A licence in one word or expression, for a list. */
export function licenceText(licence: LicenceChoice): string {
  if ("expression" in licence) return licence.expression;
  return "id" in licence.license ? licence.license.id : licence.license.name;
}
