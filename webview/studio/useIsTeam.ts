import { useLive } from '../shared/live/useLive.ts';

/** Whether a team shares the plane; false until that is known. */
export function useIsTeam(): boolean {
  const { value } = useLive(
    'team',
    (client) => client.status(),
    () => false,
  );
  return value?.isTeam ?? false;
}
