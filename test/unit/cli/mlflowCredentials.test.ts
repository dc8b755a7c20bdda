import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { mlflowCredentials as credentialsOf } from '../../../src/cli/mlflowCredentials.ts';
import { writeIn } from '../../contract/writeIn.ts';

describe('what opens an MLflow server', () => {
  const server = 'https://mlflow.example.org/base';
  let home = '';
  before(() => {
    home = mkdtempSync(path.join(tmpdir(), 'updraft-'));
  });
  after(() => rmSync(home, { recursive: true, force: true }));
  const mlflowCredentials = (url: string, environment: NodeJS.ProcessEnv) => credentialsOf(url, environment, home);
  const user = { MLFLOW_TRACKING_USERNAME: 'ann', MLFLOW_TRACKING_PASSWORD: 'secret' };

  it('is what the variables of its client say, a name and password first', () => {
    const uri = { MLFLOW_TRACKING_URI: 'https://mlflow.example.org' };
    assert.deepEqual(mlflowCredentials(server, { ...uri, MLFLOW_TRACKING_TOKEN: 't' }), { token: 't' });
    assert.deepEqual(mlflowCredentials(server, { ...uri, ...user, MLFLOW_TRACKING_TOKEN: 't' }), { username: 'ann', password: 'secret' });
    assert.deepEqual(mlflowCredentials(server, user), { username: 'ann', password: 'secret' });
  });

  it('is what its client keeps in its file', () => {
    writeIn(
      home,
      '.mlflow/credentials',
      '[other]\nmlflow_tracking_username = bob\n\n[mlflow]\nmlflow_tracking_username = ann\nmlflow_tracking_password = a = b\n',
    );
    assert.deepEqual(mlflowCredentials(server, {}), { username: 'ann', password: 'a = b' });
    assert.deepEqual(mlflowCredentials(server, user), { username: 'ann', password: 'secret' });
    rmSync(path.join(home, '.mlflow'), { recursive: true });
  });

  it('is never what opens another server', () => {
    const other = { MLFLOW_TRACKING_URI: 'https://updraft.example.org' };
    assert.equal(mlflowCredentials(server, { ...other, ...user, MLFLOW_TRACKING_TOKEN: 't' }), undefined);
    // Without an address it may be the token of a control plane.
    assert.equal(mlflowCredentials(server, { MLFLOW_TRACKING_TOKEN: 't' }), undefined);
  });
});
