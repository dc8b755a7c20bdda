import type { ServeOptions } from '../../server/config.ts';
import type { SmtpOptions } from '../../server/deliveries/mailServer.ts';
import type { SignInOptions } from '../../server/signIn/settings.ts';
import type { Outcome } from '../output/outcome.ts';
import { flag, list, type Parsed, text, whole } from '../parsed.ts';
import { readServeFile } from '../serveFile.ts';
import { version } from '../version.ts';

/** Runs the control plane in the foreground. */
export async function runPlane(parsed: Parsed): Promise<Outcome> {
  const [
    dataFolder,
    port,
    token,
    idleMinutes,
    maxParallelJobs,
    auditDays,
    device,
    publicUrl,
    serverUrl,
    blobs,
    database,
    tokenFile,
    secretsKeyFile,
    logFormat,
    otlpEndpoint,
  ] = [
    text(parsed, 'data'),
    whole(parsed, 'port'),
    text(parsed, 'token'),
    whole(parsed, 'idle-minutes'),
    whole(parsed, 'max-parallel'),
    whole(parsed, 'audit-days'),
    text(parsed, 'device'),
    text(parsed, 'public-url'),
    text(parsed, 'server-url'),
    text(parsed, 'blobs'),
    text(parsed, 'database'),
    text(parsed, 'token-file'),
    text(parsed, 'secrets-key-file'),
    text(parsed, 'log-format'),
    text(parsed, 'otlp-endpoint'),
  ];
  if (token === 'none')
    process.stderr.write('warning: without a token, every program and user of this machine can use this control plane\n');
  const file: ServeOptions = text(parsed, 'config') === undefined ? {} : readServeFile(text(parsed, 'config')!);
  const signIn: SignInOptions = { ...file.signIn, ...signInOptions(parsed) };
  const smtp: SmtpOptions = { ...file.smtp, ...smtpOptions(parsed) };
  const allowHooksTo = list(parsed, 'allow-hooks-to');
  const { serve } = await import('../../server/main.ts');
  const plane = await serve(
    {
      ...file,
      ...(dataFolder ? { dataFolder } : {}),
      ...(port === undefined ? {} : { port }),
      ...(token ? { token } : {}),
      ...(idleMinutes === undefined ? {} : { idleMinutes }),
      ...(maxParallelJobs ? { maxParallelJobs } : {}),
      ...(auditDays === undefined ? {} : { auditDays }),
      ...(device ? { device } : {}),
      ...(publicUrl ? { publicUrl } : {}),
      ...(serverUrl ? { serverUrl } : {}),
      ...(blobs ? { blobs } : {}),
      ...(database ? { database } : {}),
      signIn,
      smtp,
      ...(allowHooksTo.length > 0 ? { allowHooksTo } : {}),
      ...(tokenFile ? { tokenFile } : {}),
      ...(secretsKeyFile ? { secretsKeyFile } : {}),
      ...(logFormat ? { logFormat } : {}),
      ...(otlpEndpoint ? { otlpEndpoint } : {}),
      ...(flag(parsed, 'listen-all') ? { listenAll: true } : {}),
      ...(flag(parsed, 'new-token') ? { newToken: true } : {}),
      ...(flag(parsed, 'team') ? { team: true, withRunner: flag(parsed, 'run-jobs') } : { withRunner: !flag(parsed, 'no-runner') }),
    },
    version,
  );
  process.stdout.write(`${plane.url}\n`);
  await plane.ended;
  return {};
}

/** What the command line says of the identity provider, over what the file says. */
function signInOptions(parsed: Parsed): SignInOptions {
  const texts = {
    issuer: text(parsed, 'issuer'),
    clientId: text(parsed, 'client-id'),
    clientSecretFile: text(parsed, 'client-secret-file'),
    groupsClaim: text(parsed, 'groups-claim'),
    providerName: text(parsed, 'provider-name'),
  };
  const lists = {
    scopes: list(parsed, 'scopes'),
    allowedDomains: list(parsed, 'allowed-domains'),
    allowedGroups: list(parsed, 'allowed-groups'),
  };
  const given = [...Object.entries(texts), ...Object.entries(lists)].filter(([, value]) => value !== undefined && value.length > 0);
  return Object.fromEntries(given);
}

function smtpOptions(parsed: Parsed): SmtpOptions {
  const given = {
    host: text(parsed, 'smtp-host'),
    port: whole(parsed, 'smtp-port'),
    user: text(parsed, 'smtp-user'),
    passwordFile: text(parsed, 'smtp-password-file'),
    from: text(parsed, 'smtp-from'),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
