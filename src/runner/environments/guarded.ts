/** Variables of a person's shell that would lead pip elsewhere than to the environment in which it runs. */
const leadsElsewhere = new Set([
  'PIP_TARGET',
  'PIP_PREFIX',
  'PIP_ROOT',
  'PIP_USER',
  'PIP_PYTHON',
  'PYTHONHOME',
  'PYTHONUSERBASE',
  'UV_SYSTEM_PYTHON',
  'UV_TARGET',
  'UV_PREFIX',
]);

/** The variables of a machine for a job's command, so that no pip changes a Python of the machine's user: one that runs in no virtual environment refuses. */
export function guarded(environment: Record<string, string>): Record<string, string> {
  const kept = Object.entries(environment).filter(([name]) => !leadsElsewhere.has(name));
  return { ...Object.fromEntries(kept), PIP_REQUIRE_VIRTUALENV: '1' };
}
