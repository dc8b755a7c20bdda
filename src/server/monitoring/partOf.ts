/** Beginnings of paths, and which part of the plane answers them. The first that fits counts. */
const parts: [beginning: RegExp, part: string][] = [
  [/^\/(?:health|ready|metrics)$/, 'monitoring'],
  [/^\/changes\b/, 'feed'],
  [/^\/(?:api|ajax-api|mlflow|graphql)\b/, 'mlflow'],
  [/^\/(?:history|data|modelregistry|mferp|registrymanagement)\b/, 'data plane'],
  [/^\/subscriptions\b/, 'arm'],
  [/^\/azureml/, 'storage'],
  [/^\/v1\//, 'models'],
  [/^\/endpoints\b/, 'endpoints'],
  [/^\/studio\b/, 'studio'],
  [/^\/(?:sign-in|msi|metadata|discovery)\b|\/oauth2\//, 'sign-in'],
  [/^\/updraft\/claims\b/, 'runners'],
  [/^\/updraft\b/, 'updraft'],
];

/** The part of the plane that answers a path. There are few of them, whatever strangers ask for. */
export const partOf = (path: string): string => parts.find(([beginning]) => beginning.test(path))?.[1] ?? 'other';
