import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { readDockerfile } from '../../../src/spec/dockerfile/readDockerfile.ts';

describe('a Dockerfile', () => {
  const read = (text: string, files: Record<string, string> = {}) =>
    readDockerfile(text, { readText: (path) => files[path], address: (path) => `azureml://context/${path}` });
  const plan = (text: string, files: Record<string, string> = {}) => {
    const found = read(text, files);
    assert.ok('plan' in found, JSON.stringify(found));
    return found.plan;
  };
  const refusal = (text: string, files: Record<string, string> = {}) => {
    const found = read(text, files);
    assert.ok('refusal' in found, JSON.stringify(found));
    return `${found.refusal.line} ${found.refusal.instruction}: ${found.refusal.why}`;
  };

  it('that adds packages with pip becomes a list of packages', () => {
    const text = [
      '# syntax=docker/dockerfile:1',
      'ARG VERSION=3.10',
      'FROM python:${VERSION}-slim AS base',
      'ENV PIP_NO_CACHE_DIR=1 GREETING="hello you"',
      'LABEL owner=us',
      'WORKDIR /app',
      'COPY requirements.txt dev.txt ./',
      'RUN pip install --upgrade pip && \\',
      '    # what we need',
      "    pip install --no-cache-dir -r requirements.txt 'scipy>=1,<2' --extra-index-url https://example.org/simple; rm -rf /root/.cache",
      'CMD ["python"]',
    ].join('\n');
    assert.deepEqual(plan(text, { 'requirements.txt': 'numpy==1.2 # fast\n-r dev.txt\n', 'dev.txt': 'pytest\n' }), {
      image: 'python:3.10-slim',
      python: '3.10',
      packages: ['numpy==1.2', 'pytest', 'scipy>=1,<2', '--extra-index-url https://example.org/simple'],
      variables: { PIP_NO_CACHE_DIR: '1', GREETING: 'hello you' },
    });
  });

  it("of Azure's own kind is read: conda's environment, its path, its programs", () => {
    const text = `FROM mcr.microsoft.com/azureml/openmpi4.1.0-ubuntu20.04:latest
ENV AZUREML_CONDA_ENVIRONMENT_PATH /azureml-envs/sklearn
RUN conda create -p $AZUREML_CONDA_ENVIRONMENT_PATH python=3.8 pip=21.3.1 -c anaconda -c conda-forge -y
ENV PATH $AZUREML_CONDA_ENVIRONMENT_PATH/bin:$PATH
RUN $AZUREML_CONDA_ENVIRONMENT_PATH/bin/pip install 'numpy~=1.20' azureml-defaults==1.43
ENV LD_LIBRARY_PATH $AZUREML_CONDA_ENVIRONMENT_PATH/lib:$LD_LIBRARY_PATH
`;
    const { python, packages, variables } = plan(text);
    assert.deepEqual(
      { python, packages, variables },
      {
        python: '3.8',
        packages: ['pip==21.3.1.*', 'numpy~=1.20', 'azureml-defaults==1.43'],
        variables: {},
      },
    );
  });

  it('with a conda file takes what stands in it', () => {
    const conda = 'dependencies:\n  - python=3.9\n  - numpy=1.2\n  - pip:\n    - -r requirements.txt\n    - ./package\n';
    const text =
      'FROM mambaorg/micromamba\nCOPY . /tmp/\nRUN micromamba env update -n base -f /tmp/envs/conda.yml && micromamba clean --all -y';
    assert.deepEqual(plan(text, { 'envs/conda.yml': conda, 'envs/requirements.txt': 'six\n' }).packages, [
      'numpy==1.2.*',
      'six',
      'azureml://context/envs/package',
    ]);
  });

  it('with packages of its own takes them from the context', () => {
    const text =
      'FROM python:3.11\nCOPY src /opt/src\nCOPY *.whl /wheels/\nRUN cd /opt/src && pip install -e . /wheels/a-1.0-py3-none-any.whl';
    assert.deepEqual(plan(text).packages, ['-e azureml://context/src', 'azureml://context/a-1.0-py3-none-any.whl']);
  });

  it('that does more is refused by line and instruction', () => {
    const base = 'FROM python:3.11\n';
    assert.equal(
      refusal(`${base}# tools\nRUN apt-get update && apt-get install -y git`),
      '3 RUN apt-get update: only pip and conda are followed here, not "apt-get".',
    );
    assert.match(refusal('FROM nvidia/cuda:12.1'), /^1 FROM nvidia\/cuda:12\.1: it is not known as an image that has Python/);
    assert.match(refusal(`${base}FROM python:3.12`), /^2 FROM python:3\.12: a second image/);
    assert.match(refusal(`${base}RUN pip install a | tee log`), /^2 RUN pip install: only single commands/);
    assert.match(refusal(`${base}RUN pip install $(cat list)`), /only single commands/);
    assert.match(refusal(`${base}RUN pip install --no-deps a`), /pip's option --no-deps/);
    assert.match(refusal(`${base}RUN echo hi > /etc/motd`), /\/etc\/motd/);
    assert.match(refusal(`${base}RUN pip install -r missing.txt`), /missing\.txt does not come from beside the Dockerfile/);
    assert.match(refusal(`${base}COPY app /app`), /^2 COPY app: no installation reads it/);
    assert.match(refusal(`${base}ADD https://example.org/a.tgz /`), /^2 ADD https:.*downloaded/);
    assert.match(refusal(`${base}VOLUME /data`), /^2 VOLUME \/data/);
    assert.match(refusal(`${base}RUN <<EOF\npip install a\nEOF`), /^2 RUN <<EOF/);
    assert.match(refusal('# nothing'), /FROM: it is missing/);
    assert.match(refusal(`${base}COPY ["a", `), /^2 COPY/);
  });
});
