import type { PushCount } from "@slipway/bundle";

/** One line on what a push moved, for people. */
export function pushReport(to: string, { uploaded, mounted, present, bytes }: PushCount): string {
  const size = bytes >= 1e6 ? `${Math.round(bytes / 1e6)} MB` : `${Math.ceil(bytes / 1e3)} kB`;
  const parts = [
    `${uploaded} ${uploaded === 1 ? "blob" : "blobs"} sent (${size})`,
    ...(mounted > 0 ? [`${mounted} taken over from another repository`] : []),
    ...(present > 0 ? [`${present} there already`] : []),
  ];
  return `${to}: ${parts.join(", ")}\n`;
}
