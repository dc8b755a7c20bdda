import { readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import { messageOf, UserError } from '../base/userError.ts';
import { devices } from '../inference/install/engineDevice.ts';
import { dataFolderOf } from '../plane/dataFolder.ts';
import { isOnDemand, withoutOwnVariables } from '../plane/ownVariables.ts';
import type { PostgresPlace } from '../store/postgres/connection.ts';
import type { BucketOptions } from '../store/s3/bucket.ts';
import { type AllowedPlaces, allowedPlaces } from './deliveries/allowedPlaces.ts';
import { type MailServer, mailServerOf, type SmtpOptions } from './deliveries/mailServer.ts';
import { keyOfDataFolder, keysInFile, noKeys, type SecretKeys } from './secrets/secretKeys.ts';
import { type SignInOptions, type SignInSettings, signInSettings } from './signIn/settings.ts';
import { type TraceSettings, traceSecrets, traceSettings } from './tracing/settings.ts';

/** What `updraft serve` may be told. */
export interface ServeOptions {
  dataFolder?: string;
  /** 0 or absent: the one used last, else any free one. */
  port?: number;
  /** `none` lets everyone on this machine in. Absent: the data folder's own. */
  token?: string;
  /** File that has the token. In UPDRAFT_TOKEN_FILE, too. */
  tokenFile?: string;
  /** File with the keys that secrets are encrypted with, one a line, the newest first. In UPDRAFT_SECRETS_KEY_FILE, too. Absent: a key in the data folder, or none with a database that is elsewhere. */
  secretsKeyFile?: string;
  /** Takes the token, or a new one, in the place of the plane's. */
  newToken?: boolean;
  /** Minutes without a job and without a client after which the plane ends; 0 never. */
  idleMinutes?: number;
  /** Without a runner nothing is executed here. The plane of a team has none unless it is told so: what it ran could read all that is kept. */
  withRunner?: boolean;
  /** Without an orchestrator pipelines and sweeps wait for another process of the plane. */
  withOrchestrator?: boolean;
  maxParallelJobs?: number;
  /** What language models are computed on; in UPDRAFT_DEVICE, too. Absent: what this machine has. */
  device?: string;
  /** Where a proxy publishes the plane, such as `https://updraft.example.org`. */
  publicUrl?: string;
  /** Listens on all addresses of the machine, so that a proxy or balancer on another one reaches it. In plain HTTP. */
  listenAll?: boolean;
  /** Where the other servers of the plane reach this one, such as `http://10.0.0.11:8700`; in UPDRAFT_SERVER_URL, too. Absent: it is found out. */
  serverUrl?: string;
  /** How the log is written: as lines for people, or as JSON. In UPDRAFT_LOG_FORMAT, too. */
  logFormat?: string;
  /** Bucket of S3 that has the contents: `s3://NAME`, or its address. In UPDRAFT_BLOBS, too. Its key is in the variables that AWS's own tools read. */
  blobs?: string;
  /** Database of PostgreSQL that has jobs and metrics: `postgres://user:password@host:port/database?schema=NAME`. In UPDRAFT_DATABASE, too. */
  database?: string;
  /** The plane is shared by a team: people have tokens and roles of their own. */
  team?: boolean;
  /** With which identity provider the team signs in. */
  signIn?: SignInOptions;
  /** With `team`: days that lines of the audit log are kept, 0 for good; 365 where nothing is said. */
  auditDays?: number;
  /** Hosts and networks to which webhooks may go besides the public internet, and by http. */
  allowHooksTo?: string[];
  /** The server that takes mail. */
  smtp?: SmtpOptions;
  /** Where spans of this server's own work are sent by OTLP over HTTP, such as `http://127.0.0.1:4318`. In OTEL_EXPORTER_OTLP_ENDPOINT, too. Absent: nowhere. */
  otlpEndpoint?: string;
}

export interface Config {
  dataFolder: string;
  port: number | undefined;
  token: string | undefined;
  isTokenNew: boolean;
  secretKeys: SecretKeys;
  openToAll: boolean;
  idleMs: number;
  withRunner: boolean;
  withOrchestrator: boolean;
  maxParallelJobs: number | undefined;
  /** Without a final slash. */
  publicUrl: string | undefined;
  /** Where the other servers of the plane reach this one; without a final slash. Absent: it is found out. */
  serverUrl: string | undefined;
  /** What it listens on. */
  address: '127.0.0.1' | '0.0.0.0';
  /** Absent: contents are in the data folder. */
  bucket: BucketOptions | undefined;
  /** Absent: jobs and metrics are in the data folder. */
  database: PostgresPlace | undefined;
  isTeam: boolean;
  /** Absent: members come with personal tokens alone. */
  signIn: SignInSettings | undefined;
  auditDays: number;
  logFormat: (typeof logFormats)[number];
  hookPlaces: AllowedPlaces;
  /** Absent: no mail is sent. */
  mail: MailServer | undefined;
  /** Absent: no traces are made. */
  traces: TraceSettings | undefined;
  /** Folder of the Studio's files. */
  studioFolder: string;
  /** The program of the processes that have models loaded. */
  inferenceWorker: string;
  /** The program of the servers of deployments that are language models. */
  inferenceServer: string;
  device: (typeof devices)[number];
  /** Folders with models, besides those of the programs that are known to keep some; in UPDRAFT_MODEL_FOLDERS as in PATH. */
  modelFolders: string[];
  user: string;
  /** Started by a client that needed a plane. */
  onDemand: boolean;
  /** Handed to job processes; the only place where the server looks at the process's environment. */
  environment: Record<string, string>;
}

/** Options over environment over defaults. */
export function configOf(options: ServeOptions, environment: NodeJS.ProcessEnv = process.env): Config {
  const dataFolder = path.resolve(options.dataFolder ?? dataFolderOf(environment));
  const { bucket, database } = storePlaces(options, environment);
  const isTeam = options.team ?? false;
  if (isTeam && options.token === 'none')
    throw new UserError('InvalidArgument', 'The plane of a team is not open to all.', 'Leave out --team, or --token none.');
  const publicUrl = originOf(options.publicUrl ?? environment.UPDRAFT_PUBLIC_URL, 'public address', 'https://host[:port]');
  if (options.listenAll && (options.token === 'none' || !publicUrl))
    throw new UserError(
      'InvalidArgument',
      'Only a control plane that is published listens on all addresses.',
      'Say where the proxy or balancer is, with --public-url, and do not give --token none.',
    );
  const onDemand = isOnDemand(environment);
  // Who opens an editor has not asked for traces of a control plane, whatever the variables are there for.
  const traces = traceSettings(options.otlpEndpoint, onDemand ? {} : environment);
  return {
    dataFolder,
    port: options.port || undefined,
    token: options.token === 'none' ? undefined : (options.token ?? tokenIn(options.tokenFile ?? environment.UPDRAFT_TOKEN_FILE)),
    isTokenNew: options.newToken ?? false,
    secretKeys: secretKeysOf(options.secretsKeyFile ?? environment.UPDRAFT_SECRETS_KEY_FILE, dataFolder, database !== undefined),
    openToAll: options.token === 'none',
    idleMs: (options.idleMinutes ?? (isTeam || database ? 0 : 30)) * 60_000,
    withRunner: options.withRunner ?? !isTeam,
    withOrchestrator: options.withOrchestrator ?? true,
    maxParallelJobs: options.maxParallelJobs,
    publicUrl,
    serverUrl: originOf(options.serverUrl ?? environment.UPDRAFT_SERVER_URL, 'address of the server', 'http://host:port'),
    address: options.listenAll ? '0.0.0.0' : '127.0.0.1',
    bucket,
    database,
    isTeam,
    signIn: signInSettings(options.signIn ?? {}, { isTeam, publicUrl }, environment.UPDRAFT_CLIENT_SECRET || undefined),
    auditDays: options.auditDays ?? 365,
    logFormat: logFormatOf(options.logFormat ?? environment.UPDRAFT_LOG_FORMAT),
    hookPlaces: allowedPlaces(options.allowHooksTo ?? []),
    mail: mailServerOf(options.smtp ?? {}),
    traces,
    studioFolder: environment.UPDRAFT_STUDIO_FOLDER ?? path.join(import.meta.dirname, 'webview'),
    inferenceWorker: program('../inference/worker/main.ts', 'inferenceWorker.mjs'),
    inferenceServer: program('../inference/server/main.ts', 'inferenceServer.mjs'),
    device: deviceOf(options.device ?? environment.UPDRAFT_DEVICE),
    modelFolders: (environment.UPDRAFT_MODEL_FOLDERS ?? '').split(path.delimiter).filter(Boolean),
    user: userName(),
    onDemand,
    environment: Object.fromEntries(
      Object.entries(withoutOwnVariables(environment)).filter(
        (entry): entry is [string, string] =>
          entry[1] !== undefined &&
          !entry[0].startsWith('ELECTRON_RUN_AS_NODE') &&
          !secretVariables.includes(entry[0]) &&
          !(database && entry[0] === 'PGPASSWORD') &&
          !(traces && traceSecrets.includes(entry[0])) &&
          !(bucket && bucketVariables.includes(entry[0])),
      ),
    ),
  };
}

/** Where the rows and the contents of a plane are, as `configOf` has it. Without a database: in a data folder. */
export function storePlaces(
  options: Pick<ServeOptions, 'database' | 'blobs'>,
  environment: NodeJS.ProcessEnv,
): { database: PostgresPlace | undefined; bucket: BucketOptions | undefined } {
  return {
    database: databaseOf(options.database ?? environment.UPDRAFT_DATABASE),
    bucket: bucketOf(options.blobs ?? environment.UPDRAFT_BLOBS, environment),
  };
}

const logFormats = ['text', 'json'] as const;

function logFormatOf(text: string | undefined): Config['logFormat'] {
  const format = logFormats.find((each) => each === (text || 'text'));
  if (!format) throw new UserError('InvalidValue', `There is no format "${text}" of the log.`, `Give one of: ${logFormats.join(', ')}.`);
  return format;
}

function deviceOf(text: string | undefined): Config['device'] {
  const device = devices.find((each) => each === (text || 'auto'));
  if (!device)
    throw new UserError('InvalidValue', `There is no device "${text}" for language models.`, `Give one of: ${devices.join(', ')}.`);
  return device;
}

/** What is for the plane alone, and not for its jobs. */
const secretVariables = ['UPDRAFT_DATABASE', 'UPDRAFT_TOKEN_FILE', 'UPDRAFT_SECRETS_KEY_FILE', 'UPDRAFT_CLIENT_SECRET'];

/** A database elsewhere may have several servers: a key in the data folder of one of them would be missing on the others. */
function secretKeysOf(file: string | undefined, dataFolder: string, isElsewhere: boolean): SecretKeys {
  if (file) return keysInFile(file);
  return isElsewhere ? noKeys : keyOfDataFolder(dataFolder);
}

/** Tokens are the keys of everything, so short ones are refused. */
const shortest = 32;

function tokenIn(file: string | undefined): string | undefined {
  if (!file) return undefined;
  let token: string;
  try {
    token = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new UserError('InvalidArgument', `The file of the token can't be read: ${messageOf(error)}.`);
  }
  if (!/^[\x21-\x7e]+$/.test(token) || token.length < shortest)
    throw new UserError(
      'InvalidValue',
      `The file ${file} has no token: that is one line of ${shortest} characters or more, without spaces.`,
      'Make one: openssl rand -base64 32.',
    );
  return token;
}

/** What opens the bucket of a plane is not for its jobs. */
const bucketVariables = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN'];

/** The bucket that an address names: `https://HOST/NAME`, or `s3://NAME` for one of AWS in the region AWS_REGION. */
function bucketOf(text: string | undefined, environment: NodeJS.ProcessEnv): BucketOptions | undefined {
  if (!text) return undefined;
  const region = environment.AWS_REGION || environment.AWS_DEFAULT_REGION || 'us-east-1';
  const name = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/?$/.exec(text)?.[1];
  const url = name ? `https://s3.${region}.amazonaws.com/${name}` : text.replace(/\/$/, '');
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (
    !parsed ||
    !/^https?:$/.test(parsed.protocol) ||
    !/^\/[^/]+$/.test(parsed.pathname) ||
    parsed.search ||
    parsed.hash ||
    parsed.username
  )
    throw new UserError('InvalidValue', `"${text}" names no bucket.`, 'Give s3://NAME, or https://HOST/NAME.');
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = environment;
  if (!accessKeyId || !secretAccessKey)
    throw new UserError('InvalidArgument', `There is no key for the bucket ${url}.`, 'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.');
  return { url, region, accessKeyId, secretAccessKey };
}

function databaseOf(text: string | undefined): PostgresPlace | undefined {
  if (!text) return undefined;
  const url = /^postgres(?:ql)?:\/\//.test(text) && URL.canParse(text) ? new URL(text) : undefined;
  if (!url)
    throw new UserError(
      'InvalidValue',
      'The address of the database is none of PostgreSQL.',
      'It looks like postgres://user:password@host:5432/database?schema=updraft.',
    );
  const schema = url.searchParams.get('schema') ?? 'updraft';
  url.searchParams.delete('schema');
  return { url: url.href, schema };
}

/** A program of ours beside this one: its source, or its bundle. */
const program = (source: string, bundle: string): string =>
  path.join(import.meta.dirname, import.meta.filename.endsWith('.ts') ? source : bundle);

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A container may run under an id that has no name.
    return 'user';
  }
}

/** An origin: http or https, a host, no path. */
function originOf(text: string | undefined, what: string, example: string): string | undefined {
  if (!text) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.search || url.hash || url.username)
    throw new UserError('InvalidValue', `The ${what} "${text}" is no origin.`, `Give it as ${example}, without a path.`);
  return url.origin;
}
