import { useHost } from '../shared/host/host.ts';
import { Failure } from '../shared/ui/states.tsx';
import { useAction } from '../shared/ui/useAction.ts';

/** Which member of the team looks at the page, and the way out for who has signed in. */
export function Account() {
  const { client, member } = useHost();
  const action = useAction();
  if (!member) return null;
  const signOut = (everywhere: boolean) =>
    action.run(async () => {
      await client.signOut(everywhere);
      location.assign('/sign-in');
    });
  const roles = member.roles?.map(({ role }) => role) ?? [];
  return (
    <details className="account">
      <summary title={member.name}>{member.displayName}</summary>
      <div className="account-menu">
        <p>{member.name}</p>
        <p className="dim">{roles.length > 0 ? [...new Set(roles)].join(', ') : 'No role yet: an Owner gives you one.'}</p>
        {member.groupsNote && <p className="dim">{member.groupsNote}</p>}
        {member.by === 'session' ? (
          <>
            <button type="button" className="link" disabled={action.isRunning} onClick={() => signOut(false)}>
              Sign out
            </button>
            <button type="button" className="link" disabled={action.isRunning} onClick={() => signOut(true)}>
              Sign out everywhere
            </button>
          </>
        ) : (
          <p className="dim">With a personal token, for this tab.</p>
        )}
        {action.error && <Failure error={action.error} />}
      </div>
    </details>
  );
}
