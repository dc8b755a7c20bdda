import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import { writeIn } from './writeIn.ts';

const program = path.resolve(import.meta.dirname, '../../dist/updraft.mjs');
const component =
  '$schema: https://azuremlschemas.azureedge.net/latest/commandComponent.schema.json\ntype: command\nenvironment: {image: python}\n';
const job = (more = '') => `type: command\ncommand: x\nenvironment: azureml:e:1\n${more}`;

describe('updraft validate', () => {
  let folder: string;
  const write = (name: string, text: string) => writeIn(folder, name, text);
  const run = (...words: string[]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, 'validate', ...words], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, UPDRAFT_HOME: path.join(folder, '.home') },
    });
    return { status, stdout, stderr };
  };
  before(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'updraft-validate-'));
    write('wrong.yml', job('commnd: x\n'));
    write('sub/fine.yml', job('inputs: {a: 1} # updraft-ignore UnusedInput\n'));
    write('sub/compose.yaml', 'services:\n  web:\n    image: x\n    comand: y\n');
    write('node_modules/other.yml', job('commnd: x\n'));
    symlinkSync('..', path.join(folder, 'sub/around'));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('goes through folders once, past foreign files, and answers one array of findings', () => {
    const { status, stdout } = run('.', '--format', 'json');
    assert.equal(status, 1);
    assert.deepEqual(JSON.parse(stdout), [
      {
        file: 'wrong.yml',
        line: 4,
        column: 1,
        endLine: 4,
        endColumn: 7,
        severity: 'error',
        code: 'UnknownKey',
        message: '"commnd" is not a key of a command job. Did you mean "command"?',
      },
    ]);
  });

  it('writes SARIF and the commands of GitHub', () => {
    const sarif = JSON.parse(run('.', '--format', 'sarif').stdout);
    const [result] = sarif.runs[0].results;
    assert.equal(result.ruleId, 'UnknownKey');
    assert.ok(sarif.runs[0].tool.driver.rules.some((rule: { id: string }) => rule.id === 'UnknownKey'));
    assert.deepEqual(result.locations[0].physicalLocation.artifactLocation, { uri: 'wrong.yml' });
    assert.match(
      run('.', '--format', 'github').stdout,
      /^::error file=wrong\.yml,line=4,endLine=4,col=1,endColumn=7,title=UnknownKey::"commnd" is not/m,
    );
  });

  it('exits with 0, 1 or 2', () => {
    assert.equal(run('sub/fine.yml').status, 0);
    assert.equal(run('wrong.yml').status, 1);
    assert.equal(run('nowhere.yml').status, 1);
    assert.equal(run('.', '--format', 'xml').status, 2);
    assert.equal(run().status, 2);
  });

  it('takes severities and exclusions from .updraft.yml, and says what is wrong with it', () => {
    write('settings/job.yml', job('commnd: x\ndescription: 3\n'));
    write('settings/old/job.yml', job('commnd: x\n'));
    write('settings/.updraft.yml', 'validate:\n  exclude: [old/]\n  severities: {UnknownKey: warning, WrongType: off}\n');
    const { status, stdout } = run('settings', '--config', 'settings/.updraft.yml', '--format', 'json');
    assert.equal(status, 0);
    assert.deepEqual(
      JSON.parse(stdout).map(({ file, severity, code }: Record<string, string>) => [file, severity, code]),
      [['settings/job.yml', 'warning', 'UnknownKey']],
    );
    write('settings/bad.yml', 'validate:\n  severities: {UnknwnKey: off}\n');
    const bad = run('settings', '--config', 'settings/bad.yml');
    assert.equal(bad.status, 2);
    assert.match(bad.stderr, /no code "UnknwnKey"[\s\S]*Did you mean "UnknownKey"/);
  });

  it('forgets a kept result when the file or one that it names changes', () => {
    write(
      'kept/train.yml',
      'type: command\nname: train\ninputs: {rate: {type: number}}\ncommand: x ${{inputs.rate}}\nenvironment: azureml:e:1\n',
    );
    write('kept/pipeline.yml', 'type: pipeline\nexperiment_name: e\njobs:\n  a: {component: ./train.yml, inputs: {rate: 1}}\n');
    assert.equal(run('kept/pipeline.yml').status, 0);
    assert.equal(run('kept/pipeline.yml').status, 0);
    write(
      'kept/train.yml',
      'type: command\nname: train\ninputs: {speed: {type: number}}\ncommand: x ${{inputs.speed}}\nenvironment: azureml:e:1\n',
    );
    assert.match(run('kept/pipeline.yml').stdout, /UnknownInput/);
    rmSync(path.join(folder, 'kept/train.yml'));
    assert.match(run('kept/pipeline.yml').stdout, /The component \.\/train\.yml does not exist/);
  });

  it('measures code folders, and again when what they leave out changes', () => {
    write('big/src/train.py', 'x');
    write('big/src/rows.csv', '');
    truncateSync(path.join(folder, 'big/src/rows.csv'), 400_000_000);
    write('big/job.yml', 'type: command\ncommand: x\nenvironment: {image: x}\ncode: ./src\n');
    assert.match(run('big/job.yml').stdout, /4:7[\s\S]*400 MB[\s\S]*SnapshotTooLarge/);
    assert.equal(run('big/job.yml').status, 1);
    write('big/src/.gitignore', '*.csv\n');
    assert.equal(run('big/job.yml').status, 0);
    write('big/src/.amlignore', '');
    assert.equal(run('big/job.yml').status, 1, '.amlignore stands in place of .gitignore');
    rmSync(path.join(folder, 'big'), { recursive: true });
  });

  it('reads UTF-16', () => {
    const text = job('commnd: x\n');
    writeFileSync(path.join(folder, 'little.yml'), Buffer.from(`\ufeff${text}`, 'utf16le'));
    writeFileSync(path.join(folder, 'big.yml'), Buffer.from(`\ufeff${text}`, 'utf16le').swap16());
    writeFileSync(path.join(folder, 'marked.yml'), `\ufeff${text}`);
    for (const name of ['little.yml', 'big.yml', 'marked.yml'])
      assert.match(run(name, '--no-cache').stdout, new RegExp(`${name}:4:1: error: "commnd" is not a key`), name);
  });

  it('wants no name of a component that a step of a checked file names', () => {
    write('parts/trial.yml', 'inputs:\n  rate: {type: number}\n'.concat(component, 'command: echo ${{inputs.rate}}\n'));
    write('parts/alone.yml', `${component}command: x\n`);
    write(
      'parts/pipeline.yml',
      'type: pipeline\nsettings: {default_compute: azureml:c}\njobs:\n  s:\n    type: sweep\n    trial: ./trial.yml\n    search_space: {rate: {type: uniform, min_value: 0, max_value: 1}}\n    sampling_algorithm: random\n    objective: {goal: maximize, primary_metric: score}\n    limits: {max_total_trials: 2}\n',
    );
    for (const how of [[], [], ['--no-cache']])
      assert.deepEqual(
        JSON.parse(run('parts', '--format', 'json', ...how).stdout).map((each: Record<string, string>) => [each.file, each.code]),
        [['parts/alone.yml', 'MissingField']],
      );
    assert.match(run('parts/trial.yml').stdout, /"name" is missing/);
  });

  it('asks a plane for the names when told so', () => {
    const offline = run('sub/fine.yml');
    assert.doesNotMatch(offline.stdout, /AssetNotFound/);
    try {
      const online = run('sub/fine.yml', '--online');
      assert.equal(online.status, 0, online.stderr);
      assert.match(online.stdout, /warning: There is no environment "e" on the plane \(azureml:e:1\)\. \[AssetNotFound\]/);
    } finally {
      spawnSync(process.execPath, [program, 'stop'], { cwd: folder, env: { ...process.env, UPDRAFT_HOME: path.join(folder, '.home') } });
    }
  });
});
