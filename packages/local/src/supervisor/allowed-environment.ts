/** What a child may see of the environment of the one who runs `slipway up`: where programs and temporary files are, language and time zone, and nothing that may be a secret. */
const allowed = [
  "PATH",
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "LANG",
  "TZ",
  "TMPDIR",
  "XDG_RUNTIME_DIR",
  "XDG_CACHE_HOME",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
];

/** The part of an environment that children get; everything else they need is in their own `ProcessSpec.env`. */
export function allowedEnvironment(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).filter(
      (entry): entry is [string, string] => entry[1] !== undefined && (allowed.includes(entry[0]) || entry[0].startsWith("LC_")),
    ),
  );
}
