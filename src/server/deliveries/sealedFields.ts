import type { SecretPlace } from '../secrets/secrets.ts';

/** What is sealed of a webhook or a notice. */
export const sealedFields = ['secret', 'url'] as const;

/** Where a sealed field of a webhook or notice belongs to: copied to another one, it is not opened. */
export const sealedAt = (workspace: string, kind: 'webhook' | 'notice', id: string, field: (typeof sealedFields)[number]): SecretPlace =>
  `${workspace}/${kind}s/${id}/${field}`;
