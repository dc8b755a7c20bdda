/** Whether the workbench has stored a state with this text; runs in its window. */
export async function isKept(text: string): Promise<boolean> {
  // State is JSON in JSON, so quotes are escaped once or more.
  for (const { name } of await indexedDB.databases()) {
    if (!name?.startsWith('vscode-web-state-db')) continue;
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const values = await new Promise<unknown[]>((resolve, reject) => {
      const request = database.transaction('ItemTable').objectStore('ItemTable').getAll();
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    database.close();
    if (values.some((value) => typeof value === 'string' && value.replaceAll('\\', '').includes(text))) return true;
  }
  return false;
}
