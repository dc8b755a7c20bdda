import { deployModel, findDeployment, placeOf } from '../../src/client/deployModel.ts';
import { assetId } from '../../src/protocol/arm.ts';
import { useHost } from '../shared/host/host.ts';
import { useLive } from '../shared/live/useLive.ts';
import { Button } from '../shared/ui/fields.tsx';
import { Icon } from '../shared/ui/Icon.tsx';
import { PageLink } from '../shared/ui/PageLink.tsx';
import { plainText } from '../shared/ui/plainText.ts';
import { Failure } from '../shared/ui/states.tsx';
import { useAction } from '../shared/ui/useAction.ts';

const looks: Record<string, { icon: string; tone: string; text: string }> = {
  Succeeded: { icon: 'pass', tone: 'tone-passed', text: 'Serving' },
  Failed: { icon: 'error', tone: 'tone-failed', text: 'Failed' },
  Deleting: { icon: 'loading', tone: '', text: 'Being deleted' },
};
const starting = { icon: 'loading', tone: '', text: 'Starting' };

/** Deploys a version with one click, and tells what has become of that. */
export function DeployedModel({ name, version, canRun }: { name: string; version: string; canRun: boolean }) {
  const { client } = useHost();
  const { run, error, isRunning } = useAction();
  const { endpoint, deployment } = placeOf(name, version);
  const model = assetId(client.workspace, 'models', name, version);
  const { value } = useLive(
    `deployment of ${name}:${version}`,
    async (from) => {
      const found = await findDeployment(from, { endpoint, deployment });
      if (found.deployment?.properties.model !== model) return undefined;
      const { provisioningState = 'Succeeded', error: fault } = found.deployment.properties as {
        provisioningState?: string;
        error?: { message?: string };
      };
      const share = (found.endpoint?.properties.traffic as Record<string, number> | undefined)?.[deployment] ?? 0;
      return { state: provisioningState, share, fault: fault?.message };
    },
    ({ kind, id }) => (kind === 'endpoint' || kind === 'deployment') && (id === endpoint || id === `${endpoint}:${deployment}`),
  );
  const look = value && (looks[value.state] ?? starting);
  const isThere = value !== undefined && value.state !== 'Failed';
  return (
    <>
      {!isThere && (
        <Button secondary disabled={!canRun || isRunning} onClick={() => run(() => deployModel(client, name, version))}>
          {value ? 'Deploy again' : 'Deploy'}
        </Button>
      )}
      {look && (
        <p className="status-text" role="status">
          <Icon name={look.icon} className={look.tone} spin={look.icon === 'loading'} />
          <span>
            {look.text} at the endpoint <PageLink to={{ page: 'endpoint', name: endpoint, state: { deployment } }}>{endpoint}</PageLink>
            {value.state === 'Failed' ? '' : ` as ${deployment}, with ${value.share} % of its traffic`}
          </span>
        </p>
      )}
      {value?.state === 'Failed' && value.fault && <p className="tuned-fault">{plainText(value.fault, 600)}</p>}
      {error && <Failure error={error} />}
    </>
  );
}
