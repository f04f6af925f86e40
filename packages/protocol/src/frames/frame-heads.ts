/** Names in lower case; a name appears once. */
export type FrameHeaders = Readonly<Record<string, string>>;

/** What a gateway tells a replica about a request before its body. */
export interface FrameRequestHead {
  readonly namespace: string;
  readonly model: string;
  readonly revision: string;
  /** HTTP method, in capitals. */
  readonly method: string;
  /** The path after the model (and version): `infer`, `ready`, or empty for metadata. Without a leading slash. */
  readonly path: string;
  /** Milliseconds left for the whole answer when the head was sent; 0 means no deadline. */
  readonly deadline: number;
  readonly headers: FrameHeaders;
}

/** What a replica answers before its body. */
export interface FrameResponseHead {
  /** HTTP status, 200..599. */
  readonly status: number;
  readonly headers: FrameHeaders;
}
