// The reader of YAML, in a module that is loaded when there is some: `yaml` is CommonJS, and the published bundle gives names of such
// modules only to static imports.
export { parseDocument } from "yaml";
