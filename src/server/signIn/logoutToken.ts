import { errors, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { UserError } from '../../base/userError.ts';

/** Seconds by which the clocks of plane and provider may differ. */
const tolerance = 60;
/** Seconds for which a token is good after it was made, whatever it says itself: so long its number is remembered. */
const longestAge = 600;
const longest = 500;

/** What makes a token one of this kind: https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken */
const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';

/** By what a provider's tokens are known: who it says to be, its keys, and how it signs. */
export interface ProviderKeys {
  issuer: string;
  /** Never one with a shared key. */
  algorithms: string[];
  keys: JWTVerifyGetKey;
}

/** Whose sessions the provider has ended: the session that it calls `sid`, or all of the subject `sub`, or both, which means that one of theirs. */
export interface Logout {
  sid: string | undefined;
  sub: string | undefined;
  /** The token's own number, which comes once, and until when it may come, in milliseconds since 1970. */
  jti: string;
  until: number;
}

/** Checks a logout token by all the rules of OpenID Connect Back-Channel Logout 1.0, 2.6, but that its number is new. Throws `InvalidRequest` that says which one it breaks. */
export async function checkLogoutToken(
  token: string,
  { issuer, algorithms, keys }: ProviderKeys,
  audience: string,
  now: number,
): Promise<Logout> {
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    issuer,
    audience,
    algorithms,
    clockTolerance: tolerance,
    currentDate: new Date(now),
    maxTokenAge: longestAge,
    requiredClaims: ['iat', 'exp', 'jti', 'events'],
  }).catch((error) => {
    throw whyWrong(error);
  });
  const { typ } = protectedHeader;
  if (typ !== undefined && !/^(?:application\/)?(?:logout\+)?jwt$/i.test(typ)) throw wrong(`its type is ${typ.slice(0, 50)}`);
  const { events, nonce, jti, sub, sid } = payload;
  const event = isRecord(events) ? events[logoutEvent] : undefined;
  if (!isRecord(event)) throw wrong('it has no event of a logout');
  if (nonce !== undefined) throw wrong('it has a nonce, as only tokens of a sign-in have');
  if (!isText(jti)) throw wrong('its jti is no text');
  if (sub === undefined && sid === undefined) throw wrong('it names neither a subject nor a session');
  if ((sub !== undefined && !isText(sub)) || (sid !== undefined && !isText(sid))) throw wrong('its subject or session is no text');
  return { sid: sid as string | undefined, sub, jti, until: (payload.iat! + longestAge + tolerance) * 1000 };
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= longest;

const wrong = (why: string): UserError => new UserError('InvalidRequest', `The logout token is not taken: ${why}.`);

/** What is wrong with a token, or that the provider's keys can't be had. */
function whyWrong(error: unknown): UserError {
  if (error instanceof errors.JWTExpired) return wrong(error.claim === 'iat' ? 'it is too old' : 'it has expired');
  if (error instanceof errors.JWTClaimValidationFailed)
    return wrong(`its claim "${error.claim}" is ${error.reason === 'missing' ? 'missing' : 'wrong'}`);
  if (error instanceof errors.JOSEAlgNotAllowed) return wrong('it is signed in a way that the provider does not use');
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey)
    return wrong('none of the keys of the provider has signed it');
  // Of its own errors without a class, the library has those of an answer that has no keys.
  const isOfKeys =
    error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid || (error as { code?: string }).code === 'ERR_JOSE_GENERIC';
  if (isOfKeys || !(error instanceof errors.JOSEError))
    return new UserError(
      'ProviderUnreachable',
      'The keys of the identity provider can not be had at the moment.',
      'Send the logout token again later.',
    );
  return wrong('it is no signed JWT');
}
