/** Before the keys of what the machine did, as MLflow names it; the runner measures it while a job runs. */
const prefix = 'system/';

/** Whether a metric tells of the machine, not of what the script logged. */
export const isSystemMetric = (key: string): boolean => key.startsWith(prefix);
