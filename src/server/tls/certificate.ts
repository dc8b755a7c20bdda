import { createPrivateKey, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { writePrivately } from '../../plane/lock.ts';

/** With less than this left, in milliseconds, a new certificate is made. */
const renewal = 30 * 86_400_000;

/** What the https listener needs. */
export interface ServerCertificate {
  key: string;
  certificate: string;
  /** The file with the authority that clients have to trust. */
  authorityFile: string;
}

/** The certificate of a data folder, below its `tls/`; made on first use and again before it expires. The private key is readable by the user alone. */
export async function serverCertificate(dataFolder: string, now = new Date()): Promise<ServerCertificate> {
  const folder = path.join(dataFolder, 'tls');
  const at = (name: string) => path.join(folder, name);
  const present = read(at('server-key.pem'), at('server.pem'), now);
  if (present && existsSync(at('authority.pem'))) return { ...present, authorityFile: at('authority.pem') };
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Loaded only here, and not as a `laterPart`: the library takes 5 MB, and is needed once in the life of a data folder.
  const { makeCertificate } = await import('./makeCertificate.ts');
  const made = await makeCertificate(now);
  writePrivately(at('authority.pem'), made.authority);
  writePrivately(at('server-key.pem'), made.key);
  writePrivately(at('server.pem'), made.certificate);
  return { key: made.key, certificate: made.certificate, authorityFile: at('authority.pem') };
}

/** Undefined when a file is missing, broken, of another key, or about to expire. */
function read(keyFile: string, certificateFile: string, now: Date): { key: string; certificate: string } | undefined {
  try {
    const [key, certificate] = [readFileSync(keyFile, 'utf8'), readFileSync(certificateFile, 'utf8')];
    const parsed = new X509Certificate(certificate);
    const isOurs = parsed.checkPrivateKey(createPrivateKey(key));
    return isOurs && Date.parse(parsed.validTo) - now.getTime() > renewal ? { key, certificate } : undefined;
  } catch {
    return undefined;
  }
}
