import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
/** Apple's limit for certificates under a private authority: https://support.apple.com/en-us/102028 */
const days = 820;
/** id-kp-serverAuth, RFC 5280 4.2.1.12. */
const serverAuth = '1.3.6.1.5.5.7.3.1';

/** PEM texts: an authority of this data folder alone, and the key and certificate with which the plane answers for `localhost`. */
export interface MadeCertificate {
  authority: string;
  certificate: string;
  key: string;
}

/** Makes an authority and signs one server certificate with it. The authority's private key is kept nowhere, so nothing else can ever be signed. */
export async function makeCertificate(now = new Date()): Promise<MadeCertificate> {
  // The library's types follow the browser's `Crypto`.
  const crypto = webcrypto as unknown as Crypto;
  cryptoProvider.set(crypto);
  const issuer = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair;
  const server = (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair;
  // A clock that is a little behind must not find the certificate to be of the future.
  const validity = { notBefore: new Date(now.getTime() - 86_400_000), notAfter: new Date(now.getTime() + days * 86_400_000) };
  const authority = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=Updraft on this machine',
    keys: issuer,
    signingAlgorithm: algorithm,
    ...validity,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(issuer.publicKey, false, crypto),
    ],
  });
  const certificate = await X509CertificateGenerator.create({
    subject: 'CN=localhost',
    issuer: authority.subject,
    publicKey: server.publicKey,
    signingKey: issuer.privateKey,
    signingAlgorithm: algorithm,
    ...validity,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([serverAuth]),
      new SubjectAlternativeNameExtension([
        { type: 'dns', value: 'localhost' },
        { type: 'ip', value: '127.0.0.1' },
      ]),
      await SubjectKeyIdentifierExtension.create(server.publicKey, false, crypto),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey, false, crypto),
    ],
  });
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', server.privateKey)).toString('base64');
  return {
    authority: `${authority.toString('pem')}\n`,
    certificate: `${certificate.toString('pem')}\n`,
    key: `-----BEGIN PRIVATE KEY-----\n${key.match(/.{1,64}/g)!.join('\n')}\n-----END PRIVATE KEY-----\n`,
  };
}
