import type { Static } from 'typebox';
import * as Type from 'typebox';

/** The name of our cloud for Azure's clients. Never one of Azure's own names: those are built in and win. */
export const azureCloud = 'Updraft';

/**
 * Answer of `GET /updraft/azure`: what Azure's clients have to be told. URLs are origins without a final slash. `authorityFile` is a PEM file of the plane's machine; it is absent where the plane
 * is published by https, with a certificate that clients trust already.
 */
export const AzureAccess = Type.Object({
  url: Type.String(),
  armUrl: Type.String(),
  authorityFile: Type.Optional(Type.String()),
  identitySecret: Type.String(),
});
export type AzureAccess = Static<typeof AzureAccess>;
