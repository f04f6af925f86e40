import { createCipheriv, createHash } from "node:crypto";

/** Bytes without any pattern, always the same ones for a seed. */
export function noise(seed: string, size: number): Buffer {
  const key = createHash("sha256").update(seed).digest();
  return createCipheriv("aes-256-ctr", key, Buffer.alloc(16)).update(Buffer.alloc(size));
}
