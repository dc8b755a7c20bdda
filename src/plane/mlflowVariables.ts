type Environment = Record<string, string | undefined>;

/** Variables by which MLflow's client would show another server's sign-in, or take things to another server: they stand above what points it at a plane. */
const ofAnotherServer = [
  'MLFLOW_TRACKING_USERNAME',
  'MLFLOW_TRACKING_PASSWORD',
  'MLFLOW_TRACKING_AUTH',
  'MLFLOW_TRACKING_AWS_SIGV4',
  'MLFLOW_REGISTRY_URI',
  'MLFLOW_WORKSPACE',
  'MLFLOW_TRACING_DESTINATION',
];
/** Ids, which mean something on one server alone. */
const idsOfAServer = ['MLFLOW_RUN_ID', 'MLFLOW_EXPERIMENT_ID', 'MLFLOW_ACTIVE_MODEL_ID'];

/** Which variables of a shell belong to another MLflow server than the plane at `url`. */
export function foreignMlflow(environment: Environment, url: string): string[] {
  const ids = environment.MLFLOW_TRACKING_URI === url ? [] : idsOfAServer;
  return [...ofAnotherServer, ...ids].filter((name) => environment[name] !== undefined);
}

/** The variables without those of another MLflow server, for a job, which gets its own. */
export function withoutForeignMlflow(environment: Record<string, string>): Record<string, string> {
  const foreign = [...ofAnotherServer, ...idsOfAServer];
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !foreign.includes(name)));
}
