const unitNanoseconds: Record<string, number> = { ns: 1, us: 1e3, µs: 1e3, μs: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 };
const part = /([0-9]*)(?:\.([0-9]*))?([^0-9.]+)/y;
const most = 2n ** 63n;

/** The nanoseconds of a duration such as `1m30s`, or undefined when Go's `time.ParseDuration` would not take it. */
export function parseDuration(text: string): bigint | undefined {
  const negative = text.startsWith("-");
  const unsigned = negative || text.startsWith("+") ? text.slice(1) : text;
  if (unsigned === "0") return 0n;
  if (unsigned === "" || unsigned.length > 256) return undefined;
  let total = 0n;
  part.lastIndex = 0;
  while (part.lastIndex < unsigned.length) {
    const match = part.exec(unsigned);
    if (match === null) return undefined;
    const [, whole = "", fraction = "", name = ""] = match;
    const unit = Object.hasOwn(unitNanoseconds, name) ? unitNanoseconds[name] : undefined;
    if (unit === undefined || (whole === "" && fraction === "")) return undefined;
    total += BigInt(whole) * BigInt(unit) + fractionNanoseconds(fraction, unit);
    if (total > most) return undefined;
  }
  if (total === most && !negative) return undefined;
  return negative ? -total : total;
}

/** The milliseconds of a duration, with fractions; undefined as {@link parseDuration}. */
export function durationMilliseconds(text: string): number | undefined {
  const nanoseconds = parseDuration(text);
  return nanoseconds === undefined ? undefined : Number(nanoseconds) / 1e6;
}

/** Go computes the fraction in float64 from the digits that fit an int64, so this does too. */
function fractionNanoseconds(digits: string, unit: number): bigint {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit);
    if (next > most) break;
    value = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (unit / scale)));
}
