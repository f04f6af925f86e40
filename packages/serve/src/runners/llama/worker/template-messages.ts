/** What the thread of templates is started with. */
export interface TemplateSetting {
  readonly library: string;
  readonly source: string;
}

/** A template is to be rendered. */
export interface TemplateRequest {
  readonly id: number;
  readonly values: Readonly<Record<string, unknown>>;
}

/** What came of it: its text, or why it failed. */
export type TemplateReply = { readonly id: number } & ({ readonly text: string } | { readonly failed: string });
