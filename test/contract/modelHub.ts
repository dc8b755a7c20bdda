import { ModelServer, sha256 } from './modelServer.ts';

export const hubCommit = 'c0ffee'.padEnd(40, '0');
export const hubLicense = 'You may do nothing on Tuesdays.';

/** A Hugging Face Hub on loopback with one repository, `org/chat`, of these files. */
export async function startHub(files: Record<string, Buffer>): Promise<ModelServer> {
  const server = await new ModelServer().start();
  for (const [name, bytes] of Object.entries(files)) server.files.set(hubPath(name), { bytes });
  server.files.set(hubPath('LICENSE'), { bytes: Buffer.from(hubLicense) });
  const siblings = Object.entries(files).map(([rfilename, bytes]) => ({
    rfilename,
    size: bytes.length,
    lfs: { sha256: sha256(bytes), size: bytes.length },
  }));
  for (const revision of ['main', hubCommit])
    server.json.set(`/api/models/org/chat/revision/${revision}`, {
      sha: hubCommit,
      cardData: { license: 'other', license_name: 'tuesday' },
      siblings: [...siblings, { rfilename: 'LICENSE', size: hubLicense.length }],
    });
  server.json.set('/api/models', [{ id: 'org/chat', downloads: 1234, tags: ['gguf', 'license:mit'], gated: false }]);
  return server;
}

/** Where the hub has a file of its repository. */
export const hubPath = (file: string): string => `/org/chat/resolve/${hubCommit}/${file}`;
