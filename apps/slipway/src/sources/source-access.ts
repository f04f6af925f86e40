import type { HubAccess, MlflowAccess, S3Access } from "@slipway/bundle";
import type { CliContext } from "../commands/context.ts";

type Environment = CliContext["env"];

/** The hub of Hugging Face, or the one that is named in its stead. */
export function hubAccess(env: Environment): HubAccess {
  const token = env.HF_TOKEN;
  return { endpoint: env.HF_ENDPOINT || "https://huggingface.co", ...(token ? { token } : {}) };
}

/** Amazon's S3, or the store that is named in its stead. */
export function s3Access(env: Environment): S3Access {
  const endpoint = env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL;
  const id = env.AWS_ACCESS_KEY_ID;
  const secret = env.AWS_SECRET_ACCESS_KEY;
  const session = env.AWS_SESSION_TOKEN;
  return {
    region: env.AWS_REGION || "us-east-1",
    ...(endpoint ? { endpoint } : {}),
    ...(id && secret
      ? { login: { accessKeyId: id, secretAccessKey: secret, ...(session ? { sessionToken: session } : {}) } }
      : {}),
  };
}

/** The tracking server of MLflow that is named; undefined when none is. */
export function mlflowAccess(env: Environment): MlflowAccess | undefined {
  const endpoint = env.MLFLOW_TRACKING_URI;
  if (!endpoint) return undefined;
  const token = env.MLFLOW_TRACKING_TOKEN;
  const user = env.MLFLOW_TRACKING_USERNAME;
  const password = env.MLFLOW_TRACKING_PASSWORD;
  if (token) return { endpoint, authorization: `Bearer ${token}` };
  if (user) return { endpoint, authorization: `Basic ${Buffer.from(`${user}:${password ?? ""}`).toString("base64")}` };
  return { endpoint };
}
