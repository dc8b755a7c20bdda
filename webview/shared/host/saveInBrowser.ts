/** Hands a file to the browser, which saves it as its user has set. */
export function saveInBrowser(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The download has begun by then; the content itself stays until it ends.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
