import { UserError } from '../../base/userError.ts';
import { identityKey } from '../team/members.ts';
import type { SignInSettings } from './settings.ts';

/** Who has signed in, as the identity provider says. */
export interface Person {
  /** Issuer and subject. */
  identity: string;
  subject: string;
  /** Only where the provider vouches for it. */
  mail: string | undefined;
  /** What the provider says without vouching for it, for messages. */
  unverifiedMail: string | undefined;
  displayName: string;
  /** undefined: the provider did not say, since there are too many. */
  groups: string[] | undefined;
  /** What the provider calls the session in which this person signed in, if it says so. */
  sid: string | undefined;
}

export type Claims = Readonly<Record<string, unknown>>;

const longest = 200;
/** More than Entra tells (200), and than other providers are used with. */
const mostGroups = 2000;

/** The person that checked claims are about. Throws `Unauthorized` where they do not say who it is. */
export function personOf(claims: Claims, { issuer, groupsClaim }: Pick<SignInSettings, 'issuer' | 'groupsClaim'>): Person {
  const subject = subjectOf(claims, issuer);
  const mail = text(claims.email);
  const isVerified = isTrue(claims.email_verified) || (entraTenant(issuer) !== undefined && isTrue(claims.xms_edov));
  const isAddress = mail !== undefined && /^[^\s@]+@[^\s@]+$/.test(mail);
  return {
    identity: identityKey(issuer, subject),
    subject,
    mail: isAddress && isVerified ? mail : undefined,
    unverifiedMail: isAddress && !isVerified ? mail : undefined,
    displayName: text(claims.name) ?? text(claims.preferred_username) ?? mail ?? subject.slice(0, longest),
    groups: groupsOf(claims, groupsClaim),
    sid: typeof claims.sid === 'string' && claims.sid !== '' ? claims.sid : undefined,
  };
}

/** The tenant in the issuer of an Entra ID: `https://HOST/TENANT/v2.0`, in every cloud. */
export const entraTenant = (issuer: string): string | undefined =>
  /^\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/v2\.0\/?$/i.exec(new URL(issuer).pathname)?.[1]?.toLowerCase();

/** In Entra `sub` is another one for each application: a person is known by tenant and object id. */
function subjectOf(claims: Claims, issuer: string): string {
  const tenant = entraTenant(issuer);
  if (tenant === undefined) {
    const { sub } = claims;
    if (typeof sub !== 'string' || sub === '' || sub.length > 255) throw nobody('names nobody');
    return sub;
  }
  const [tid, oid] = [text(claims.tid)?.toLowerCase(), text(claims.oid)?.toLowerCase()];
  if (tid !== tenant) throw nobody(`is of the tenant ${tid ?? 'of nobody'}, not ${tenant}`);
  if (oid === undefined) throw nobody('has no object id (oid): the scope "profile" brings it');
  return `${tid}/${oid}`;
}

/** Above a number of groups Entra leaves them out, and says where to ask for them: that is not "no groups". */
function groupsOf(claims: Claims, claim: string): string[] | undefined {
  const told = claims[claim];
  const elsewhere = claims._claim_names;
  const isElsewhere = typeof elsewhere === 'object' && elsewhere !== null && (claim in elsewhere || 'groups' in elsewhere);
  if (isElsewhere || isTrue(claims.hasgroups) || Object.keys(claims).some((key) => key.startsWith(`${claim}:`))) return undefined;
  const all = (Array.isArray(told) ? told : [told]).filter((each): each is string => typeof each === 'string' && each !== '');
  return all.length > mostGroups ? undefined : [...new Set(all)].sort();
}

function text(value: unknown): string | undefined {
  if (typeof value !== 'string') return undefined;
  const shown = value
    .replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
    .trim()
    .slice(0, longest);
  return shown === '' ? undefined : shown;
}

/** Providers write it as a truth value, a word or a number. */
const isTrue = (value: unknown): boolean => value === true || value === 'true' || value === 1 || value === '1';

const nobody = (why: string): UserError =>
  new UserError(
    'Unauthorized',
    `The answer of the identity provider ${why}.`,
    'Look at the client that is registered there for the control plane.',
  );
