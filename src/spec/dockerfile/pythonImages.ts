/** Images that hold a Python and nothing else that jobs come for: how their addresses begin, and where their Python's version stands. */
const images: RegExp[] = [
  /^(?:.*\/)?python:(?<version>3\.\d+)/,
  /^(?:.*\/)?python(?::.*)?$/,
  /^mcr\.microsoft\.com\/(?:vscode\/)?devcontainers\/(?:python|miniconda|anaconda)(?::(?:[\d.]+-)?(?<version>3\.\d+)?.*)?$/,
  /^mcr\.microsoft\.com\/azureml\//,
  /^(?:.*\/)?mambaorg\/micromamba\b/,
  /^(?:.*\/)?condaforge\/(?:mambaforge|miniforge)/,
  /^(?:.*\/)?(?:continuumio\/)?(?:mini|ana)conda3\b/,
  /^ghcr\.io\/astral-sh\/uv:python(?<version>3\.\d+)/,
];

/** What is known of an image's Python; undefined for an image that is no Python image. */
export function pythonImage(image: string): { version: string | undefined } | undefined {
  for (const each of images) {
    const found = each.exec(image);
    if (found) return { version: found.groups?.version };
  }
  return undefined;
}
