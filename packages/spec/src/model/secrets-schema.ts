import { z } from "zod";
import { found } from "../values/found.ts";
import { kubernetesName } from "../values/kubernetes-name.ts";

/** Places of the image and the system: a volume there would hide what a replica needs. `/var/run` is another name of `/run`. */
const reservedPlaces = "bin boot dev etc lib lib32 lib64 libx32 model proc sbin slipway sys tmp usr var/run".split(" ");
const reservedPlace = new RegExp(`^/(${reservedPlaces.join("|")})(/|$)`);

/** Variables by which somebody would change how Slipway itself runs. */
const reservedVariable = /^((SLIPWAY|NODE|LD|DYLD|POD|KUBERNETES)_.*|PATH|HOME|TMPDIR|SHELL|IFS|ENV)$/;

const variable = /^[A-Za-z_][A-Za-z0-9_]*$/;
const file = /^(\/\.?[A-Za-z0-9_-][A-Za-z0-9._-]*){2,}$/;
const key = /^\.?[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

const checked = (problem: (text: string) => string | undefined) =>
  z.string().superRefine((text, context) => {
    const message = problem(text);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });

const cel = (pattern: RegExp) => pattern.source.replaceAll("\\/", "/");

const secretReferenceSchema = z
  .strictObject({
    name: kubernetesName().describe("Name of a Secret in the Model's namespace. Its value is never shown or copied."),
    key: checked(keyProblem)
      .meta({ pattern: key.source, maxLength: 253 })
      .exactOptional()
      .describe("Key of the Secret's value. When not set: the name of the variable, or the last part of the file's path."),
    env: checked(variableProblem)
      .meta({
        pattern: variable.source,
        maxLength: 253,
        "x-kubernetes-validations": [
          { rule: `!self.matches('${cel(reservedVariable)}')`, message: "this variable decides how Slipway itself runs" },
        ],
      })
      .exactOptional()
      .describe(
        "Environment variable that has the value; a new value counts for replicas that start later. Either this or file.",
      ),
    file: checked(fileProblem)
      .meta({
        pattern: cel(file),
        maxLength: 255,
        "x-kubernetes-validations": [
          {
            rule: `!self.matches('${cel(reservedPlace)}')`,
            message: "this place is the image's or the system's own; use /run/secrets",
          },
        ],
      })
      .exactOptional()
      .describe(
        "Absolute path of a file that has the value, such as /run/secrets/token; it changes with the Secret, without a restart. Its directory holds nothing else. Either this or env.",
      ),
  })
  .superRefine((reference, context) => {
    if ((reference.env === undefined) !== (reference.file === undefined)) return;
    const message =
      reference.env === undefined
        ? "expected env (the name of a variable) or file (an absolute path)"
        : "env and file exclude each other; make two entries of it";
    context.addIssue({ code: "custom", path: reference.env === undefined ? [] : ["file"], message });
  })
  .meta({
    "x-kubernetes-validations": [{ rule: "has(self.env) != has(self.file)", message: "either env or file is required" }],
  });

/** Values of Secrets that replicas get; only references, never values. */
export const secretsSchema = z
  .array(secretReferenceSchema)
  .max(32)
  .meta({
    "x-kubernetes-list-type": "atomic",
    "x-kubernetes-validations": [
      {
        rule: "self.all(a, !has(a.env) || self.exists_one(b, has(b.env) && b.env == a.env))",
        message: "each env must be there once",
      },
      {
        rule: "self.all(a, !has(a.file) || self.exists_one(b, has(b.file) && (b.file == a.file || b.file.startsWith(a.file + '/'))))",
        message: "each file must be there once, and none may be a directory of another",
      },
    ],
  });

/** One entry of `spec.secrets`. */
export type SecretReference = z.output<typeof secretReferenceSchema>;

/** The key of the Secret that an entry means. */
export function secretKey({ key: given, env, file: path }: SecretReference): string {
  return given ?? env ?? path?.slice(path.lastIndexOf("/") + 1) ?? "";
}

function keyProblem(text: string): string | undefined {
  if (text.length > 253) return `expected at most 253 characters, found ${text.length}`;
  if (key.test(text)) return undefined;
  return `expected a key of letters, digits, "-", "_" and ".", not beginning with ".."; found ${found(text)}`;
}

function variableProblem(text: string): string | undefined {
  if (text.length > 253) return `expected at most 253 characters, found ${text.length}`;
  if (!variable.test(text))
    return `expected a variable of letters, digits and "_", not beginning with a digit; found ${found(text)}`;
  if (reservedVariable.test(text)) return `expected another name: ${text} decides how Slipway itself runs`;
  return undefined;
}

function fileProblem(text: string): string | undefined {
  if (text.length > 255) return `expected at most 255 characters, found ${text.length}`;
  const place = reservedPlace.exec(text)?.[1];
  if (place !== undefined) return `expected a path outside /${place}, such as /run/secrets/token; found ${found(text)}`;
  if (!file.test(text))
    return `expected an absolute path in a directory of its own, such as /run/secrets/token, of letters, digits, "-", "_" and "."; found ${found(text)}`;
  return undefined;
}
