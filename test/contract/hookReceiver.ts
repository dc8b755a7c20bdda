import { createHmac } from 'node:crypto';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  path: string;
  headers: IncomingHttpHeaders;
  text: string;
  body: any;
}

/** Answers a request; the number is how many came before it. */
export type Answering = (response: ServerResponse, received: Received, before: number) => void;

/** A real server that receives webhooks. */
export interface HookReceiver {
  url: string;
  received: Received[];
  /** From now on, in place of 204. */
  answer(how: Answering): void;
  /** Settles when this holds of what was received. */
  until(test: (received: Received[]) => boolean): Promise<Received[]>;
  close(): Promise<void>;
}

export async function startReceiver(): Promise<HookReceiver> {
  const received: Received[] = [];
  const looks = new Set<() => void>();
  let answering: Answering = (response) => response.writeHead(204).end();
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const text = Buffer.concat(parts).toString('utf8');
      const one = { path: request.url!, headers: request.headers, text, body: JSON.parse(text) };
      received.push(one);
      answering(response, one, received.length - 1);
      for (const look of [...looks]) look();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    answer: (how) => {
      answering = how;
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
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** The signature that MLflow's receivers expect. */
export const signatureOf = ({ headers, text }: Received, secret: string): string =>
  `v1,${createHmac('sha256', secret)
    .update(`${headers['x-mlflow-delivery-id']}.${headers['x-mlflow-timestamp']}.${text}`)
    .digest('base64')}`;
