import type { SecretStorage } from 'vscode';

const key = 'updraft.hubToken';

/** The person's own access token of the Hugging Face Hub, in the editor's store of secrets. It is sent to the plane with the request that needs it, and kept nowhere else. */
export class HubToken {
  private readonly secrets: Pick<SecretStorage, 'get' | 'store' | 'delete'>;

  constructor(secrets: Pick<SecretStorage, 'get' | 'store' | 'delete'>) {
    this.secrets = secrets;
  }

  read = (): PromiseLike<string | undefined> => this.secrets.get(key);

  /** Keeps a token in the place of the last one; '' forgets it. */
  write(token: string): PromiseLike<void> {
    return token ? this.secrets.store(key, token) : this.secrets.delete(key);
  }
}
