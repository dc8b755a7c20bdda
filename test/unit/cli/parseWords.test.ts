import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { commands } from '../../../src/cli/commands.ts';
import { optionsOf } from '../../../src/cli/commonOptions.ts';
import { commandsOf, findCommand } from '../../../src/cli/findCommand.ts';
import { parseWords } from '../../../src/cli/parseWords.ts';

const parse = (line: string) => {
  const { command, words, asAz } = findCommand(commands, line.split(' '));
  return { name: command.names[0], ...parseWords(words, command, asAz) };
};

describe('the words of a command line', () => {
  it('name a command in both of its spellings', () => {
    for (const line of ['job create', 'job submit', 'ml job create', 'ml job submit']) assert.equal(parse(line).name, 'job create', line);
    assert.equal(parse('ml job create').asAz, true);
    assert.equal(parse('job create').asAz, false);
    assert.equal(parse('store check').name, 'store check');
  });

  it('give --set several pairs, at once or one by one', () => {
    const one = parse('ml job create -f F --set a=1 b=2 -g G --set c=d=e -w W --stream');
    assert.deepEqual(one.values, { file: 'F', set: ['a=1', 'b=2', 'c=d=e'], 'resource-group': 'G', 'workspace-name': 'W', stream: true });
    assert.deepEqual(one.positionals, []);
  });

  it('may shorten an option, and say true or false of a flag', () => {
    assert.equal(parse('ml online-deployment create --endpoint e').values['endpoint-name'], 'e');
    assert.equal(parse('ml online-deployment create --local false').values.local, false);
    assert.equal(parse('ml job list --all-results True').values['all-results'], true);
    assert.deepEqual(parse('job show NAME').positionals, ['NAME']);
    assert.deepEqual(parse('validate --online a.yml true').positionals, ['a.yml', 'true']);
  });

  it('are refused where they are wrong, with the nearest right ones', () => {
    const wrong: [string, RegExp][] = [
      ['job sumbit', /no command "job sumbit"/],
      ['ml serve', /no command "serve"/],
      ['job list --serach x', /no option --serach/],
      ['job list -o xml', /--output can't be "xml"/],
      ['job list --max-results many', /must be a whole number/],
      // Two options begin so.
      ['job list --a', /no option --a/],
      ['ml feature-store create', /feature stores need Azure/],
      ['ml job connect-ssh', /runs on this machine/],
    ];
    for (const [line, message] of wrong) assert.throws(() => parse(line), message, line);
  });

  it('take what az is told of a sign-in', () => {
    assert.deepEqual(parse('login --service-principal -u me -p secret --tenant t').name, 'login');
    assert.equal(parse('extension add -n ml -y').name, 'extension add');
    assert.deepEqual(parse('configure --defaults group=g workspace=w').values.defaults, ['group=g', 'workspace=w']);
  });
});

describe('the declarations of commands', () => {
  it('have each name and each letter once', () => {
    const names = commands.flatMap((command) => command.names);
    assert.equal(new Set(names).size, names.length);
    for (const command of commands) {
      const letters = Object.values(optionsOf(command)).flatMap(({ short }) => short ?? []);
      assert.equal(new Set(letters).size, letters.length, `${command.names[0]}: ${letters}`);
    }
  });

  it('have the groups that CI calls', () => {
    const groups = new Set(commandsOf(commands, true).map(({ names }) => names[0].split(' ')[0]));
    for (const group of [
      'job',
      'data',
      'environment',
      'component',
      'model',
      'compute',
      'schedule',
      'datastore',
      'workspace',
      'online-endpoint',
    ])
      assert.ok(groups.has(group), group);
  });
});
