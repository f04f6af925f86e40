/** What a frame is. The numbers are on the wire: never reuse one. */
export const frameType = {
  request: 1,
  response: 2,
  data: 3,
  cancel: 4,
  credit: 5,
  goAway: 6,
  ping: 7,
  pong: 8,
  error: 9,
} as const;

/** Bits of a frame's flags. `end`: nothing follows in this direction of the stream. `refused`: the request was not begun. */
export const frameFlag = { end: 1, refused: 2 } as const;

/** Every frame starts with: payload length (4 bytes, big-endian like every number here), type (1), flags (1), stream (4; 0 is the connection). */
export const frameHeaderBytes = 10;

/** Longest payload of a data frame. */
export const dataBytes = 64 * 1024;

/** Longest payload of a head and of an error. */
export const headBytes = 16 * 1024;

/** Streams are numbered upwards from 1; past this a connection takes no more requests. */
export const lastStream = 0xffff_fff0;

/** The payload lengths a frame of a type may have, both inclusive; undefined for a type that does not exist. */
export const payloadBounds: readonly (readonly [least: number, most: number] | undefined)[] = [
  undefined,
  [1, headBytes],
  [1, headBytes],
  [0, dataBytes],
  [0, 0],
  [4, 4],
  [4, 4],
  [8, 8],
  [8, 8],
  [0, headBytes],
];
