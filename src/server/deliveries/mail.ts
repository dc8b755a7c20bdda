import { createTransport } from 'nodemailer';
import { messageOf, UserError } from '../../base/userError.ts';
import type { MailServer } from './mailServer.ts';
import { htmlOf, textOf } from './noticeFormats.ts';
import type { NoticeMessage } from './noticeMessage.ts';

const timeouts = { connectionTimeout: 10_000, greetingTimeout: 10_000, socketTimeout: 15_000 };
/** The port on which a connection is encrypted from its beginning. */
const tlsPort = 465;

/** Sends a notice by mail. `id` is the same for each try. Throws `WebhookUnreachable`, which says what the server has said. */
export async function sendMail(server: MailServer, to: readonly string[], message: NoticeMessage, id: string): Promise<void> {
  const { host, port, user, password, from, isLoopback } = server;
  const transport = createTransport({
    host,
    port,
    secure: port === tlsPort,
    // What is sent over a network is encrypted, or not sent.
    requireTLS: !isLoopback,
    ...(isLoopback ? { tls: { rejectUnauthorized: false } } : {}),
    ...(user === undefined ? {} : { auth: { user, pass: password } }),
    ...timeouts,
    // Nothing in a message is read from a file or from the web.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({
      from,
      to: [...to],
      subject: message.title,
      text: textOf(message),
      html: htmlOf(message),
      messageId: `<${id}@${from.slice(from.lastIndexOf('@') + 1)}>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
  } catch (error) {
    throw new UserError('WebhookUnreachable', `The mail server ${host} did not take the mail: ${messageOf(error)}.`);
  } finally {
    transport.close();
  }
}
