import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { parse } from 'yaml';
import { setValue } from '../../../src/spec/setValue.ts';

const job = `type: command
command: echo
environment: azureml:e:1
inputs: {n: 3}
`;
const set = (assignment: string, text = job) => parse(setValue(text, assignment));

describe('--set', () => {
  it('makes the maps that are not there', () => {
    assert.deepEqual(set('tags.owner=me').tags, { owner: 'me' });
    assert.deepEqual(set('limits.timeout=60').limits, { timeout: 60 });
    assert.deepEqual(set('resources.instance_count=2').resources, { instance_count: 2 });
    assert.deepEqual(set('settings.force_rerun=true', 'type: pipeline\njobs: {}\n').settings, { force_rerun: true });
    assert.deepEqual(set('tags.a=b', 'type: command\ncommand: x\ntags:\n').tags, { a: 'b' });
    assert.deepEqual(set('image=ubuntu', ''), { image: 'ubuntu' });
    assert.deepEqual(set('a.b.c=1', '{}\n'), { a: { b: { c: 1 } } });
  });

  it('writes the value as its key wants it: a text stays one', () => {
    assert.equal(set('experiment_name=2024').experiment_name, '2024');
    assert.equal(set('description=a: b').description, 'a: b');
    assert.equal(set('command=echo {x} [y]').command, 'echo {x} [y]');
    assert.equal(set('display_name=').display_name, '');
    assert.equal(set('tags.build=007').tags.build, '007');
    assert.equal(set('resources.instance_count=02').resources.instance_count, 2);
    assert.equal(set('inputs.n=0.5').inputs.n, 0.5);
    assert.equal(set('inputs.n=007').inputs.n, '007');
    assert.equal(set('inputs.n=a,b=c').inputs.n, 'a,b=c');
    assert.equal(set('inputs.flag=true').inputs.flag, true);
    assert.equal(set('settings.force_rerun=False', 'type: pipeline\njobs: {}\n').settings.force_rerun, false);
  });

  it('leaves alone what an alias stands for, and changes items of lists', () => {
    const text = 'type: command\ncommand: x\nenvironment_variables: &a {A: b}\ntags: *a\n';
    const changed = set('tags.A=c', text);
    assert.deepEqual([changed.tags.A, changed.environment_variables.A], ['c', 'b']);
    assert.deepEqual(set('a[1].b=2', 'a: [{b: 0}, {b: 1}]\n').a, [{ b: 0 }, { b: 2 }]);
    assert.deepEqual(set('a.0.b=2', 'a: [{b: 0}]\n').a, [{ b: 2 }]);
  });

  it('takes lists and maps', () => {
    assert.deepEqual(set('b=[1, {x: y}]', 'a: 1\n').b, [1, { x: 'y' }]);
  });

  it('leaves everything else as it is written', () => {
    const text = '# why\na: 010\nb: 1_000 # much\nc: yes\ne: 12345678901234567890\nf: "q"\ng: 1.50\n';
    assert.equal(setValue(text, 'f=r'), text.replace('"q"', 'r'));
    assert.equal(setValue('a: 1\na: 2\n', 'a=3'), 'a: 3\n');
  });

  it('refuses what can not be set', () => {
    assert.throws(() => set('b=2', 'a: [1\n'), /no valid YAML/);
    assert.throws(() => set('inputs.n.path=x'), /"inputs.n" is a plain value, not a map/);
    assert.throws(() => set('inputs'), /has no "="/);
  });
});
