/** Says that a folder is an export, of which version of the format, and how much there is. Written last. */
export const manifestFile = 'manifest.json';
