import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { loadSpec } from '../../../src/spec/load.ts';

describe('what is found about an environment', () => {
  const findings = (files: Record<string, string>, mustRunHere = false) => {
    const all: Record<string, string> = Object.fromEntries(Object.entries(files).map(([name, text]) => [`/work/${name}`, text]));
    const source = {
      readText: (path: string) => all[path],
      kind: (path: string) =>
        all[path] !== undefined
          ? ('file' as const)
          : Object.keys(all).some((each) => each.startsWith(`${path}/`))
            ? ('folder' as const)
            : undefined,
    };
    return loadSpec('/work/job.yml', source, { mustBeOurs: true, mustRunHere }).diagnostics.map(
      ({ code, severity, message, range }) => `${range.start.line} ${severity} ${code}: ${message}`,
    );
  };
  const job = (environment: string) => `type: command\ncommand: echo\nenvironment:\n  image: python\n  ${environment}\n`;
  const conda = (text: string, more: Record<string, string> = {}, mustRunHere = false) =>
    findings({ 'job.yml': job('conda_file: conda.yml'), 'conda.yml': text, ...more }, mustRunHere);
  const build = (text: string, mustRunHere = false) =>
    findings({ 'job.yml': 'type: command\ncommand: echo\nenvironment:\n  build: {path: ctx}\n', 'ctx/Dockerfile': text }, mustRunHere);

  it('is nothing where it can be made', () => {
    assert.deepEqual(conda('dependencies: [python=3.8, pip, {pip: ["-r more.txt", six]}]', { 'more.txt': '' }), []);
    assert.deepEqual(build('FROM python:3.11\nRUN pip install six'), []);
  });

  it('is what a conda file asks for that is not to be had', () => {
    assert.deepEqual(conda('dependencies: [python=3.6]'), [
      '5 information UnsupportedKind: conda.yml asks for Python 3.6, but environments are made here from Python 3.7 on.',
    ]);
    assert.deepEqual(conda('dependencies: [{pip: ["-r more.txt"]}]'), [
      '5 warning MissingFile: The line "-r more.txt" of conda.yml leads to nothing.',
    ]);
    assert.deepEqual(conda('dependencies: 3'), ['5 warning InvalidValue: conda.yml: The conda file has no list "dependencies".']);
    assert.match(conda('dependencies: [python=3.6]', {}, true)[0]!, /^5 error/);
  });

  it('is the line of a Dockerfile that does more than add packages', () => {
    const [said] = build('FROM python:3.11\nRUN make');
    assert.match(said!, /^4 information UnsupportedKind: .*: line 2, RUN make: only pip and conda/);
    assert.match(build('FROM python:3.11\nRUN make', true)[0]!, /^4 error/);
  });
});
