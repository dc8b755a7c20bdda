import { randomUUID } from 'node:crypto';
import * as Type from 'typebox';
import { workspacePath } from '../../../protocol/arm.ts';
import { check } from '../../../protocol/check.ts';
import { secureOrigin } from '../../origin.ts';
import { codeContainerName } from '../storage/blobSource.ts';
import { type ArmRequest, jsonBody, withoutNulls } from './request.ts';

const Body = Type.Object({ pendingUploadType: Type.Optional(Type.String()), pendingUploadId: Type.Optional(Type.String()) });
const uploadHours = 24;

/** `POST …/versions/{v}/startPendingUpload`: a fresh container for the files to come, and a signed URL for it. */
export async function pendingUpload({ c, ref, services }: ArmRequest): Promise<Response> {
  const body = check(Body, withoutNulls(await jsonBody(c)), 'The request');
  const id = randomUUID();
  const container = codeContainerName(id);
  const blobUri = `${await secureOrigin(c, services)}/${container}`;
  const sas = services.sas.sign({
    container,
    permissions: 'rcwl',
    expiresAt: Date.now() + uploadHours * 3_600_000,
    principal: services.principal,
    workspace: services.workspace,
  });
  return c.json({
    pendingUploadId: id,
    pendingUploadType: body.pendingUploadType ?? 'TemporaryBlobReference',
    blobReferenceForConsumption: {
      blobUri,
      storageAccountArmId: `${workspacePath(ref).split('/providers/')[0]}/providers/Microsoft.Storage/storageAccounts/local`,
      credential: { credentialType: 'SAS', sasUri: `${blobUri}?${sas}` },
    },
  });
}
