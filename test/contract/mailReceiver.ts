import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface ReceivedMail {
  from: string;
  to: string[];
  /** As it came over the wire. */
  text: string;
}

/** A real mail server on loopback. */
export interface MailReceiver {
  port: number;
  received: ReceivedMail[];
  /** What it says to the next mails: 250 where nothing is said. */
  refuse(how: { code: number; message: string } | undefined): void;
  until(test: (received: ReceivedMail[]) => boolean): Promise<ReceivedMail[]>;
  close(): Promise<void>;
}

export async function startMailReceiver(): Promise<MailReceiver> {
  const received: ReceivedMail[] = [];
  const looks = new Set<() => void>();
  let refusal: { code: number; message: string } | undefined;
  const server = new SMTPServer({
    authOptional: true,
    // A plane refuses to send over a network without it, and need not have it on loopback.
    disabledCommands: ['STARTTLS', 'AUTH'],
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        if (refusal) {
          done(Object.assign(new Error(refusal.message), { responseCode: refusal.code }));
          return;
        }
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          text: Buffer.concat(parts).toString('utf8'),
        });
        done();
        for (const look of [...looks]) look();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.server.address() as AddressInfo).port,
    received,
    refuse: (how) => {
      refusal = how;
    },
    until: (test) =>
      new Promise((resolve) => {
        const look = () => {
          if (!test(received)) return;
          looks.delete(look);
          resolve(received);
        };
        looks.add(look);
        look();
      }),
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
