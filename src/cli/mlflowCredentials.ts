import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import type { MlflowCredentials } from '../exchange/mlflow/mlflowServer.ts';

/**
 * What opens the MLflow server at `url`, from where MLflow's own client has it: MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, ~/.mlflow/credentials, MLFLOW_TRACKING_TOKEN. Variables are for the
 * server that MLFLOW_TRACKING_URI names. Where it names none, a token is not sent: it may be that of a control plane.
 */
export function mlflowCredentials(url: string, environment: NodeJS.ProcessEnv, home = homedir()): MlflowCredentials | undefined {
  const { MLFLOW_TRACKING_URI: uri, MLFLOW_TRACKING_USERNAME, MLFLOW_TRACKING_PASSWORD, MLFLOW_TRACKING_TOKEN } = environment;
  const isNamed = uri !== undefined && URL.canParse(uri) && new URL(uri).origin === new URL(url).origin;
  const isOther = uri !== undefined && uri !== '' && !isNamed;
  const kept = isOther ? {} : keptCredentials(home);
  const username = (isOther ? undefined : MLFLOW_TRACKING_USERNAME) || kept.mlflow_tracking_username;
  const password = (isOther ? undefined : MLFLOW_TRACKING_PASSWORD) || kept.mlflow_tracking_password;
  if (username && password) return { username, password };
  return isNamed && MLFLOW_TRACKING_TOKEN ? { token: MLFLOW_TRACKING_TOKEN } : undefined;
}

/** The section `[mlflow]` of MLflow's file of credentials. */
function keptCredentials(home: string): Record<string, string> {
  let text: string;
  try {
    text = readFileSync(path.join(home, '.mlflow', 'credentials'), 'utf8');
  } catch {
    return {};
  }
  const section = /^\[mlflow\]\s*$([\s\S]*?)(?=^\[|(?![\s\S]))/m.exec(text)?.[1] ?? '';
  return Object.fromEntries(
    [...section.matchAll(/^\s*([\w.]+)\s*[=:]\s*(.*?)\s*$/gm)].map(([, key, value]) => [key!.toLowerCase(), value!]),
  );
}
