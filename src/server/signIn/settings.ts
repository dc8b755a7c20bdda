import { readFileSync } from 'node:fs';
import { UserError } from '../../base/userError.ts';

/** What `updraft serve` may be told of the identity provider. */
export interface SignInOptions {
  issuer?: string;
  clientId?: string;
  /** A file that has the secret and nothing else; the secret itself may be in UPDRAFT_CLIENT_SECRET. Absent: the provider knows the plane as a public client. */
  clientSecretFile?: string;
  scopes?: string[];
  groupsClaim?: string;
  allowedDomains?: string[];
  allowedGroups?: string[];
  /** What people call the provider. */
  providerName?: string;
  /** Seconds that an answer of the provider may take; 10 where nothing is said. */
  patience?: number;
}

/** With which identity provider people sign in, and who may join by that alone. */
export interface SignInSettings {
  /** Without a final slash, unless the provider has one. */
  issuer: string;
  clientId: string;
  clientSecret: string | undefined;
  scopes: string[];
  groupsClaim: string;
  allowed: { domains: string[]; groups: string[] };
  name: string;
  /** Seconds that an answer of the provider may take. */
  patience: number;
}

const usualScopes = ['openid', 'profile', 'email'];

/** Checks what was said of the provider; undefined where nothing was. */
export function signInSettings(
  { issuer, ...options }: SignInOptions,
  plane: { isTeam: boolean; publicUrl: string | undefined },
  clientSecret: string | undefined,
): SignInSettings | undefined {
  if (issuer === undefined) {
    const [given] = Object.entries(options).find(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)) ?? [];
    if (given === undefined) return undefined;
    throw wrong(`Sign-in has "${given}", but no issuer.`, 'Say who the identity provider is: issuer, or --issuer.');
  }
  if (!plane.isTeam) throw wrong("A control plane that is one person's has no sign-in.", 'Add --team, or leave out --issuer.');
  mustBeIssuer(issuer);
  if (!options.clientId)
    throw wrong('Sign-in has no client id.', 'Say under which id the identity provider knows the control plane: clientId, or --client-id.');
  const { publicUrl } = plane;
  if (publicUrl?.startsWith('http:') && !isLoopback(new URL(publicUrl)))
    throw wrong(`Sign-in at ${publicUrl} would send sessions over the network in the clear.`, 'Let a proxy end TLS, and publish https://…');
  return {
    issuer,
    clientId: options.clientId,
    clientSecret: options.clientSecretFile === undefined ? clientSecret : secretIn(options.clientSecretFile),
    scopes: [...new Set(['openid', ...(options.scopes?.length ? options.scopes : usualScopes)])],
    groupsClaim: options.groupsClaim || 'groups',
    allowed: {
      domains: (options.allowedDomains ?? []).map((each) => domainOf(each)),
      groups: options.allowedGroups ?? [],
    },
    name: options.providerName || new URL(issuer).hostname,
    patience: options.patience ?? 10,
  };
}

function mustBeIssuer(issuer: string): void {
  const url = URL.canParse(issuer) ? new URL(issuer) : undefined;
  if (!url || url.search || url.hash || url.username || !(url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url))))
    throw wrong(
      `"${issuer.slice(0, 200)}" is no issuer.`,
      'Give the https address of the identity provider, as its own documents name it.',
    );
  const tenant = /^\/(common|organizations|consumers)(?:\/|$)/.exec(url.pathname)?.[1];
  if (/(^|\.)(microsoftonline\.(com|us)|partner\.microsoftonline\.cn)$/.test(url.hostname) && tenant)
    throw wrong(
      `The issuer is for every tenant of Entra ("${tenant}").`,
      'Give your own: https://login.microsoftonline.com/TENANT-ID/v2.0',
    );
}

function domainOf(text: string): string {
  const domain = text.toLowerCase().replace(/^@/, '');
  if (!/^[a-z0-9-]+(\.[a-z0-9-]+)+$/.test(domain))
    throw wrong(`"${text.slice(0, 100)}" is no domain of mail.`, 'Give what stands behind the @, such as example.org.');
  return domain;
}

function secretIn(file: string): string {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw wrong(
      `The client's secret can't be read from ${file} (${(error as NodeJS.ErrnoException).code ?? 'no file'}).`,
      'Give a file that this user may read.',
    );
  }
  if (text === '')
    throw wrong(`The file ${file} has no secret in it.`, 'Put in the secret that the identity provider shows, and nothing else.');
  return text;
}

const isLoopback = ({ hostname }: URL): boolean => /^(127\.\d+\.\d+\.\d+|localhost|\[::1\])$/.test(hostname);
const wrong = (message: string, hint: string): UserError => new UserError('InvalidValue', message, hint);
