import type { Cause } from './cause.ts';

/** Other programs and machines. */
export const services: Cause[] = [
  {
    id: 'certificate',
    says: /CERTIFICATE_VERIFY_FAILED|SSLCertVerificationError/,
    why: 'The certificate of a server is not trusted here.',
    fix: 'Behind a proxy set REQUESTS_CA_BUNDLE and SSL_CERT_FILE to the certificates of your organisation.',
  },
  {
    id: 'gated-model',
    says: /GatedRepoError|Access to model \S+ is restricted|401 Client Error.*huggingface/,
    why: 'The model on Hugging Face needs its licence accepted, and a token.',
    fix: 'Accept the licence on its page, and give the job HF_TOKEN as an environment variable.',
  },
  {
    id: 'model-unknown',
    says: /is not a local folder and is not a valid model identifier|Can't load (?:tokenizer|the configuration|the model) (?:for|of) '(?<name>[^']+)'|RepositoryNotFoundError/,
    why: 'There is no such model on Hugging Face, and no such folder here.',
    fix: 'Compare the name with the page of the model. A model of your own is given as an input.',
  },
  {
    id: 'azure-credentials',
    says: /DefaultAzureCredential failed|CredentialUnavailableError|ClientAuthenticationError|AADSTS\d+/,
    why: 'The script signs in to Azure and has nothing to do it with.',
    fix: 'Sign in with "az login" where the job runs, or give it AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET.',
  },
  {
    id: 'param-changed',
    says: /Changing param values is not allowed|INVALID_PARAMETER_VALUE.*param/,
    why: 'The script logs a parameter a second time with another value, which MLflow refuses.',
    fix: 'Log it once, or use a metric or a tag for what changes. Autologging may log the same name.',
  },
  {
    id: 'run-active',
    says: /Run with UUID \w+ is already active/,
    why: 'The script starts a run inside of a run.',
    fix: 'Use the run of the job (mlflow.log_metric works without start_run), or mlflow.start_run(nested=True).',
  },
  {
    id: 'port',
    says: /Address already in use|EADDRINUSE|\[Errno 98\]/,
    why: 'Another program uses the network port.',
    fix: 'Choose another one: for torchrun --master-port, or MASTER_PORT in the environment.',
  },
  {
    id: 'rate-limit',
    says: /429 (?:Client Error|Too Many Requests)|RateLimitError|rate limit/i,
    why: 'A service refused because it was asked too often.',
    fix: 'Wait and try again, ask less at a time, or sign in: limits are lower for who does not.',
  },
  {
    id: 'forbidden',
    says: /\b(?:401|403) Client Error|HTTP Error (?:401|403)|AuthorizationFailure|AccessDenied/,
    why: 'A server refused access.',
    fix: 'See that the token or key is in the environment of the job and still valid.',
  },
  {
    id: 'name-resolution',
    says: /Temporary failure in name resolution|Name or service not known|getaddrinfo failed|nodename nor servname/,
    why: 'The name of a server can not be resolved: there is no network, or the name is wrong.',
    fix: 'Look at the connection and a proxy (HTTPS_PROXY). Offline give models and data as inputs, and set HF_HUB_OFFLINE=1.',
  },
  {
    id: 'connection',
    says: /Connection refused|ConnectionError|Max retries exceeded|Connection reset by peer|RemoteDisconnected/,
    why: 'A server could not be reached.',
    fix: 'See that it runs and that address and port are right. "localhost" is the machine that runs the job.',
  },
  {
    id: 'timeout',
    says: /(?:Read|Connect)?Timeout(?:Error)?\b.*|timed out/,
    why: 'Something did not answer in time.',
    fix: 'Try again. For distributed jobs: another of its processes may have ended before; look at its log.',
  },
  {
    id: 'child-failed',
    says: /ChildFailedError|torch\.distributed\.elastic\.multiprocessing/,
    why: 'One of the processes of the distributed job failed, and the others were ended.',
    fix: 'The reason is in the log of the process that failed first, above these lines.',
  },
];
