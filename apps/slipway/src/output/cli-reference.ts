import type { Command, Option } from "commander";
import { exampleLines } from "../commands/flags.ts";

/** The reference of the command line in Markdown: every command, argument and flag there is, with the examples of its help. */
export function cliReference(program: Command): string {
  const help = program.createHelp();
  const commands = help.visibleCommands(program).filter((command) => command.name() !== "help");
  const parts = [
    "# Command line",
    "",
    "Generated from the commands themselves. Data goes to standard output, everything else to standard error.",
    'With `-o json`, an error is `{"error": {"code", "message", "hint", "problems"}}` on standard error.',
    "",
    "| Exit code | Meaning |",
    "| --- | --- |",
    ...exitCodes.map(([code, meaning]) => `| ${code} | ${meaning} |`),
    "",
    "| Environment | Meaning |",
    "| --- | --- |",
    ...environment.map(([name, meaning]) => `| \`${name}\` | ${meaning} |`),
    "",
    "Flags that may also stand before the command:",
    "",
    ...optionTable(help.visibleOptions(program)),
    "",
    "| Command | What it does |",
    "| --- | --- |",
    ...commands.map((command) => `| [\`${command.name()}\`](#slipway-${command.name()}) | ${escaped(command.summary())} |`),
  ];
  for (const command of commands) parts.push("", ...commandSection(command, help.visibleOptions(command)));
  return `${parts.join("\n")}\n`;
}

const exitCodes: readonly (readonly [number, string])[] = [
  [0, "done"],
  [1, "failed; for `diff`, something differs; for `doctor`, a check failed"],
  [2, "wrong usage"],
  [3, "not found"],
  [4, "conflict"],
  [5, "invalid"],
  [6, "timed out"],
  [7, "unreachable"],
  [130, "ended by Ctrl-C"],
];

const environment: readonly (readonly [string, string])[] = [
  ["SLIPWAY_HOME", "directory of the platform's state, unless `--home` is given"],
  ["HOME", "where `.slipway` is, when neither is given"],
  ["XDG_RUNTIME_DIR", "where the platform's sockets are; else `/tmp`"],
  [
    "XDG_CACHE_HOME",
    "where compiled code, the parts of images and runtimes such as that of GGUF models are kept; else `.cache` in `HOME`",
  ],
  ["SLIPWAY_RUNTIME_IMAGE", "runtime image that `slipway image` builds on, unless `--runtime` is given"],
  ["SLIPWAY_KEY_PASSPHRASE", "passphrase of the key that `slipway sign` signs with"],
  ["SLIPWAY_INSECURE_REGISTRIES", "registries (HOST or HOST:PORT, with commas between) that are reached over plain HTTP"],
  [
    "HTTPS_PROXY",
    "proxy that leads to registries and sources, as a URL; this one and the next two are also read in small letters",
  ],
  ["HTTP_PROXY", "proxy that leads to registries and sources over plain HTTP"],
  ["NO_PROXY", "hosts that are reached without a proxy, with commas between; this machine always is"],
  ["DOCKER_CONFIG", "directory of the `config.json` with the logins of registries; else `.docker` in `HOME`"],
  ["HF_ENDPOINT", "hub that sources of `hf:` are on; else `https://huggingface.co`"],
  ["HF_TOKEN", "login to that hub"],
  ["AWS_ENDPOINT_URL_S3", "object store that sources of `s3:` are in; else `AWS_ENDPOINT_URL`, else Amazon's"],
  ["AWS_ENDPOINT_URL", "the same, for whoever sets it for all of Amazon's services"],
  ["AWS_REGION", "region of the object store; else `us-east-1`"],
  ["AWS_ACCESS_KEY_ID", "login to the object store; without it, only what is public can be read"],
  ["AWS_SECRET_ACCESS_KEY", "the secret of that login"],
  ["AWS_SESSION_TOKEN", "the session of that login, where it has one"],
  ["MLFLOW_TRACKING_URI", "tracking server that sources of `mlflow:` are registered with"],
  ["MLFLOW_TRACKING_TOKEN", "login to the tracking server; else the next two"],
  ["MLFLOW_TRACKING_USERNAME", "user at the tracking server"],
  ["MLFLOW_TRACKING_PASSWORD", "the password of that user"],
  [
    "KUBECONFIG",
    "kubeconfig files with the contexts of `--context`, the first to name something wins; else `.kube/config` in `HOME`",
  ],
  ["SLIPWAY_API_KEY", "the key for inference in a cluster, unless `--api-key` is given"],
  ["POD_NAME", "in a cluster: the pod's name, which is in every line of its log, and by which operators agree who leads"],
  ["POD_NAMESPACE", "in a cluster: the platform's namespace"],
  ["SLIPWAY_HOSTS", "in a cluster: names the gateway answers for beside its Service's, with commas between"],
  ["KUBERNETES_SERVICE_HOST", "in a cluster: the API server's address, as Kubernetes sets it"],
  ["KUBERNETES_SERVICE_PORT", "in a cluster: the API server's port, as Kubernetes sets it"],
  ["TERM", "`dumb` means no colours and no progress line"],
  ["NO_COLOR", "when not empty: no colours, as [no-color.org](https://no-color.org) says"],
  ["SLIPWAY_DEBUG", "when not empty: errors come with their stack"],
];

function commandSection(command: Command, options: readonly Option[]): string[] {
  const lines = [
    `## slipway ${command.name()}`,
    "",
    `\`slipway ${command.name()} ${command.usage()}\``,
    "",
    escaped(command.description()),
  ];
  if (command.registeredArguments.length > 0) {
    lines.push("", "| Argument | Meaning |", "| --- | --- |");
    for (const argument of command.registeredArguments) {
      const choices =
        argument.argChoices === undefined ? "" : `: ${argument.argChoices.map((choice) => `\`${choice}\``).join(", ")}`;
      lines.push(`| \`${argument.name()}\` | ${escaped(argument.description)}${choices} |`);
    }
  }
  if (options.length > 0) lines.push("", ...optionTable(options));
  const examples = exampleLines.get(command) ?? [];
  if (examples.length > 0) lines.push("", "```sh", ...examples.flatMap(([line, does]) => [`# ${does}`, line]), "```");
  return lines;
}

function optionTable(options: readonly Option[]): string[] {
  return [
    "| Flag | Meaning |",
    "| --- | --- |",
    ...options.map((option) => `| \`${option.flags}\` | ${escaped(optionText(option))} |`),
  ];
}

function optionText(option: Option): string {
  const choices = option.argChoices === undefined ? "" : `: ${option.argChoices.map((choice) => `\`${choice}\``).join(", ")}`;
  const standard = option.defaultValueDescription ?? option.defaultValue;
  const hasDefault = standard !== undefined && typeof standard !== "boolean";
  return `${option.description}${choices}${hasDefault ? ` (default: \`${standard}\`)` : ""}`;
}

function escaped(text: string): string {
  return text.replace(/[|<>]/g, (character) => ({ "|": "\\|", "<": "&lt;", ">": "&gt;" })[character] ?? character);
}
