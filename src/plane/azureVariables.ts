import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { rootCertificates } from 'node:tls';
import { type AzureAccess, azureCloud } from '../protocol/azureClients.ts';
import { writePrivately } from './lock.ts';

type Environment = Record<string, string | undefined>;

/** Where systems keep the roots that they trust: Debian, Fedora, SUSE, Alpine and macOS. */
const systemRoots = [
  '/etc/ssl/certs/ca-certificates.crt',
  '/etc/pki/tls/certs/ca-bundle.crt',
  '/etc/ssl/ca-bundle.pem',
  '/etc/ssl/cert.pem',
];

/** The variables that point azure-identity, azure-ai-ml and the TypeScript client at a plane: of this machine, or published by https. `environment` is the shell's present one. */
export function azureVariables(access: AzureAccess, environment: Environment): Record<string, string> {
  return {
    ARM_CLOUD_METADATA_URL: `${access.url}/metadata/endpoints?api-version=2019-05-01`,
    AZUREML_CURRENT_CLOUD: azureCloud,
    IDENTITY_ENDPOINT: `${access.url}/msi/token`,
    IDENTITY_HEADER: access.identitySecret,
    AZURE_TOKEN_CREDENTIALS: 'ManagedIdentityCredential',
    REGISTRY_DISCOVERY_ENDPOINT_URL: `${access.armUrl}/`,
    UPDRAFT_ARM_URL: access.armUrl,
    ...(access.authorityFile === undefined ? {} : { ...trusting(access.authorityFile, environment), ...proxyExceptions(environment) }),
  };
}

/** Has Python and Node trust an authority besides what they trusted before. */
export function trusting(authorityFile: string, environment: Environment): Record<string, string> {
  const roots = trustBundle(authorityFile, environment);
  return { REQUESTS_CA_BUNDLE: roots, SSL_CERT_FILE: roots, NODE_EXTRA_CA_CERTS: authorityFile };
}

/** A PEM file with the roots in force before and the plane's own, since the variables for it replace all others. Kept beside the authority, by content. */
function trustBundle(authorityFile: string, environment: Environment): string {
  const folder = path.dirname(authorityFile);
  const authority = readFileSync(authorityFile, 'utf8');
  const before = [environment.REQUESTS_CA_BUNDLE, environment.CURL_CA_BUNDLE, environment.SSL_CERT_FILE].find(
    (file) => file !== undefined && path.dirname(file) !== folder && existsSync(file),
  );
  const file = before ?? systemRoots.find((each) => existsSync(each));
  const text = `${file ? readFileSync(file, 'utf8').trim() : rootCertificates.join('\n')}\n${authority}`;
  const bundle = path.join(folder, `trust-${createHash('sha256').update(text).digest('hex').slice(0, 16)}.pem`);
  if (!existsSync(bundle)) writePrivately(bundle, text);
  return bundle;
}

/** A proxy must not catch calls to this machine. */
export function proxyExceptions(environment: Environment): Record<string, string> {
  const isProxied = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].some((name) => environment[name] || environment[name.toLowerCase()]);
  if (!isProxied) return {};
  const before = (environment.NO_PROXY ?? environment.no_proxy ?? '').split(',').filter(Boolean);
  const all = [...new Set([...before, 'localhost', '127.0.0.1'])].join(',');
  return { NO_PROXY: all, no_proxy: all };
}
